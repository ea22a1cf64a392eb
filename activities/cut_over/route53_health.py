"""`cut_over.route53_health`: turn Route 53's health checks, on which the records of the regions depend."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.route53_health import HealthChecks, HealthSwitches, note_on_checks, read_checks, turn_checks
from activities.contract import Job
from activities.switching import Switch
from runbooks.aws.switches import Route53HealthCommon


class CutOverRoute53Health(OnAws, Switch[HealthChecks, HealthSwitches]):
    """Holds a region's check for unhealthy, or lets it look: the control plane turns it, the data plane follows."""

    uses = "cut_over.route53_health"
    permissions = (
        "route53:ChangeTagsForResource",
        "route53:GetHealthCheck",
        "route53:ListTagsForResource",
        "route53:UpdateHealthCheck",
    )
    Settings = HealthChecks
    view = HealthSwitches
    every = 0.5
    atomic = False

    @classmethod
    def arns(cls, settings: Route53HealthCommon) -> tuple[str, ...]:
        """The checks."""
        places = settings.places.values() if isinstance(settings, HealthChecks) else [settings]
        return tuple(f"arn:aws:route53:::healthcheck/{getattr(place, 'health_check')}" for place in places)  # noqa: B009

    async def _see(self, job: Job[HealthChecks]) -> HealthSwitches:
        return await read_checks(aws(job), job.settings)

    async def _note(self, job: Job[HealthChecks], seen: HealthSwitches) -> None:
        del seen
        await note_on_checks(aws(job), job.settings, job.call.epoch)

    async def _turn(
        self, job: Job[HealthChecks], seen: HealthSwitches, on: tuple[str, ...], was: HealthSwitches | None
    ) -> None:
        await turn_checks(aws(job), job.settings, seen, on, was)
