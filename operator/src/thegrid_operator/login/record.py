"""How an account's logins lie in our own Secret.

The entries `accessToken` and `refreshToken` and four annotations are what the first version wrote.
All that came later lies in further entries and in one annotation, a record in JSON; where it is
missing or was edited into something else, nothing of it is known.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from thegrid.core.model import DeviceLogin, TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.kube import Json
from thegrid_operator.login.device import Asking
from thegrid_operator.login.values import Candidate, Refusal, Stored
from thegrid_operator.manifests import MANAGED_BY, OWNER_UID, decode, encode
from thegrid_operator.resources import FINALIZER, Meta

TOKENS_TYPE = "thegrid.ai/tokens"
LOGIN_HASH = "thegrid.ai/login-hash"
ACCOUNT_ID = "thegrid.ai/account-id"
EXPIRES_AT = "thegrid.ai/expires-at"
SCOPES = "thegrid.ai/scopes"
LOGIN_RECORD = "thegrid.ai/login-record"
DEVICE_LOGIN = "deviceLogin"
_LONG_PAST = datetime(2000, 1, 1, tzinfo=UTC)


def tokens_name(account: str) -> str:
    """Name the Secret in which we keep an account's tokens."""
    return f"{account}-thegrid-tokens"


def entries_of(secret: Json) -> dict[str, str]:
    """Read a Secret's entries as text."""
    return {entry: decode(value) for entry, value in (secret.get("data") or {}).items()}


def read_login(secret: Json) -> Stored:
    """Read our own Secret."""
    annotations = secret["metadata"].get("annotations") or {}
    entries, record = entries_of(secret), _record_in(annotations)
    tokens = _pair(
        entries.get("accessToken"),
        entries.get("refreshToken"),
        annotations.get(EXPIRES_AT),
        annotations.get(SCOPES),
    )
    latest = annotations.get(LOGIN_HASH)
    read = Stored(
        tokens=tokens,
        account_id=annotations.get(ACCOUNT_ID, ""),
        seen=(*_texts(record.get("seenBefore")), *((latest,) if latest else ())),
        candidate=_candidate(entries, record),
        refusal=_refusal(record),
        lost=tokens is not None and _digest(tokens) == record.get("lost"),
        asking=_asking(entries.get(DEVICE_LOGIN, "")),
    )
    return read if read.account_id else _unproven(read, latest or "")


def write_login(account: Meta, login: Stored) -> Json:
    """Build our own Secret.

    Args:
        account: The `GridAccount`.
        login: What it is to hold.
    """
    tokens, latest = login.tokens, login.seen[-1] if login.seen else ""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": tokens_name(account.name),
            "namespace": account.namespace,
            "labels": dict(MANAGED_BY),
            # A namespace's deletion must not take the login before it has revoked the keys.
            "finalizers": [FINALIZER],
            "annotations": {
                OWNER_UID: account.uid,
                LOGIN_HASH: latest,
                ACCOUNT_ID: login.account_id,
                EXPIRES_AT: tokens.expires_at.isoformat() if tokens else "",
                SCOPES: " ".join(tokens.scopes) if tokens else "",
                LOGIN_RECORD: json.dumps(_record_of(login), sort_keys=True),
            },
        },
        "type": TOKENS_TYPE,
        "data": {entry: encode(value) for entry, value in _entries_for(login).items()},
    }


def _entries_for(login: Stored) -> dict[str, str]:
    entries = {}
    for pair, access, refresh in (
        (login.pairs[0], "accessToken", "refreshToken"),
        (login.pairs[1], "candidateAccessToken", "candidateRefreshToken"),
    ):
        if pair:
            entries[access] = pair.access.reveal()
        if pair and pair.refresh:
            entries[refresh] = pair.refresh.reveal()
    if login.asking:
        entries[DEVICE_LOGIN] = _written(login.asking)
    return entries


