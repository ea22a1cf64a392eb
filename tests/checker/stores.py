"""One data store of the model: a server in each region, each with its own log of writes, and what clients were told."""

from dataclasses import dataclass, field

UNIT = 100
"""Bytes of the log that one write takes."""


@dataclass
class Server:
    """The store's server in one region. `log` holds the numbers of the writes that it has."""

    region: str
    role: str = "standby"
    log: list[int] = field(default_factory=list)
    timeline: int = 1
    upstream: str | None = None
    read_only: bool = False
    powered: bool = True
    """As the power controller has it: a server that it has switched off does not come back by itself."""
    epoch: int = 0

    def shape(self) -> tuple[str, bool, bool]:
        """What an abort must bring back."""
        return self.role, self.read_only, self.powered


@dataclass(frozen=True)
class Answer:
    """A write that a server has acknowledged to a client."""

    region: str
    at: float


@dataclass
class Store:
    """All servers of one data resource, and what clients were told."""

    name: str
    kind: str
    servers: dict[str, Server]
    lag: int = 0
    """How many writes the standbys are behind their primary."""
    answers: dict[int, Answer] = field(default_factory=dict)
    salvaged: set[int] = field(default_factory=set)
    promoted: list[str] = field(default_factory=list)
    """Where it was promoted, in order."""
    home: str = ""

    def write(self, region: str, number: int, at: float) -> None:
        """A client's write, acknowledged."""
        self.servers[region].log.append(number)
        self.answers[number] = Answer(region, at)

    def writer(self) -> Server:
        """The server that was made the primary last: what it has not is lost."""
        return self.servers[self.promoted[-1] if self.promoted else self.home]

    def lost(self) -> dict[int, Answer]:
        """Every write that a client was told of and that the writer has not."""
        kept = set(self.writer().log)
        return {number: answer for number, answer in self.answers.items() if number not in kept}

    def follow(self, region: str, behind: int) -> bool:
        """The standby takes its upstream's log, up to `behind` writes less; False when the logs have parted."""
        server = self.servers[region]
        if server.upstream is None:
            return False
        log = self.servers[server.upstream].log
        if server.log != log[: len(server.log)]:
            return False
        server.log = log[: max(len(server.log), len(log) - behind)]
        server.timeline = max(server.timeline, self.servers[server.upstream].timeline)
        return True
