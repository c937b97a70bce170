"""What `GET /diagnostics` says on each host: whether the caller's account is fit to be used.

Pure. The shape is the vendor's; the checks are the emulator's, since production's are not public.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from thegrid_emulator.state.accounts import Account
from thegrid_emulator.timestamps import iso
from thegrid_emulator.views import JSONObject

Verdict = Literal["ok", "warn", "fail"]

_WORST_FIRST: tuple[Verdict, ...] = ("fail", "warn", "ok")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: of the check.
        status: ok, warn or fail.
        code: machine code of the outcome.
        detail: the outcome for a human.
        next_action: what the user should do; None if nothing.
    """

    name: str
    status: Verdict
    code: str
    detail: str
    next_action: str | None = None


def diagnose(service: str, account: Account, now: datetime) -> JSONObject:
    """Return the report.

    Args:
        service: which host answers.
        account: the caller's.
        now: the market's time.
    """
    checks = [check(account) for check in (_credentials, _email, _terms, _mode)]
    seen = Counter(check.status for check in checks)
    return {
        "status": next(status for status in _WORST_FIRST if seen[status]),
        "service": service,
        "server_time": iso(now),
        "checks": [asdict(check) for check in checks],
        "summary": {status: seen[status] for status in _WORST_FIRST},
    }


def _credentials(account: Account) -> Check:
    return Check("credentials", "ok", "authenticated", f"authenticated as {account.email}")


def _email(account: Account) -> Check:
    if account.verified:
        return Check("email", "ok", "email_verified", "the e-mail address is verified")
    return Check(
        "email",
        "fail",
        "email_not_verified",
        "the e-mail address is not verified",
        "follow the link in the e-mail",
    )


def _terms(account: Account) -> Check:
    if account.accepted_terms:
        return Check("legal_terms", "ok", "legal_terms_accepted", "the legal terms are accepted")
    return Check(
        "legal_terms",
        "fail",
        "legal_terms_not_accepted",
        "the legal terms have not been accepted",
        "accept them in the web app",
    )


def _mode(account: Account) -> Check:
    if account.settings.account_mode == "advanced":
        return Check("account_mode", "ok", "advanced_mode", "orders can be placed by hand")
    return Check(
        "account_mode",
        "warn",
        "easy_mode",
        "the platform buys on demand; orders by hand are refused",
        "switch to advanced mode to trade",
    )
