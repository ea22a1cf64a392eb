"""`detect.azure_postgres`: a flexible server's role and health, and how far a replica is behind."""

from activities.azure import OnAzure
from activities.clients import azure_metrics
from activities.clients.azure import azure
from activities.clients.azure_lag import unless_silent
from activities.clients.azure_postgres import LOOKS, Server, read_replicas, read_server, server_lag
from activities.contract import Job
from activities.fence.azure_postgres import FenceAzurePostgres
from activities.lagging import Lag
from activities.observing import Detector, Sight
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.facts import DataValues, StandbyValues


class DetectAzurePostgres(OnAzure, Detector[AzurePostgresSettings]):
    """A server that Azure shows as working is healthy; a fenced one too. Azure Monitor tells the lag of a replica.

    Replication that is broken is no ill health of the replica: it can be promoted, and shows as not streaming.
    """

    uses = "detect.azure_postgres"
    permissions = (*LOOKS, "Microsoft.DBforPostgreSQL/flexibleServers/replicas/read", azure_metrics.READS)
    Settings = AzurePostgresSettings
    scopes = FenceAzurePostgres.scopes

    async def _look(self, job: Job[AzurePostgresSettings]) -> Sight:
        there, settings = azure(job), job.settings
        seen = await read_server(there, settings)
        standby = seen.role == "standby"
        lag = await unless_silent(server_lag(there, seen)) if standby else Lag()
        replicas = {} if standby else await read_replicas(there, settings)
        values = DataValues(
            role=seen.role,
            streaming=seen.streaming,
            lag_seconds=lag.seconds,
            last_commit_at=lag.complete_until,
            read_only=standby or seen.fenced,
            epoch=seen.epoch,
            standbys={id_.rpartition("/")[2]: _standby(state) for id_, state in replicas.items()},
        )
        return Sight(good=seen.serves, reason=_sentence(seen, lag, values), values=values.model_dump(mode="json"))


def _standby(state: str) -> StandbyValues:
    return StandbyValues(state="streaming" if state == "Active" else state.lower(), sync_state="async")


def _sentence(seen: Server, lag: Lag, values: DataValues) -> str:
    if not seen.serves:
        return f"{seen.name} is {seen.status}."
    if seen.role == "standby":
        return f"{seen.name} is a replica ({seen.replication or 'of unknown state'}), {lag.said}."
    fenced = ", fenced" if values.read_only else ""
    return f"{seen.name} is a primary with {len(values.standbys)} replicas{fenced}."
