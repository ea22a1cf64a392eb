"""`python -m tests.aws.server PORT-FILE`: AWS on loopback, as far as moto and our fakes go. It ends with its parent."""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from tests.aws.fakes import all_fakes
from tests.aws.front import Bend, Front


class Handler(MotoRequestHandler):
    """Sends headers and body of an answer at once, as AWS does.

    Where they come apart, Terraform's client fails on a busy machine, its second attempt included: it reads the body of
    a connection that it has closed itself ("use of closed network connection").
    """

    wbufsize = 1 << 16

    def handle_expect_100(self) -> bool:
        """Who asks before it sends its body does not wait."""
        expected = super().handle_expect_100()
        self.wfile.flush()
        return expected


class Server:
    """The front, and beside it what only tests say: `/_evac/<word>`."""

    def __init__(self) -> None:
        self._front = Front(all_fakes())

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        path = environ["PATH_INFO"]
        if not path.startswith("/_evac/"):
            return self._front(environ, start)
        said = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
        body = json.dumps(getattr(self, f"_{path.removeprefix('/_evac/')}")(**said), default=str).encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def _reset(self) -> None:
        self._front.reset()

    def _calls(self) -> list[dict[str, Any]]:
        return self._front.calls

    def _bend(self, **bend: Any) -> None:
        self._front.bends.append(Bend(**bend))

    def _straighten(self) -> None:
        self._front.bends.clear()

    def _tell(self, service: str, what: dict[str, Any]) -> Any:
        return self._front.tell(service, what)


def _ends_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    threading.Thread(target=_ends_with, args=(os.getppid(),), daemon=True).start()
    server = make_server("127.0.0.1", 0, Server(), threaded=True, request_handler=Handler)
    file = Path(sys.argv[1])
    file.with_suffix(".new").write_text(str(server.port))
    file.with_suffix(".new").rename(file)
    server.serve_forever()
