"""The program that the tests of standing orders run."""

from pulumi_thegrid import StandingOrder


def program(**arguments):
    given = {"instrument": "text-prime", "side": "buy", "price": "0.01", "quantity": 3}

    def declare():
        StandingOrder("bid", **given | arguments)

    return declare
