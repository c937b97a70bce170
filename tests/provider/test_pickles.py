"""The pickles in users' states are permanent: byte for byte, on every Python."""

import base64
import json
import pickle
import subprocess
from pathlib import Path

import dill
import pytest
from pulumi.dynamic.dynamic import serialize_provider
from tests.fresh_environments import runnable

from pulumi_thegrid import (
    AccountSettings,
    ConsumptionKey,
    Intent,
    StackIdentity,
    StandingOrder,
    TradingKey,
    Transfer,
    _providers,
)
from pulumi_thegrid._engine import type_token

GOLDEN = json.loads(Path(__file__).with_name("golden_pickles.json").read_text())
RESOURCES = (
    AccountSettings,
    ConsumptionKey,
    Intent,
    StackIdentity,
    StandingOrder,
    TradingKey,
    Transfer,
)
PYTHONS = [f"python3.{minor}" for minor in (11, 12, 13)]
"""Python 3.14 writes another pickle protocol by default; `diff` does not look at the pickle."""


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_provider_is_pickled_as_ever(name):
    provider = getattr(_providers, name)()
    assert serialize_provider(provider) == GOLDEN[name]
    assert provider.serialize_as_secret_always is False


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_stored_pickle_still_means_the_same_class(name):
    restored = pickle.loads(base64.b64decode(GOLDEN[name]))  # noqa: S301 - our own bytes
    assert type(restored) is getattr(_providers, name)
    assert vars(restored) == {}


def test_every_provider_has_its_golden_pickle():
    provided = {name for name in vars(_providers) if name.endswith("Provider") and name[0] != "_"}
    assert provided - {"ResourceProvider"} == set(GOLDEN)


ELSEWHERE = """
import base64, pickle, sys
sys.path = [sys.argv[1], *sys.path, sys.argv[2]]  # before any installed copy
import dill
from pulumi_thegrid import _providers
for name in sys.argv[3:]:
    provider = getattr(_providers, name)()
    pickled = dill.dumps(provider, protocol=pickle.DEFAULT_PROTOCOL, recurse=True)
    print(base64.b64encode(pickled).decode())
"""


@pytest.mark.parametrize("python", PYTHONS)
def test_other_pythons_write_the_same_bytes(python, tmp_path):
    """Pulumi need not be there: what it stores is what dill writes about a class of this name."""
    executable = runnable(python)
    if executable is None:
        pytest.skip(f"{python} is not installed")
    names = sorted(GOLDEN)
    package = tmp_path / "pulumi_thegrid"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "_providers.py").write_text("".join(f"class {name}: pass\n" for name in names))
    packages = [str(tmp_path), str(Path(dill.__file__).parents[1])]
    command = [executable, "-I", "-c", ELSEWHERE, *packages, *names]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [GOLDEN[name] for name in names]


@pytest.mark.parametrize("kind", RESOURCES)
def test_type_tokens_are_permanent(kind):
    assert type_token(kind) == f"pulumi-python:dynamic/thegrid:{kind.__name__}"
