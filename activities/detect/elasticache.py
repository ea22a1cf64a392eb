"""`detect.elasticache`: which role a member of a Global Datastore has, and how far it is behind."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.elasticache import LAGS, SECONDARY, SEES, GroupView, Lag, arns, called, read_group, read_lag
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.aws.elasticache import ElasticacheSettings
from runbooks.facts import DataValues, StandbyValues

_STREAMING = frozenset({"associated", "modifying"})


class DetectElasticache(OnAws, Detector[ElasticacheSettings]):
    """A group that serves is healthy. What is no secondary takes writes, also when it is in no datastore any more."""

    uses = "detect.elasticache"
    tested_against = "moto + fake (Global Datastores)"
    permissions = (*SEES, *LAGS)
    unscoped = frozenset(LAGS)
    Settings = ElasticacheSettings

    @classmethod
    def arns(cls, settings: ElasticacheSettings) -> tuple[str, ...]:
        """The group and its datastore."""
        return arns(settings)

    async def _look(self, job: Job[ElasticacheSettings]) -> Sight:
        settings = job.settings
        seen = await read_group(aws(job), settings)
        if seen.role == SECONDARY:
            lag = await read_lag(aws(job), settings, seen)
            behind = "how far it is behind is not known" if lag is None else f"it was {lag.seconds:g} s behind"
            reason, values = f"It is a secondary; {behind}.", _standby(seen, called(settings), lag)
        else:
            reason, values = _primary(seen, called(settings))
        return Sight(good=True, reason=reason, values=values.model_dump(mode="json"))


def _standby(seen: GroupView, name: str, lag: Lag | None) -> DataValues:
    own = seen.members.get(name)
    streaming = own is not None and own.status in _STREAMING
    values = DataValues(role="standby", streaming=streaming, read_only=True, epoch=seen.epoch)
    if lag is None:
        return values
    return values.model_copy(update={"lag_seconds": lag.seconds, "last_commit_at": lag.until - lag.seconds})


def _primary(seen: GroupView, name: str) -> tuple[str, DataValues]:
    others = {member: one for member, one in seen.members.items() if member != name}
    standbys = {
        member: StandbyValues(state="streaming" if one.status in _STREAMING else one.status, sync_state="async")
        for member, one in others.items()
    }
    values = DataValues(role="primary", epoch=seen.epoch, standbys=standbys)
    if not seen.members:
        return "It is in no Global Datastore of that name, and takes writes.", values
    return f"It is the primary; its secondaries: {', '.join(sorted(others)) or 'none'}.", values
