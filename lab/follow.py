"""Makes a region's database a standby of another server, whatever it was before.

The cheapest way that works is taken: it is only pointed at its upstream (a standby that has nothing of its own);
else rewound (`pg_rewind`: what only it has is thrown away); else copied anew (`pg_basebackup`). A way has worked when
the server streams from its upstream, on the upstream's timeline.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from lab.database_look import Upstream, look, tell
from lab.disk import rebuilding, role_on_disk
from lab.errors import LabError, RefusedError
from lab.postgres_conf import follower_settings, lift_fence, primary_conninfo
from lab.postgres_programs import Programs, Say
from lab.postgres_servers import Servers
from lab.switches import BarredError, Switches
from lab.topology import ADMIN, Lab, LabRegion
from lab.waiting import until

_STREAM_WITHIN = 15.0
_POINT_WITHIN = 3.0
"""A standby that fits its upstream streams at once: the lab's servers retry ten times a second."""


class Follower:
    """One region's server on its way to be a standby."""

    def __init__(self, lab: Lab, region: LabRegion, say: Say) -> None:
        self._lab = lab
        self._region = region
        self._say = say
        self._pgdata = lab.pgdata(region.name)
        self._programs = Programs(lab, region.name)
        self._servers = Servers(lab)
        self._dsn = lab.dsn(region.name, dbname="postgres")

    async def follow(self, upstream: Upstream) -> str:
        """Do it, and say how. Raises LabError."""
        timeline = await self._timeline_of(upstream)
        here = await look(self._dsn)
        if here is not None and here.writable:
            message = f"{self._region.database} is a primary that takes writes: fence it first."
            raise RefusedError(message)
        if here is not None and here.follows(upstream, timeline):
            return f"It follows {upstream.host}:{upstream.port} already, on timeline {timeline}."
        failures = []
        for name, way, within in self._ways(timeline):
            try:
                await way(upstream)
                await self._streams(upstream, timeline, within)
            except BarredError:
                raise
            except LabError as error:
                failures.append(f"{name}: {error}")
            else:
                return f"It follows {upstream.host}:{upstream.port} on timeline {timeline}: it was {name}."
        message = f"{self._region.database} could not be made a standby. {' '.join(failures)}"
        raise LabError(message)

    def _ways(self, timeline: int) -> list[tuple[str, Callable[[Upstream], Awaitable[None]], float]]:
        copied = ("copied anew", self._copy, _STREAM_WITHIN)
        disk = role_on_disk(self._pgdata)
        if disk.role == "absent" or rebuilding(self._pgdata).exists():
            return [copied]
        if disk.timeline > timeline or (disk.role, disk.timeline) == ("primary", timeline):
            message = (
                f"{self._region.database} is a {disk.role} on timeline {disk.timeline}, and its upstream is on "
                f"timeline {timeline}: what is newer must not be thrown away. Look at both, and decide anew."
            )
            raise RefusedError(message)
        rewound = ("rewound", self._rewind, _STREAM_WITHIN)
        if disk.role == "primary":
            return [rewound, copied]
        return [("pointed at it", self._point, _POINT_WITHIN), rewound, copied]

    async def _timeline_of(self, upstream: Upstream) -> int:
        theirs = await look(upstream.dsn(self._lab))
        if theirs is None:
            message = f"The upstream {upstream.host}:{upstream.port} does not answer."
            raise LabError(message)
        if theirs.standby:
            message = f"The upstream {upstream.host}:{upstream.port} is a standby itself: promote it first."
            raise RefusedError(message)
        return theirs.timeline

    async def _point(self, upstream: Upstream) -> None:
        self._say(f"it is pointed at {upstream.host}:{upstream.port}")
        self._configure(upstream)
        if self._servers.up(self._region) and await look(self._dsn) is not None:
            await tell(self._dsn, b"SELECT pg_reload_conf()")
        else:
            await self._servers.stop(self._region)
            await self._servers.start(self._region)

    async def _rewind(self, upstream: Upstream) -> None:
        await self._begin()
        await tell(upstream.dsn(self._lab), b"CHECKPOINT")
        source = (
            f"host={upstream.host} port={upstream.port} user={ADMIN} dbname=postgres "
            f"passfile={self._programs.passfile()} connect_timeout=2"
        )
        target = ("-D", str(self._pgdata), f"--source-server={source}")
        await self._programs.run("pg_rewind", *target, "--progress", "--no-sync", say=self._say)
        await self._finish(upstream)

    async def _copy(self, upstream: Upstream) -> None:
        new, old = self._pgdata.with_name("pgdata.new"), self._pgdata.with_name("pgdata.old")
        for left in (new, old):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        self._pgdata.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._programs.own(self._pgdata.parent)
        await self._programs.run(
            *("pg_basebackup", "-D", str(new), "-d", self._conninfo(upstream), "-X", "stream"),
            *("--checkpoint=fast", "--no-sync", "--no-manifest", "--progress"),
            say=self._say,
        )
        await self._begin()
        if self._pgdata.exists():
            self._pgdata.rename(old)
        new.rename(self._pgdata)
        await self._finish(upstream)
        await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)

    async def _begin(self) -> None:
        """From here on nobody may start it: its files are neither old nor new."""
        async with Switches(self._lab.home).locked_politely():
            rebuilding(self._pgdata).write_text(datetime.now(UTC).isoformat() + "\n")
        await self._servers.stop(self._region)

    async def _finish(self, upstream: Upstream) -> None:
        self._configure(upstream)
        rebuilding(self._pgdata).unlink(missing_ok=True)
        self._say("it is started as a standby")
        await self._servers.start(self._region)

    def _configure(self, upstream: Upstream) -> None:
        """What a rewind or a copy brought along of the other server's own settings is put right."""
        auto = self._pgdata / "postgresql.auto.conf"
        self._programs.write(auto, follower_settings(auto.read_text(), self._conninfo(upstream)))
        hba = self._pgdata / "pg_hba.conf"
        self._programs.write(hba, lift_fence(hba))
        self._programs.write(self._pgdata / "standby.signal", "")

    def _conninfo(self, upstream: Upstream) -> str:
        return primary_conninfo(self._region, upstream.host, upstream.port, self._programs.passfile())

    async def _streams(self, upstream: Upstream, timeline: int, within: float) -> None:
        async def why_not() -> str | None:
            here = await look(self._dsn)
            if here is None:
                return "it does not answer"
            return None if here.follows(upstream, timeline) else f"it does not stream on timeline {timeline}"

        await until(f"The stream from {upstream.host}:{upstream.port}", why_not, within=within, every=0.02)
