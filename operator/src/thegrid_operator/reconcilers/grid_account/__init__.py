"""`GridAccount`: keeps one login to the market fresh, and says whose it is.

One subject a file: `reconciler` is the frame, `tokens` reads the user's login Secret and keeps our
own, `renewal` finds a login that works, `proof` asks whose a new one is, `device` asks a person to
log in, `opening` opens the session. What does not belong here: which login is used next, which
`thegrid_operator.login` decides.
"""

from thegrid_operator.reconcilers.grid_account.reconciler import GridAccounts

__all__ = ["GridAccounts"]
