"""Opening the session that all who use the account share, once it proved to be the right one.

The account is pinned at the first login, since whoever can change the login Secret could otherwise
move every key to another account.
"""

from __future__ import annotations

from dataclasses import replace

from thegrid.client import Client, GridError, LoginRejected, Refused, WrongAccount
from thegrid.core.model import Account, AccountSettings
from thegrid_operator.cache import Name
from thegrid_operator.kube import Json
from thegrid_operator.login import Stored
from thegrid_operator.logs import log
from thegrid_operator.market import Session
from thegrid_operator.reconcilers.grid_account.tools import Tools, how_to_log_in
from thegrid_operator.resources import GridAccount
from thegrid_operator.status import Stalled, time_text


def open_session(tools: Tools, name: Name, item: Json, account: GridAccount, login: Stored) -> Json:
    """Make the login known to those who use the account, once it proved to be the right one.

    Returns:
        What is known about the account.

    Raises:
        Stalled: A person must act.
        GridError: The market refused otherwise, or could not be asked.
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    session = tools.sessions.get(name)
    if session and _serves(tools, name, account, login, session):
        return dict(session.facts)
    client = tools.outside.client(account.endpoints, login.tokens.access)
    try:
        user, settings = _introduce(client, account)
        pinned = login.account_id or (item.get("status") or {}).get("accountId", user.user_id)
        if pinned != user.user_id:
            raise Stalled("WrongAccount", str(WrongAccount(pinned, user.user_id)))
    except (GridError, Stalled):
        client.close()
        raise
    if not login.account_id:
        store = tools.store(account)
        store.store(replace(login, account_id=user.user_id), store.secret(), tools.effects)
    facts = _facts(user, settings, login)
    allowed, token = account.allowed_namespaces, login.tokens.access
    opened = Session(client, account.endpoints, allowed, token, facts, tools.outside)
    tools.sessions.open(name, opened)
    log("LoggedIn", f"logged in as {user.user_id}", object=str(name))
    tools.changed(tools.dependants(name))
    return facts


def _serves(
    tools: Tools, name: Name, account: GridAccount, login: Stored, session: Session
) -> bool:
    return (
        session.token == login.tokens.access
        and session.allowed_namespaces == account.allowed_namespaces
        and not tools.sessions.is_rejected(name, session.token)
    )


def _introduce(client: Client, account: GridAccount) -> tuple[Account, AccountSettings]:
    """Ask whose login this is."""
    try:
        return client.account(), client.settings()
    except LoginRejected:
        message = f"the market does not accept the login; {how_to_log_in(account)}"
        raise Stalled("LoginRejected", message) from None
    except Refused as refusal:
        if refusal.code != "insufficient_scope":
            raise
        message = "the login needs the scopes account:read and keys:manage: log in again"
        raise Stalled("ScopeMissing", message) from None


def _facts(user: Account, settings: AccountSettings, login: Stored) -> Json:
    tokens = login.tokens
    return {
        "accountId": user.user_id,
        "mode": settings.mode,
        "scopes": list(tokens.scopes) or None,
        "tokenExpiresAt": time_text(tokens.expires_at) if tokens.refresh else None,
    }