def _written(asking: Asking) -> str:
    """The device code is a secret, so all of it lies in an entry."""
    login = asking.login
    told = {
        "deviceCode": login.device_code.reveal(),
        "userCode": login.user_code,
        "verificationUri": login.verification_uri,
        "verificationUriComplete": login.verification_uri_complete,
        "expiresAt": login.expires_at.isoformat(),
        "intervalSeconds": login.interval_seconds,
        "codes": asking.codes,
        "request": asking.request,
    }
    return json.dumps(told, sort_keys=True)


def _asking(text: str) -> Asking | None:
    try:
        told = json.loads(text)
        login = DeviceLogin(
            device_code=Secret(str(told["deviceCode"])),
            user_code=str(told["userCode"]),
            verification_uri=str(told["verificationUri"]),
            verification_uri_complete=str(told["verificationUriComplete"]),
            expires_at=_expiry(str(told["expiresAt"])),
            interval_seconds=max(int(told["intervalSeconds"]), 1),
        )
        return Asking(login, max(int(told["codes"]), 1), str(told["request"]))
    except (ValueError, TypeError, KeyError):
        return None  # there is none, or somebody has edited it: another code will do


def _record_of(login: Stored) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if len(login.seen) > 1:
        record["seenBefore"] = list(login.seen[:-1])
    if login.candidate:
        tokens = login.candidate.tokens
        record["candidate"] = {
            "origin": login.candidate.origin,
            "expiresAt": tokens.expires_at.isoformat(),
            "scopes": " ".join(tokens.scopes),
        }
    if login.refusal:
        told = login.refusal
        record["refusal"] = {"origin": told.origin, "reason": told.reason, "message": told.message}
    if login.lost and login.tokens:
        record["lost"] = _digest(login.tokens)
    return record


def _record_in(annotations: dict[str, str]) -> dict[str, Any]:
    try:
        record = json.loads(annotations.get(LOGIN_RECORD, "{}"))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _candidate(entries: dict[str, str], record: dict[str, Any]) -> Candidate | None:
    told = record.get("candidate")
    told = told if isinstance(told, dict) else {}
    access, refresh = entries.get("candidateAccessToken"), entries.get("candidateRefreshToken")
    tokens = _pair(access, refresh, told.get("expiresAt"), told.get("scopes"))
    return Candidate(tokens, str(told.get("origin", ""))) if tokens else None


def _refusal(record: dict[str, Any]) -> Refusal | None:
    told = record.get("refusal")
    if not isinstance(told, dict):
        return None
    return Refusal(*(str(told.get(field, "")) for field in ("origin", "reason", "message")))


def _unproven(read: Stored, origin: str) -> Stored:
    """Take tokens of which nobody has asked whose they are for a new login.

    The first version stored them in the place of the login that works.
    """
    if read.tokens is None or read.candidate:
        return read
    candidate = Candidate(read.tokens, origin)
    return Stored(seen=read.seen, candidate=candidate, refusal=read.refusal, asking=read.asking)


def _pair(
    access: str | None, refresh: str | None, expires_at: object, scopes: object
) -> TokenPair | None:
    if not access and not refresh:
        return None
    return TokenPair(
        access=Secret(access or ""),
        refresh=Secret(refresh) if refresh else None,
        expires_at=_expiry(str(expires_at or "")),
        scopes=tuple(str(scopes or "").split()),
    )


def _expiry(text: str) -> datetime:
    """Read when tokens expire; what a person has edited into something else is long past."""
    try:
        return max(datetime.fromisoformat(text).astimezone(UTC), _LONG_PAST)
    except (ValueError, OverflowError):
        return _LONG_PAST


def _texts(told: object) -> list[str]:
    return [str(it) for it in told] if isinstance(told, list) else []


def _digest(tokens: TokenPair) -> str:
    """Name a refresh token without giving it away."""
    return hashlib.sha256((tokens.refresh or tokens.access).reveal().encode()).hexdigest()
