"""`detect.rfc2136`: which regions the public name leads to now."""

import asyncio

from activities.clients.dns import lookup
from activities.clients.rfc2136 import NameSettings, NameState, read_name
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.facts import DnsValues


class DetectRfc2136(Detector[NameSettings]):
    """Asks every server at once; the first one that answers counts, in the order of the runbook.

    Healthy only when that is the very first, the one that takes the updates.
    """

    uses = "detect.rfc2136"
    permissions = ("a route to every authoritative server",)
    Settings = NameSettings

    async def _look(self, job: Job[NameSettings]) -> Sight:
        settings = job.settings
        asked = {server: asyncio.create_task(_ask(settings, server)) for server in settings.servers}
        silent: list[StepError] = []
        try:
            for server, task in asked.items():
                answer = await task
                if isinstance(answer, StepError):
                    silent.append(answer)
                    continue
                return _sight(settings, server, *answer, silent)
        finally:
            for task in asked.values():
                task.cancel()
            await asyncio.wait(asked.values())
        raise silent[0]


async def _ask(settings: NameSettings, server: str) -> tuple[NameState, int] | StepError:
    try:
        state, soa = await asyncio.gather(
            read_name(settings, server), lookup(server, settings.zone, "SOA", settings.timeout)
        )
    except StepError as error:
        return error
    return state, getattr(soa[0], "serial", 0) if soa else 0


def _sight(settings: NameSettings, server: str, state: NameState, serial: int, silent: list[StepError]) -> Sight:
    regions = tuple(region for region, address in settings.addresses.items() if address in state.addresses)
    values = DnsValues(regions=regions, addresses=state.addresses, ttl=state.ttl, serial=serial)
    leads = f"{settings.name} leads to {', '.join(regions or state.addresses) or 'nothing'}"
    reason = f"{leads}, says {server}. {silent[0].sentence}" if silent else f"{leads}."
    return Sight(good=not silent and bool(state.addresses), reason=reason, values=values.model_dump(mode="json"))
