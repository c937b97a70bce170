// Shows /_emulator/dashboard as it changes. The page's HTML says what goes where, by attributes:
//
//   data-text, data-title              the value at this path, as it is, between the tags or in the
//                                      title
//   data-number                        likewise as a number
//   data-usd, data-price               likewise as money; a price with four decimal places
//   data-time                          how far away a time is, and exactly when in the title
//   data-badge, data-status            a word, or an HTTP status, with a colour of its own
//   data-life                          how much is left of the time between two, as a share
//   data-share                         a number from 0 to 1 for the style sheet
//   data-when, data-dim                shown, or dimmed, if the value is there ("!": if it is not)
//   data-list, data-key, data-empty    one copy of the <template> for each item; what is shown if
//                                      there is none. Items are told apart by data-key ("id")
//   data-few                           of a list: only the first are shown until more are asked for
//
// Every value is put in as text, never as HTML.

const EVERY_MS = 1000;
const FEW = 6;

const byId = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
const usd = (places) =>
  new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: places,
    maximumFractionDigits: 8,
  });
const money = usd(2);
const prices = usd(4);

const shown = new Map(); // list element -> JSON of what it shows
const expanded = new Set(); // names of lists of which everything is shown
let selection = new URLSearchParams(location.search);
let marketClock = null; // { now, since }: the market's time in ms, and when that was read

// ---- reading ----------------------------------------------------------------------------------

const at = (path, data) => path.split(".").reduce((value, name) => value?.[name], data);

function holds(path, data) {
  return path.startsWith("!") ? !at(path.slice(1), data) : Boolean(at(path, data));
}

const sum = (items, name) => items.reduce((total, item) => total + Number(item[name]), 0);

// ---- time -------------------------------------------------------------------------------------

const marketNow = () => marketClock.now + performance.now() - marketClock.since;

