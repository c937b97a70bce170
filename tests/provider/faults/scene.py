"""One stack of one account, and a call that is struck while the real CLI makes it."""

import json
import re
import time
from decimal import Decimal
from pathlib import Path

from tests.provider.faults.calls import Days, LoseKey, Seen, Sell, Up
from tests.provider.faults.market_side import DAY, SETTINGS, best_bid, sell_to_best_bid
from tests.provider.faults.world import world_of

from thegrid.core.transfer import HISTORY_GRACE
from thegrid_lab.processes import Completed

PATIENCE_SECONDS = 120
POLL_SECONDS = 0.03
HELD = ("key_id", "previous_key_id")
PROGRAM = "import pulumi_thegrid as thegrid\n\n{}\n"


class Scene:
    """Runs commands on the stack, and lets the world go on meanwhile.

    Args:
        call: What is struck.
        stack: The stack, empty.
        workspace: Where the stack's processes are.
        market: The emulator.
        hand: The account's owner.
        seller: Somebody who has units.
    """

    def __init__(self, call, stack, workspace, market, hand, seller):
        self.call, self.stack, self.market = call, stack, market
        self._workspace, self._hand, self._seller = workspace, hand, seller
        self._before = set(workspace.processes())
        self._also = ""
        self._declared = ""
        self._best = str(best_bid(hand))

    # What the program declares

    def declare(self, declared):
        self._declared = declared.replace("BEST", self._best)
        text = self._declared[:-1] + self._also + ")"
        (self.stack.folder / "__main__.py").write_text(PROGRAM.format(text))

    def declare_also(self, argument):
        self._also += f", {argument}"
        self.declare(self._declared)

    @property
    def kind(self):
        return re.match(r"thegrid\.(\w+)", self._declared)[1]

    @property
    def declared_price(self):
        return Decimal(re.search(r'price="([^"]+)"', self._declared)[1])

    # What happens

    def prepare(self):
        for step in self.call.before:
            match step:
                case Up(declared):
                    self.declare(declared)
                    self.up()
                case LoseKey(declared):
                    self.declare(declared)
                    self.market.order_fault("POST", "/api-keys", drop="after")
                    assert self.command("up", "--yes", "--skip-preview").exit_code != 0
                case Days(count):
                    self.market.advance(count * DAY)
                case Sell(quantity):
                    sell_to_best_bid(self._seller, self._best, quantity)
                case Seen(settings):
                    self.market.order_fault("GET", SETTINGS, status=200, body=settings)
        self.declare(self.call.declared)

    def be_struck(self, fault):
        """Run the command that makes the call, and let it be struck."""
        before = self.world() if self.call.shows and fault.done else None
        arrived = len(self.market.journal())
        self.market.order_fault(self.call.method, self.call.path, **fault.ordered)
        running = self._start()
        if fault.done:
            running.wait_until_ready(lambda: self._has_arrived(arrived))
            if fault.had_effect and before:
                running.wait_until_ready(lambda: self.world() != before)
            fault.done(self, running)
        done = self._finish(running)
        self.market.clear_faults()
        return done

    def _has_arrived(self, since):
        path = re.compile(".*" + re.sub(r"\{\w+\}", "[^/]+", self.call.path))
        return any(
            it["method"] == self.call.method and path.fullmatch(it["path"])
            for it in self.market.journal()[since:]
        )

    # Commands

    def act(self):
        """Run the command that makes the call, whatever comes of it."""
        return self._finish(self._start())

    def up(self, *options):
        done = self.command("up", "--yes", "--skip-preview", *options)
        assert done.exit_code == 0, done.stdout
        return done

    def destroy(self):
        done = self.command("destroy", "--yes", "--skip-preview")
        assert done.exit_code == 0, done.stdout

    def command(self, *arguments):
        return self._finish(self.stack.start(*arguments))

    def _start(self):
        return self.stack.start(self.call.by, "--yes", "--skip-preview", *self.call.options)

    def _finish(self, running):
        """Wait for the end; when the history of transfers has been looked at, time flies."""
        began, looks = time.monotonic(), self._looks()
        while running.exit_code is None:
            assert time.monotonic() < began + PATIENCE_SECONDS, running.log.read_text()
            if self._looks() > looks:
                looks = self._looks()
                self.market.advance(HISTORY_GRACE.total_seconds())
            time.sleep(POLL_SECONDS)
        duration = time.monotonic() - began
        return Completed(running.exit_code, running.log.read_text(), "", duration)

    def _looks(self):
        if not self.call.transfers:
            return 0
        return sum(it["path"].endswith("/transfer-histories") for it in self.market.journal())

    def leave(self):
        """Take back what others would meet in the shared market, however the scene went."""
        self.market.clear_faults()
        self._hand.set_account_mode("advanced")
        self._hand.cancel_orders()

    # What there is

    def world(self):
        return world_of(self.market, self._hand)

    def recorded(self):
        """Read the outputs of the resource from the stored state; nothing if there is none."""
        backend = Path(self.stack.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        (file,) = backend.glob(".pulumi/stacks/*/*.json")
        stored = json.loads(file.read_text())["checkpoint"]["latest"].get("resources") or []
        return next((it["outputs"] for it in stored if it["urn"].endswith("::it")), {})

    def held(self):
        """Return the ids of the keys whose secrets the state holds."""
        recorded = self.recorded()
        return {recorded[name] for name in HELD if recorded.get(name)}

    def started(self):
        """Return the processes that the stack's commands have started and that still run."""
        return [it for it in self._workspace.processes() if it not in self._before]
