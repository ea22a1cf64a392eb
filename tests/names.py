"""A real name server on loopback that answers what a test's fake of a cloud has in its zones now."""

import socketserver
import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(socketserver.ThreadingUDPServer):
    """One server for all zones of a cloud."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.silent = False

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.server_address[1]}"

    @abstractmethod
    def values(self, name: str, kind: str) -> list[str] | None:
        """One answer; None when the name is in no zone."""


class _Question(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, line = self.request
        server: Any = self.server
        if server.silent:
            return
        asked = dns.message.from_wire(wire)
        answer = dns.message.make_response(asked)
        name, kind = asked.question[0].name, dns.rdatatype.to_text(asked.question[0].rdtype)
        found = server.values(name.to_text().lower(), kind)
        if found is None:
            answer.set_rcode(dns.rcode.REFUSED)
        else:
            answer.flags |= dns.flags.AA
            answer.answer = [dns.rrset.from_text_list(name, 1, "IN", kind, sorted(set(found)))] if found else []
        line.sendto(answer.to_wire(), self.client_address)


@contextmanager
def serving(server: NameServer) -> Iterator[None]:
    """It answers while the block runs."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
