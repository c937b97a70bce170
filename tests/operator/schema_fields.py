"""What our definitions have the API server check: each rule, and a resource that breaks it."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from thegrid_lab.operator_process import CHART

_CHECKS = (
    "pattern", "enum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "minimum",
    "maximum",
)  # fmt: skip
_OTHER_CHECKS = ("minProperties", "multipleOf", "not")
"""Not in use; who brings one in says here how it is broken."""


@dataclass(frozen=True)
class Rule:
    """One rule of a definition.

    Attributes:
        kind: Of which resource.
        field: The field, `[]` for any item of a list and `{}` for any value of a map.
        name: What is checked; for an expression, its message.
        schema: Of the field.
    """

    kind: str
    field: str
    name: str
    schema: dict

    def __str__(self):
        return f"{self.kind} {self.field}: {self.name}"


def rules_of_definitions():
    """Return every rule that the specs of our resources are held to."""
    found = []
    for path in sorted(Path(CHART / "crds").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text())["spec"]
        schema = spec["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        found += [Rule(spec["names"]["kind"], *rule) for rule in _rules(schema, "spec")]
    return found


def _rules(schema, field):
    yield from ((field, name, schema) for name in (*_CHECKS, *_OTHER_CHECKS) if name in schema)
    for rule in schema.get("x-kubernetes-validations", ()):
        yield field, rule["message"], schema
    yield from ((f"{field}.{name}", "required", schema) for name in schema.get("required", ()))
    if schema.get("x-kubernetes-list-type") in ("map", "set"):
        yield field, "unique", schema
    yield field, "type", schema
    for name, inner in schema.get("properties", {}).items():
        yield from _rules(inner, f"{field}.{name}")
    for part, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(part), dict):
            yield from _rules(schema[part], f"{field}{suffix}")


def broken(rule, good, samples):
    """Return a spec that breaks a rule which needs no thought.

    Args:
        rule: The rule.
        good: A spec that breaks none.
        samples: Good items of lists and values of maps, by field.

    Raises:
        KeyError: Nobody has said how such a rule is broken.
    """
    limit = rule.schema.get(rule.name)
    makers = {
        "pattern": lambda: "?? ??",
        "enum": lambda: "no-such-word",
        "minLength": lambda: "",
        "maxLength": lambda: "a" * (limit + 1),
        "minItems": list,
        "minimum": lambda: limit - 1,
        "maximum": lambda: limit + 1,
        "maxItems": lambda: [_numbered(samples[rule.field + "[]"], n) for n in range(limit + 1)],
        "maxProperties": lambda: {
            f"n{number}": samples[rule.field + "{}"] for number in range(limit + 1)
        },
        "unique": lambda: [samples[rule.field + "[]"]] * 2,
        "type": lambda: 7 if rule.schema["type"] != "integer" else "seven",
        "required": lambda: None,
    }
    return _with(good, rule.field.split(".")[1:], makers[rule.name](), samples, "spec")


def _numbered(sample, number):
    if isinstance(sample, dict):
        return {**sample, "name": f"{sample['name']}-{number}"} if "name" in sample else sample
    if sample.endswith("/32"):
        return f"192.168.0.{number}/32"
    return f"{sample.partition('.')[0]}-{number}{sample[len(sample.partition('.')[0]) :]}"


def _with(value, steps, new, samples, field):
    """Return a copy in which a field is another one; None takes it away."""
    if not steps:
        return new
    value = copy.deepcopy(value or {})
    step, name = steps[0], steps[0].rstrip("[]{}")
    inner_field = f"{field}.{step}"
    if step == name:
        inner = _with(value.get(name), steps[1:], new, samples, inner_field)
    elif step.endswith("[]"):
        inner = [_with(samples[inner_field], steps[1:], new, samples, inner_field)]
    else:
        inner = {"entry": _with(samples[inner_field], steps[1:], new, samples, inner_field)}
    if inner is None:
        value.pop(name, None)
    else:
        value[name] = inner
    return value


def named_in(field, text):
    """Tell whether a refusal names a field; where it tells an item's place, that one counts."""
    place = re.escape(field).replace(r"\[\]", r"\[\d+\]").replace(r"\{\}", r"[.\[]\S+")
    return re.search(rf"(?<![\w.]){place}(?![\w])", text) is not None
