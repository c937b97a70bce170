"""The chart's files agree with the code, and the code stays as small as it promises."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from thegrid.core.duration import PATTERN
from thegrid_operator import cache, kube, lease, loop, queue, restarts
from thegrid_operator.egress import declaration, objects
from thegrid_operator.reconcilers.consumption_key import workloads
from thegrid_operator.reconcilers.supplier_egress import detecting, sources

CHART = Path(__file__).parents[2] / "charts" / "thegrid-operator"
DEFINITIONS = {
    path.stem: yaml.safe_load(path.read_text()) for path in sorted((CHART / "crds").glob("*.yaml"))
}
MOST_LINES_OF_THE_LOOP = 900


def template(name):
    """Read a template's objects with all its choices; what Helm fills in becomes `filled`."""
    helpers = (CHART / "templates" / "_helpers.tpl").read_text()
    shared = re.search(r'define "thegrid-operator.rules" -\}\}\n(.*)\{\{- end', helpers, re.DOTALL)
    include = r'^ *\{\{- include "thegrid-operator.rules".*\n'
    text = (CHART / "templates" / name).read_text()
    text = re.sub(include, textwrap.indent(shared[1], "  "), text, flags=re.MULTILINE)
    text = re.sub(r"^ *\{\{- ((if|range|with) .*|end) \}\}\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\{\{.*?\}\}", "filled", text)
    return list(yaml.safe_load_all(text))


def versions():
    for name, definition in DEFINITIONS.items():
        for version in definition["spec"]["versions"]:
            yield name, version


def texts(value, found=()):
    """Return every text within a schema, with the path to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, (*found, name))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, found)
    elif isinstance(value, str):
        yield ".".join(found), value


def fields(value, path=()):
    """Return every field of a schema by its path."""
    for name, inner in (value.get("properties") or {}).items():
        yield ".".join((*path, name)), inner
        yield from fields(inner, (*path, name))


def test_every_duration_follows_the_one_grammar():
    durations = {
        f"{name}.{path}": field.get("pattern")
        for name, version in versions()
        for path, field in fields(version["schema"]["openAPIV3Schema"])
        if "[smhd]" in field.get("pattern", "") or path in ("spec.rotateAfter", "spec.overlap")
    }

    assert len(durations) == 9
    assert set(durations.values()) == {PATTERN}


def test_rules_between_fields_use_the_same_grammar():
    matched = [
        pattern
        for _, version in versions()
        for _, text in texts(version["schema"])
        for pattern in re.findall(r"matches\('([^']*smhd[^']*)'\)", text)
    ]

    assert set(matched) == {PATTERN}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_kubectl_get_tells_whether_it_is_ready_and_why(name):
    (version,) = DEFINITIONS[name]["spec"]["versions"]
    columns = {it["name"]: it for it in version["additionalPrinterColumns"]}

    assert {"Ready", "Status", "Message", "Age"} <= columns.keys()
    assert "Ready" in columns["Ready"]["jsonPath"]
    assert columns["Message"]["priority"] == 1, "only with -o wide"
    known = dict(fields(version["schema"]["openAPIV3Schema"]))
    for column in columns.values():
        path = column["jsonPath"].removeprefix(".").split("[")[0]
        assert path in known or path.startswith("metadata."), column


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_definition_has_a_status_of_its_own_short_names_and_a_description(name):
    spec = DEFINITIONS[name]["spec"]
    (version,) = spec["versions"]

    assert version["subresources"] == {"status": {}}
    assert spec["names"]["shortNames"]
    assert version["schema"]["openAPIV3Schema"]["description"]


def rules():
    return [
        rule
        for each in template("rbac.yaml")
        if each["kind"] in ("ClusterRole", "Role")
        for rule in each["rules"]
    ]


def test_secrets_are_never_listed_or_watched():
    verbs = {verb for rule in rules() if "secrets" in rule["resources"] for verb in rule["verbs"]}

    assert verbs == {"get", "create", "patch", "delete"}


def test_no_right_has_a_wildcard():
    for rule in rules():
        for part in ("apiGroups", "resources", "verbs"):
            assert not any("*" in each for each in rule[part]), rule


def test_all_that_the_code_names_is_covered_by_a_right():
    covered = {
        (group, it) for rule in rules() for group in rule["apiGroups"] for it in rule["resources"]
    }
    modules = (kube, restarts, workloads, declaration, detecting, sources)
    named = (each for module in modules for each in vars(module).values())
    kinds = [*objects.KINDS.values(), *(each for each in named if isinstance(each, kube.Kind))]

    assert {(kind.group, kind.plural) for kind in kinds} <= covered


def test_the_loop_of_our_own_stays_small():
    """A framework was left out for this loop, so it must stay a small one."""
    modules = (queue, cache, kube, lease, loop)
    lines = {it.__name__: len(Path(it.__file__).read_text().splitlines()) for it in modules}

    assert sum(lines.values()) < MOST_LINES_OF_THE_LOOP, lines
