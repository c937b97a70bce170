"""Secrets leave the provider only in the engine's encrypted form."""

import base64

import pulumi

from pulumi_thegrid import ConsumptionKey, TradingKey


def program(*triggers):
    def declare():
        ConsumptionKey("ci", triggers=list(triggers))
        TradingKey("trader", triggers=list(triggers))

    return declare


def test_every_answer_marks_each_secret_by_itself(engine):
    engine.up(program())
    for name, secrets in (
        ("ci", {"key", "env"}),
        ("trader", {"private_key", "profile"}),
    ):
        assert secrets <= engine.recorded(name).marked
    engine.up(program("again"))
    assert {"key", "previous_key", "env"} <= engine.recorded("ci").marked
    engine.refresh()
    assert {"key", "previous_key", "env"} <= engine.recorded("ci").marked
    trading = {"private_key", "previous_private_key", "profile"}
    assert trading <= engine.recorded("trader").marked


def test_the_program_says_which_outputs_are_secret(engine):
    engine.up(program())
    assert {"key", "previous_key", "env"} <= engine.recorded("ci").declared_secrets
    trading = {"private_key", "previous_private_key", "profile"}
    assert trading <= engine.recorded("trader").declared_secrets


def test_programs_receive_secrets_as_secrets(engine):
    secret = []

    def declare():
        key = ConsumptionKey("ci")
        for output in (key.key, key.env):
            pulumi.Output.from_input(output.is_secret()).apply(secret.append)

    engine.up(declare)
    assert secret == [True, True]


def test_no_secret_stands_outside_its_mark(engine, account):
    engine.up(program())
    engine.up(program("again"))
    engine.refresh()
    ci, trader = engine.outputs("ci"), engine.outputs("trader")
    secrets = [ci["key"], ci["previous_key"], trader["private_key"]]
    secrets += [trader["previous_private_key"], account.access_token]
    texts = [*map(str, engine.unmarked), *engine.log.lines]
    texts += [output.read_text() for output in engine.starter.outputs]
    assert len(engine.unmarked) > 10
    for secret in secrets:
        encoded = base64.b64encode(secret.encode()).decode()
        for text in texts:
            assert secret not in text
            assert encoded not in text
