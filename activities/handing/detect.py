"""Look at it: its role, and how the replication of each standby stands."""

from typing import Generic

from activities.contract import Job
from activities.handing.place import Handed, S
from activities.lagging import Lag
from activities.observing import Detector, Sight
from runbooks.facts import DataValues, StandbyValues


class HandDetect(Handed[S], Detector[S], Generic[S]):
    """What the cloud shows is there, and its role; what is in nothing that the cloud moves takes writes."""

    async def _look(self, job: Job[S]) -> Sight:
        seen = await self._see(job, job.settings)
        standby = seen.role == "standby"
        lag = seen.lag or Lag()
        values = DataValues(
            role="standby" if standby else "primary",
            streaming=seen.in_step,
            lag_seconds=lag.seconds if standby else None,
            last_commit_at=lag.complete_until if standby else None,
            read_only=standby,
            epoch=seen.epoch,
            standbys={} if standby else {name: _standby(state) for name, state in seen.others.items()},
        )
        told = f", {lag.said}" if standby and seen.lag is not None else ""
        reason = f"{seen.name} is {'a standby' if standby else 'the primary'} ({seen.status}){told}."
        return Sight(good=True, reason=reason, values=values.model_dump(mode="json"))


def _standby(state: str) -> StandbyValues:
    return StandbyValues(state=state, sync_state="async")
