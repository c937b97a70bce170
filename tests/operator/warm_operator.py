"""The real command `thegrid-operator`, started again and again without being imported again.

Usage: python -m tests.operator.warm_operator FLAG... with the operator's own flags. Each SIGUSR1
begins a life: a process that is forked from this one, which has imported the operator and never run
it, so that a life knows nothing of those before. SIGHUP ends it as Kubernetes would end a pod. A
life that ends otherwise, or with an error, is the end of all.
"""

from __future__ import annotations

import os
import signal
import sys

from thegrid_operator.__main__ import main

NONE_LIVES = "no life"
BEGIN, END = signal.SIGUSR1, signal.SIGHUP
_HEARD = {BEGIN, END, signal.SIGTERM, signal.SIGCHLD}


def _live_again_and_again(flags):
    signal.signal(signal.SIGCHLD, lambda *_: None)  # what is ignored by default is never heard
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    while _may_begin():
        life = os.fork()
        if not life:
            _live(flags)
        told = signal.sigwait({END, signal.SIGTERM, signal.SIGCHLD})
        if told == END:
            os.kill(life, signal.SIGTERM)  # at SIGTERM it has heard of it, as all of the group
        _, status = os.waitpid(life, 0)
        if told != END or status:
            return os.waitstatus_to_exitcode(status)
        signal.sigwait({signal.SIGCHLD})
    return 0


def _may_begin():
    sys.stderr.write(f"{NONE_LIVES}\n")
    sys.stderr.flush()
    return signal.sigwait({BEGIN, signal.SIGTERM}) == BEGIN


def _live(flags):
    signal.signal(END, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
    sys.exit(main(flags))


if __name__ == "__main__":
    sys.exit(_live_again_and_again(sys.argv[1:]))
