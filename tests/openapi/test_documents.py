"""What the emulator says about itself is what it serves."""

import re

import jsonschema_rs
import pytest
from starlette.routing import Mount, Route

from thegrid_emulator import Clock, Rules, consumption, gateway, platform, trading
from thegrid_emulator.openapi import document_of
from thegrid_emulator.state.venue import Venue

SURFACES = ("platform", "trading", "consumption", "messages", "gateway")


@pytest.fixture(scope="module")
def surfaces():
    venue = Venue(Clock(), Rules())
    built = (
        platform.build(venue),
        trading.build(venue),
        consumption.build(venue, "http://gateway.invalid"),
        consumption.build_messages(venue, "http://gateway.invalid"),
        gateway.build(venue),
    )
    return {surface.name: surface for surface in built}


def anonymous(path):
    """A path whose parameters have no names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def served(surface):
    return {
        (method.lower(), anonymous(route.path))
        for mount in surface.application.routes
        if isinstance(mount, Mount) and mount.path in surface.prefixes
        for route in mount.routes
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }


def documented(surface):
    return {
        (method, anonymous(path))
        for path, operations in document_of(surface.name, surface.prefixes)["paths"].items()
        for method in operations
    }


@pytest.mark.parametrize("name", SURFACES)
def test_every_route_is_documented(surfaces, name):
    assert served(surfaces[name]) - documented(surfaces[name]) == set()


@pytest.mark.parametrize("name", SURFACES)
def test_every_listener_serves_its_own_document(http, emulator, name):
    base = getattr(emulator, name).removesuffix("/v1")
    answer = http.get(f"{base}/_emulator/openapi.json")
    prefixes = [server["url"] for server in answer.json()["servers"]]
    assert answer.json() == document_of(name, prefixes)
    assert all(http.get(f"{base}{prefix}/nothing").status_code == 404 for prefix in prefixes)


@pytest.mark.parametrize("name", SURFACES)
def test_a_document_is_sound(name):
    document = document_of(name, ["/v1"])
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate({"$schema": DRAFT, **schema})
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))
    assert references(document) <= {f"#/components/schemas/{it}" for it in schemas} | {
        f"#/components/headers/{it}" for it in document["components"]["headers"]
    }


DRAFT = "https://json-schema.org/draft/2020-12/schema"


def references(node):
    match node:
        case {"$ref": str(reference)}:
            return {reference}
        case dict():
            return set().union(*map(references, node.values()))
        case list():
            return set().union(*map(references, node))
    return set()


@pytest.mark.parametrize("name", SURFACES)
def test_every_parameter_of_a_path_is_described(name):
    for path, operations in document_of(name, ["/v1"])["paths"].items():
        for operation in operations.values():
            described = {it["name"] for it in operation.get("parameters", []) if it["in"] == "path"}
            assert described == set(re.findall(r"\{([^}]*)\}", path))


def test_every_refusal_that_a_credential_can_meet_is_documented():
    for name in SURFACES:
        for path, operations in document_of(name, ["/v1"])["paths"].items():
            for method, operation in operations.items():
                expected = {"429"} | ({"401"} if operation["security"] else set())
                assert expected <= operation["responses"].keys(), (name, method, path)
