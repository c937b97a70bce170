import pytest


def test_the_list_is_public_and_names_every_instrument_once(http, emulator):
    answer = http.get(f"{emulator.consumption}/models").json()
    assert answer["object"] == "list"
    symbols = [model["id"] for model in answer["data"]]
    tiers = [
        f"{family}-{tier}"
        for family in ("text", "code", "agent")
        for tier in ("standard", "prime", "max")
    ]
    assert symbols[:9] == tiers
    assert len(symbols) == len(set(symbols)) == 17


@pytest.mark.plain_words
def test_a_model_tells_its_limits_and_capabilities(http, emulator):
    models = {it["id"]: it for it in http.get(f"{emulator.consumption}/models").json()["data"]}
    assert (
        models["text-prime"].items()
        >= {
            "object": "model",
            "display_name": "Text Prime",
            "context_length": 196_608,
            "max_completion_tokens": 131_072,
            "pricing": None,
        }.items()
    )
    assert "vision" not in models["text-prime"]["capabilities"]
    assert "vision" in models["claude-opus-latest"]["capabilities"]


def test_a_good_key_is_welcome_and_a_bad_one_is_not(http, emulator, platform):
    url = f"{emulator.consumption}/models"
    secret = platform.create_key()["key"]
    assert http.get(url, headers={"authorization": f"Bearer {secret}"}).status_code == 200
    assert http.get(url, headers={"authorization": "Bearer wrong"}).status_code == 401


def test_the_messages_host_has_no_list(http, emulator):
    assert http.get(f"{emulator.messages}/models").status_code == 404
