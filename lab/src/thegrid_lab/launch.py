"""Become another program that is killed when the process that asked for it dies.

Run as a script, not imported: ``python launch.py PARENT_PID COMMAND…``. A `preexec_fn` would do the
same in the forked child, but is unsafe in a process with threads (Python's documentation of
`subprocess`), and gRPC starts some.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2); kept across execve(2)


def main() -> None:
    """Ask for the parent's death signal, then replace this process by the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the signal was armed
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - a list, no shell: that is the point
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
