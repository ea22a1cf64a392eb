"""The program that `tests.nursery.evac` gives: it stands for a command that runs elsewhere, and imports little."""

import json
import os
import signal
import socket
import sys

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)


def main() -> None:
    """Ask for the command, and end as it ends."""
    early: list[int] = []
    for number in _PASSED_ON:
        signal.signal(number, lambda number, _frame: early.append(number))
    line = socket.socket(socket.AF_UNIX)
    line.connect(f"{sys.argv[0]}.sock")
    asked = {"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109
    text = f"{json.dumps(asked)}\n".encode()
    socket.send_fds(line, [text], [0, 1, 2])
    told = line.makefile()
    child = int(told.readline())
    for number in _PASSED_ON:
        signal.signal(number, lambda number, _frame: os.kill(child, number))
    for number in early:
        os.kill(child, number)
    code = int(told.readline() or -signal.SIGKILL)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
