import base64

import pytest

pytestmark = pytest.mark.plain_words


def register(platform, public_key, label="trader"):
    body = {"signing_key": {"label": label, "public_key": public_key}}
    return platform("POST", "/signing-keys", json=body)


def test_the_fingerprint_is_shown_at_registration_and_its_prefix_in_lists(platform, vectors):
    known = vectors["key"]
    created = register(platform, known["public_key_base64"]).json()["data"]
    assert created["fingerprint"] == known["fingerprint"]
    assert created["public_key"] == known["public_key_base64"]
    (listed,) = platform("GET", "/signing-keys").json()["data"]
    assert listed["fingerprint_prefix"] == known["fingerprint_prefix"]
    assert listed["id"] == created["id"]
    assert "fingerprint" not in listed


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: f" {text}\n",
    ],
    ids=["unpadded", "URL-safe", "with blanks"],
)
def test_base64_is_read_leniently(platform, vectors, spell):
    answer = register(platform, spell(vectors["key"]["public_key_base64"]))
    assert answer.json()["data"]["fingerprint"] == vectors["key"]["fingerprint"]


@pytest.mark.parametrize(
    "public_key",
    [
        None,
        "",
        "not base64!",
        "A" * 41,
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(33)).decode(),
        base64.b64encode(bytes(44)).decode(),  # as long as an SPKI document
    ],
)
def test_anything_but_32_raw_bytes_is_refused(platform, public_key):
    answer = register(platform, public_key)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == ["public_key"]


def test_a_label_is_required(platform, vectors):
    answer = register(platform, vectors["key"]["public_key_base64"], label="")
    assert list(answer.json()["errors"]["detail"]) == ["label"]


def test_an_active_public_key_can_be_registered_once_in_the_whole_market(
    emulator, platform, platform_of, vectors
):
    public_key = vectors["key"]["public_key_base64"]
    created = register(platform, public_key).json()["data"]
    stranger = platform_of(emulator.create_account().access_token)
    for caller in (platform, stranger):
        answer = register(caller, public_key)
        assert answer.status_code == 422
        assert answer.json()["errors"]["detail"] == {"public_key": ["has already been taken"]}

    revoked = platform("DELETE", f"/signing-keys/{created['id']}")
    assert revoked.status_code == 200
    assert revoked.json()["data"]["public_key"] == public_key
    assert register(stranger, public_key).status_code == 201


def test_a_revoked_key_stays_in_the_list_and_a_second_revocation_spares_its_successor(
    emulator, platform, vectors
):
    public_key = vectors["key"]["public_key_base64"]
    first = register(platform, public_key).json()["data"]
    platform("DELETE", f"/signing-keys/{first['id']}")
    second = register(platform, public_key).json()["data"]
    platform("DELETE", f"/signing-keys/{first['id']}")
    listed = platform("GET", "/signing-keys").json()["data"]
    assert [(key["id"], key["is_active"]) for key in listed] == [
        (first["id"], False),
        (second["id"], True),
    ]
    assert register(platform, public_key).status_code == 422


def test_another_users_signing_key_does_not_exist(emulator, platform, platform_of, vectors):
    created = register(platform, vectors["key"]["public_key_base64"]).json()["data"]
    stranger = platform_of(emulator.create_account().access_token)
    assert stranger("DELETE", f"/signing-keys/{created['id']}").status_code == 404
    (listed,) = platform("GET", "/signing-keys").json()["data"]
    assert listed["is_active"] is True