function distance(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

function relative(moment) {
  const seconds = (moment - marketNow()) / 1000;
  if (Math.abs(seconds) < 2) return "just now";
  return seconds > 0 ? `in ${distance(seconds)}` : `${distance(-seconds)} ago`;
}

const exact = (moment) => new Date(moment).toISOString().replace("T", " ").replace("Z", " UTC");

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tellTimes() {
  for (const element of document.querySelectorAll("time[data-time][datetime]")) {
    setText(element, relative(Date.parse(element.dateTime)));
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const { from, until } = element.dataset;
    SETTERS.share(element, Math.max(0, (until - marketNow()) / (until - from)));
  }
  if (marketClock) {
    const clock = byId("clock");
    clock.dateTime = new Date(marketNow()).toISOString();
    setText(clock, exact(marketNow()).replace(/\.\d+/, ""));
  }
}

// ---- writing ----------------------------------------------------------------------------------

const SETTERS = {
  text: (element, value) => setText(element, value ?? ""),
  number: (element, value) => setText(element, numbers.format(value ?? 0)),
  usd: (element, value) => setText(element, value == null ? "–" : money.format(value)),
  price: (element, value) => setText(element, value == null ? "–" : prices.format(value)),
  share: (element, value) => element.style.setProperty("--share", value),
  badge: (element, value) => {
    setText(element, value);
    element.dataset.kind = value;
  },
  life: (element, _value, data) => {
    const [from, until] = element.dataset.life.split(" ").map((path) => Date.parse(at(path, data)));
    Object.assign(element.dataset, { from, until });
  },
  title: (element, value) => (element.title = value ?? ""),
  status: (element, value) => {
    setText(element, value ?? "no answer");
    element.dataset.kind = value ? `${String(value)[0]}xx` : "none";
  },
  time: (element, value) => {
    element.dateTime = value ?? "";
    element.title = value ? exact(Date.parse(value)) : "";
  },
};

// Fills an element and what is in it, except for lists and their templates.
function fill(root, data) {
  const selector = (name) => `[data-${name}]`;
  const all = (name) => {
    const found = [...root.querySelectorAll(selector(name))];
    return root.matches?.(selector(name)) ? [root, ...found] : found;
  };
  const mine = (element) => !element.parentElement?.closest("[data-list]") || root.dataset.item;
  for (const [name, set] of Object.entries(SETTERS)) {
    for (const element of all(name)) {
      if (mine(element)) set(element, at(element.dataset[name], data), data);
    }
  }
  for (const element of all("when")) {
    if (mine(element)) element.hidden = !holds(element.dataset.when, data);
  }
  for (const element of all("dim")) element.classList.toggle("dim", holds(element.dataset.dim, data));
}

function fillList(list, data) {
  const name = list.dataset.list;
  const items = at(name, data) ?? [];
  const text = JSON.stringify([items, expanded.has(name)]);
  if (shown.get(list) === text) return;
  const first = !shown.has(list);
  shown.set(list, text);

  const template = list.querySelector("template");
  const key = list.dataset.key ?? "id";
  const before = new Map([...list.children].map((row) => [row.dataset.item, row]));
  const isLong = "few" in list.dataset && items.length > FEW + 1;
  const visible = isLong && !expanded.has(name) ? items.slice(0, FEW) : items;
  const rows = visible.map((item) => {
    const known = before.get(String(item[key]));
    const row = known ?? template.content.firstElementChild.cloneNode(true);
    row.dataset.item = item[key];
    fill(row, item);
    if (!known && !first) row.classList.add("fresh");
    return row;
  });
  if ("reversed" in list.dataset) rows.reverse();
  list.replaceChildren(template, ...rows);
  offerMore(list, name, isLong && items.length - FEW);
  const empty = document.querySelector(`[data-empty="${name}"]`);
  if (empty) empty.hidden = items.length > 0;
  list.closest("table")?.classList.toggle("without-rows", !items.length && Boolean(empty));
}

function offerMore(list, name, hiddenRows) {
  const block = list.closest("table") ?? list;
  let button = block.nextElementSibling?.matches(".more") ? block.nextElementSibling : null;
  if (!hiddenRows) return button?.remove();
  if (!button) {
    button = document.createElement("button");
    button.className = "more";
    button.type = "button";
    button.addEventListener("click", () => {
      if (!expanded.delete(name)) expanded.add(name);
      refresh();
    });
    block.after(button);
  }
  button.setAttribute("aria-expanded", expanded.has(name));
  setText(button, expanded.has(name) ? "Show fewer" : `Show ${hiddenRows} more`);
}

function fillChoice(select, choices, chosen) {
  const text = JSON.stringify(choices);
  if (shown.get(select) !== text) {
    shown.set(select, text);
    select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
  }
  if (document.activeElement !== select || select.value === "") select.value = chosen;
}

function show(data) {
  marketClock = { now: Date.parse(data.now), since: performance.now() };
  data.consumption_total = sum(data.holdings, "consumption");
  data.trading_total = sum(data.holdings, "trading") - sum(data.holdings, "trading_locked");
  data.trading_locked_total = sum(data.holdings, "trading_locked");

  fillChoice(byId("account"), data.accounts.map((it) => [it.user_id, it.email]), data.account.user_id);
  fillChoice(byId("market"), data.markets.map((it) => [it.symbol, it.name]), data.market.symbol);
  fill(byId("board"), data);
  for (const list of document.querySelectorAll("[data-list]")) fillList(list, data);

  const offset = Math.round(data.clock_offset_seconds);
  byId("offset").hidden = offset === 0;
  setText(byId("offset"), `${distance(Math.abs(offset))} ${offset < 0 ? "behind" : "ahead"}`);
  tellTimes();
  byId("board").removeAttribute("aria-busy");
}

// ---- asking -----------------------------------------------------------------------------------

let asked = 0;

async function refresh() {
  const mine = ++asked;
  const trouble = byId("trouble");
  try {
    const answer = await fetch(`/_emulator/dashboard?${selection}`);
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    const data = await answer.json();
    if (mine !== asked) return; // a later question has been asked since
    show(data);
    trouble.hidden = true;
  } catch (error) {
    setText(trouble, `The emulator cannot be asked (${error.message}). This is what was last seen.`);
    trouble.hidden = false;
  }
}

function choose(name, value) {
  selection.set(name, value);
  history.replaceState(null, "", `?${selection}`);
  shown.clear();
  refresh();
}

byId("account").addEventListener("change", (event) => choose("user_id", event.target.value));
byId("market").addEventListener("change", (event) => choose("market", event.target.value));
document.addEventListener("visibilitychange", () => document.hidden || refresh());

await refresh();
setInterval(() => {
  if (document.hidden) return;
  tellTimes();
  refresh();
}, EVERY_MS);
