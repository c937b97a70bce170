"""What may go wrong at one effect: whether it happens, and whether the process survives to know."""

SURVIVED = ["fails before", "answer lost"]
FAULTS = [*SURVIVED, "crash before", "crash after"]


class Failed(Exception):
    """An effect gave no usable answer; the process lives on."""


class Crashed(BaseException):
    """The process died, and what it had not written down with it."""


def struck(faults, happen):
    """Do one effect, struck by the next of some faults; it is taken off them."""
    fault = faults.pop(0) if faults else None
    if fault == "crash before":
        raise Crashed
    if fault == "fails before":
        raise Failed
    result = happen()
    if fault == "answer lost":
        raise Failed
    if fault == "crash after":
        raise Crashed
    return result
