"""What the emulator says about itself is what it serves."""

import re

import jsonschema_rs
import pytest
from tests.openapi.served import SURFACES, anonymous, served

from thegrid_emulator.openapi import document_of


def documented(name):
    return {
        (method, anonymous(path))
        for path, operations in document_of(name, ["/v1"])["paths"].items()
        for method in operations
    }


@pytest.mark.parametrize("name", SURFACES)
def test_every_route_is_documented(name):
    assert served()[name] - documented(name) == set()


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
