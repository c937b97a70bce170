"""Opening the session that all who use the account share."""

from __future__ import annotations

from datetime import timedelta

from thegrid.client import Client, GridError, LoginRejected, Refused, WrongAccount
from thegrid.core.model import Account, AccountSettings, TokenPair
from thegrid_operator.cache import Name
from thegrid_operator.kube import Json
from thegrid_operator.logs import log
from thegrid_operator.market import Session
from thegrid_operator.reconcilers.grid_account.proof import SCOPE_MISSING
from thegrid_operator.reconcilers.grid_account.renewal import LoggedIn
from thegrid_operator.reconcilers.grid_account.tools import Tools
from thegrid_operator.resources import GridAccount
from thegrid_operator.status import Stalled, time_text

READ_MODE_EVERY = timedelta(hours=1)


def open_session(tools: Tools, name: Name, account: GridAccount, login: LoggedIn) -> Json:
    """Make the login known to those who use the account.

    Returns:
        What is known about the account.

    Raises:
        Stalled: A person must act.
        GridError: The market refused otherwise, or could not be asked.
    """
    session = tools.sessions.get(name)
    tokens = login.tokens
    if session and _serves(tools, name, account, tokens, session):
        return _kept_current(tools, name, session)
    client = tools.outside.client(account.endpoints, tokens.access)
    try:
        user, settings = _introduce(client)
        if user.user_id != login.stored.account_id:  # somebody has edited our own Secret
            message = str(WrongAccount(login.stored.account_id, user.user_id))
            raise Stalled("WrongAccount", message)
    except LoginRejected:
        client.close()
        tools.sessions.note_rejected(name, tokens.access)
        raise
    except (GridError, Stalled):
        client.close()
        raise
    facts = _facts(user, settings, tokens)
    allowed = account.allowed_namespaces
    outside = tools.outside
    at, after = outside.clock(account.endpoints).now(), outside.monotonic()
    opened = Session(client, account.endpoints, allowed, tokens.access, facts, at, after, outside)
    tools.sessions.open(name, opened)
    log("LoggedIn", f"logged in as {user.user_id}", object=str(name))
    tools.changed(tools.dependants(name))
    return facts


def _kept_current(tools: Tools, name: Name, session: Session) -> Json:
    """Read the account's mode again when it was read long ago; all else changes with the login."""
    now = tools.outside.monotonic()
    if now - session.facts_at >= READ_MODE_EVERY.total_seconds():
        session.facts_at = now  # what fails is not tried at every look
        try:
            session.facts = session.facts | {"mode": session.client.settings().mode}
        except GridError as problem:
            if isinstance(problem, LoginRejected):
                tools.sessions.note_rejected(name, session.token)
                raise
            log("ModeUnknown", str(problem), object=str(name))
    return dict(session.facts)


def _serves(
    tools: Tools, name: Name, account: GridAccount, tokens: TokenPair, session: Session
) -> bool:
    return (
        session.token == tokens.access
        and session.allowed_namespaces == account.allowed_namespaces
        and not tools.sessions.is_rejected(name, session.token)
    )


def _introduce(client: Client) -> tuple[Account, AccountSettings]:
    """Ask whose login this is."""
    try:
        return client.account(), client.settings()
    except Refused as refusal:
        if refusal.code != "insufficient_scope":
            raise
        raise Stalled("ScopeMissing", SCOPE_MISSING) from None


def _facts(user: Account, settings: AccountSettings, tokens: TokenPair) -> Json:
    return {
        "accountId": user.user_id,
        "mode": settings.mode,
        "scopes": list(tokens.scopes) or None,
        "tokenExpiresAt": time_text(tokens.expires_at) if tokens.refresh else None,
    }
