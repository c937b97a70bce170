"""Start provider servers quickly: import everything once, then fork one for each request.

Run as a script, not imported. Each line on standard input is a JSON object with the engine's
address, environment variables and a file for the server's output; the answer is the server's
process id. At the end of input every server is killed.
"""

import json
import os
import runpy
import signal
import sys

import pulumi_thegrid  # noqa: F401 - what a server would import first, at the cost of a second


def become_server(request):
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(request["environment"])
    sys.argv = ["pulumi.dynamic", request["engine"]]
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


def main():
    started = []
    for line in sys.stdin:
        request = json.loads(line)
        process = os.fork()
        if process == 0:
            become_server(request)
            os._exit(0)
        started.append(process)
        print(process, flush=True)  # noqa: T201 - the answer
    for process in started:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
