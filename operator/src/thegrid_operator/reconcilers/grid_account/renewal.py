"""Finding a login that works: a refresh or a new login is stored before it is used."""

from __future__ import annotations

from datetime import datetime, timedelta

from thegrid.client import Clock, Refused
from thegrid.core.model import TokenPair
from thegrid_operator.cache import Name
from thegrid_operator.login import LoginNeeded, Refresh, Stored, Take, Use, next_step
from thegrid_operator.reconcilers.grid_account.tools import Tools, how_to_log_in
from thegrid_operator.resources import GridAccount
from thegrid_operator.status import Stalled

LOOK_AT_LEAST_EVERY = timedelta(minutes=5)


def log_in(tools: Tools, name: Name, account: GridAccount, clock: Clock) -> tuple[Stored, datetime]:
    """Find tokens that work.

    Returns:
        The login, and when to look at it again.

    Raises:
        Stalled: A person must log in, or one of the Secrets cannot be used.
        GridError: The market refused otherwise, or could not be asked.
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    store = tools.store(account)
    bootstrap = store.bootstrap()
    secret = store.secret()
    stored = store.login_in(secret)
    rejected = stored is not None and tools.sessions.is_rejected(name, stored.tokens.access)
    step = next_step(bootstrap, stored, rejected=rejected, now=clock.now())
    if isinstance(step, LoginNeeded):
        raise Stalled(step.reason, f"{step.message}; {how_to_log_in(account)}")
    if isinstance(step, Use):
        return step.login, step.look_again_at
    if isinstance(step, Take):
        login = step.login
        store.store(login, secret, tools.effects)
    else:
        tokens = _refresh(tools, account, step)
        login = Stored(tokens, step.origin, step.account_id)
        store.store(login, secret, tools.effects.finish)
    return login, clock.now() + LOOK_AT_LEAST_EVERY


def _refresh(tools: Tools, account: GridAccount, step: Refresh) -> TokenPair:
    oauth = tools.outside.oauth(account.endpoints)
    try:
        return tools.effects("account.refresh", lambda: oauth.refresh(step.token))
    except Refused as refusal:
        if refusal.code != "invalid_grant":
            raise
        message = f"the refresh token was used up or revoked; {how_to_log_in(account)}"
        raise Stalled("LoginLost", message) from None
    finally:
        oauth.close()
