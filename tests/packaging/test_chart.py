"""Every value of the chart is documented with its default, and used."""

import json
import re

import pytest
import yaml

CHART = "charts/thegrid-operator"


def leaves(values, path=""):
    """The values by their path; what is empty or no mapping is a leaf."""
    if not isinstance(values, dict) or not values:
        return {path: values}
    return {
        leaf: value
        for key, below in values.items()
        for leaf, value in leaves(below, f"{path}.{key}" if path else key).items()
    }


@pytest.fixture(scope="module")
def values(root):
    return leaves(yaml.safe_load((root / CHART / "values.yaml").read_text(encoding="utf-8")))


def test_every_value_is_documented_with_its_default(values, tables):
    (rows,) = tables(f"{CHART}/README.md", "Values")
    documented = {name.strip("`"): json.loads(default.strip("`")) for name, default, _ in rows}
    assert documented == values
    assert all(what for _, _, what in rows)


def test_every_value_is_used_by_a_template(values, root):
    templates = "".join(
        path.read_text(encoding="utf-8") for path in (root / CHART / "templates").iterdir()
    )
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", templates))
    unused = {
        value
        for value in values
        if not any(value == name or value.startswith(f"{name}.") for name in used)
    }
    assert unused == set()
    assert {name for name in used if not any(f"{it}.".startswith(f"{name}.") for it in values)} == (
        set()
    )
