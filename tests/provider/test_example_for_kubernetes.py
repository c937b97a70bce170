"""The example that hands keys to Kubernetes; what Kubernetes would get is recorded as declared."""

import runpy
import sys
from pathlib import Path

import pytest
from tests.provider.examples import EXAMPLES

PROGRAM = EXAMPLES / "keys-for-kubernetes" / "__main__.py"
SECRET = "kubernetes:core/v1:Secret"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


@pytest.fixture(autouse=True)
def _kubernetes(monkeypatch):
    """The package of Kubernetes' resources lies apart, as `setup.sh` says."""
    monkeypatch.syspath_prepend(str(Path(sys.prefix) / "apart"))


def declared(engine, kind):
    (found,) = (it for it in engine.state.values() if it.type == kind)
    return found


def key_id_of_pods(engine):
    template = declared(engine, DEPLOYMENT).inputs["spec"]["template"]
    return template["metadata"]["annotations"]["thegrid.ai/key-id"]


def test_a_rotation_reaches_the_secret_and_rolls_the_workload(
    new_engine, addresses, account, market, live_keys
):
    login = {"thegrid:accessToken": account.access_token}
    stack = new_engine({**addresses, **login, "project:image": "example.com/assistant:1"})

    def up():
        return stack.up(lambda: runpy.run_path(str(PROGRAM))).steps

    up()
    first, key = declared(stack, SECRET).inputs["stringData"], stack.outputs("assistant")
    assert first == key["env"]
    assert first["OPENAI_API_KEY"] == key["key"]
    assert "stringData" in declared(stack, SECRET).secrets
    assert {key_id_of_pods(stack)} == live_keys()

    market.advance(15 * 86400)
    up()
    second = declared(stack, SECRET).inputs["stringData"]
    assert second["OPENAI_API_KEY"] != first["OPENAI_API_KEY"]
    assert {key_id_of_pods(stack), key["key_id"]} == live_keys()
    assert key_id_of_pods(stack) != key["key_id"]

    stack.destroy()
    assert live_keys() == set()
