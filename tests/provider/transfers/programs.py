"""The program that the tests of transfers run."""

from pulumi_thegrid import Transfer


def program(*names, **arguments):
    given = {"instrument": "text-prime", "quantity": 2}

    def declare():
        for name in names or ("units",):
            Transfer(name, **given | arguments)

    return declare
