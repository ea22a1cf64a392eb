"""`verify.dns`: every authoritative server leads the public name to exactly the wanted addresses."""

import asyncio

from activities.clients.dns import addresses
from activities.clients.rfc2136 import NameSettings
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight, Verifier


class VerifyDns(Verifier[NameSettings]):
    """Good when all servers agree: clients ask any of them."""

    uses = "verify.dns"
    permissions = ("a route to every authoritative server",)
    Settings = NameSettings

    async def _look(self, job: Job[NameSettings]) -> Sight:
        settings = job.settings
        wanted = settings.wanted
        answers = await asyncio.gather(*(_ask(settings, server) for server in settings.servers))
        for answer in answers:
            if isinstance(answer, StepError) and answer.final:
                raise answer  # a server that is not one of this zone's will not become one
        said = {server: _words(answer) for server, answer in zip(settings.servers, answers, strict=True)}
        wrong = [f"{server}: {answer}" for server, answer in said.items() if answer != ", ".join(wanted)]
        if wrong:
            reason = f"{settings.name} should lead to {', '.join(wanted)}, but not every server says so. "
            return Sight(good=False, reason=f"{reason}{'; '.join(wrong)}.", values={**said})
        count = f"All {len(said)} servers lead" if len(said) > 1 else "The server leads"
        return Sight(good=True, reason=f"{count} {settings.name} to {', '.join(wanted)}.", values={**said})


async def _ask(settings: NameSettings, server: str) -> tuple[str, ...] | StepError:
    try:
        return await addresses(server, settings.name, settings.timeout)
    except StepError as error:
        return error


def _words(answer: tuple[str, ...] | StepError) -> str:
    return answer.sentence.rstrip(".") if isinstance(answer, StepError) else ", ".join(answer) or "nothing"
