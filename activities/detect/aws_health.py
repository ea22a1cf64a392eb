"""`detect.aws_health`: does AWS itself know of an open issue in the region?

AWS Health is asked at one place for all regions, and at a second one when that is down:
https://docs.aws.amazon.com/health/latest/ug/health-api.html (endpoints)
"""

from activities.aws import OnAws
from activities.clients.aws import Answer, Aws, aws
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.aws.checks import AwsHealthSettings
from runbooks.steps import ErrorType

_PLACES = ("us-east-1", "us-west-2")
_SILENT = (ErrorType.UNREACHABLE, ErrorType.TIMED_OUT)
_SHOWN = 5


class DetectAwsHealth(OnAws, Detector[AwsHealthSettings]):
    """Unhealthy while AWS Health has an open issue of the region; its own silence tells nothing of the region."""

    uses = "detect.aws_health"
    tested_against = "fake of the service model"
    permissions = ("health:DescribeEvents",)
    unscoped = frozenset(permissions)
    Settings = AwsHealthSettings
    silence = "unknown"

    @classmethod
    def arns(cls, settings: AwsHealthSettings) -> tuple[str, ...]:
        """All events: IAM cannot narrow the list."""
        del settings
        return ("*",)

    async def _look(self, job: Job[AwsHealthSettings]) -> Sight:
        settings = job.settings
        wanted: Answer = {
            "regions": [settings.aws_region],
            "eventStatusCodes": ["open"],
            "eventTypeCategories": ["issue"],
        }
        if settings.services:
            wanted["services"] = list(settings.services)
        events = await self._events(job, wanted)
        of = ", ".join(settings.services) or "any service"
        if not events:
            return Sight(good=True, reason=f"AWS Health knows of no open issue of {of} in {settings.aws_region}.")
        told = [f"{one['service']} {one['eventTypeCode']} since {one['startTime']:%Y-%m-%d %H:%M}Z" for one in events]
        reason = f"AWS Health has {len(events)} open issues in {settings.aws_region}: {'; '.join(told[:_SHOWN])}."
        return Sight(good=False, reason=reason, values={"events": [str(one["arn"]) for one in events]})

    async def _events(self, job: Job[AwsHealthSettings], wanted: Answer) -> list[Answer]:
        silent: StepError | None = None
        for place in _PLACES:
            try:
                return await self._ask(_at(job, place), wanted)
            except StepError as error:
                if error.kind not in _SILENT:
                    raise
                silent = error
        assert silent is not None
        raise silent

    async def _ask(self, there: Aws, wanted: Answer) -> list[Answer]:
        try:
            found: list[Answer] = await there.pages("health", "describe_events", "events", filter=wanted)
        except StepError as error:
            if error.evidence.get("code") == "SubscriptionRequiredException":
                sentence = "AWS Health answers only accounts with a paid plan of AWS Support: take this check away."
                raise StepError(ErrorType.DENIED, sentence, error.evidence) from None
            raise
        return found


def _at(job: Job[AwsHealthSettings], place: str) -> Aws:
    """AWS Health at that place, unless the settings say where it is."""
    settings = job.settings
    own = (
        {}
        if settings.endpoint or "health" in settings.endpoints
        else {"health": f"https://health.{place}.amazonaws.com"}
    )
    endpoints = {**settings.endpoints, **own}
    return aws(job, settings.model_copy(update={"aws_region": place, "endpoints": endpoints}))
