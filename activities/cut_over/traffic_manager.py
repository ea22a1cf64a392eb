"""`cut_over.traffic_manager`: enable, weigh and disable the endpoints of an Azure Traffic Manager profile."""

from collections.abc import Mapping

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.traffic_manager import (
    ANSWERED,
    Profile,
    ProfileView,
    lead_profile,
    led_by,
    read_profile,
    same_endpoints,
    wanted_endpoints,
)
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.naming import LeadName, RecordSet
from runbooks.azure.traffic import TrafficManagerCommon
from runbooks.steps import ErrorType, StepResult

_SHARE = 0.8
"""Of the call's time, for Traffic Manager's probes to find what was enabled."""


class CutOverTrafficManager(OnAzure, LeadName[Profile, ProfileView]):
    """Sets all endpoints by one request, the decision in the profile's tags; waits until its probes find them well."""

    uses = "cut_over.traffic_manager"
    permissions = (
        locks.READS,
        "Microsoft.Network/trafficmanagerprofiles/read",
        "Microsoft.Network/trafficmanagerprofiles/write",
    )
    Settings = Profile
    view = ProfileView

    @classmethod
    def scopes(cls, settings: TrafficManagerCommon) -> tuple[str, ...]:
        """The profile."""
        return (settings.profile_id,)

    async def _see(self, job: Job[Profile]) -> ProfileView:
        return await read_profile(azure(job), job.settings)

    def _wanted(self, job: Job[Profile], weights: Mapping[str, int]) -> tuple[RecordSet, ...]:
        return wanted_endpoints(job.settings, weights)

    def _same(self, job: Job[Profile], one: tuple[RecordSet, ...], other: tuple[RecordSet, ...]) -> bool:
        return same_endpoints(job.settings, one, other)

    def _led(self, job: Job[Profile], sets: tuple[RecordSet, ...]) -> dict[str, int]:
        return led_by(job.settings, sets)

    async def _replace(self, job: Job[Profile], seen: ProfileView, wanted: tuple[RecordSet, ...]) -> None:
        await lead_profile(azure(job), job.settings, seen, wanted, job.call.epoch)

    async def _confirmed(self, job: Job[Profile], result: StepResult, serving: tuple[str, ...]) -> StepResult:
        """What was accepted leads nobody anywhere while the probes of Traffic Manager find the endpoint dead."""
        job.progress.text = "Traffic Manager has taken the change, and probes its endpoints"
        names = [job.settings.place(region).endpoint_name for region in serving]
        seen, good = await poll(
            lambda: self._see(job),
            lambda seen: all(seen.monitors.get(name) in ANSWERED for name in names),
            every=self.every,
            within=job.allowed * _SHARE,
        )
        if good:
            after = {**result.after, "monitors": dict(seen.monitors)}
            return result.model_copy(update={"reason": f"{result.reason} Its probes find them well.", "after": after})
        told = ", ".join(f"{name} is {seen.monitors.get(name, 'Disabled')}" for name in names)
        raise StepError(
            ErrorType.NOT_YET,
            f"{job.settings.profile} has taken the change, but its own probes do not find it well ({told}), so it may "
            "lead clients elsewhere: look at what they probe; it is looked at again.",
            seen.evidence(),
        )
