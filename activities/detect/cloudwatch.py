"""`detect.cloudwatch`: is one of these alarms raised?

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
"""

from activities.aws import OnAws, account_of
from activities.clients.aws import Answer, aws
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.aws.checks import CloudwatchSettings
from runbooks.steps import ErrorType


class DetectCloudwatch(OnAws, Detector[CloudwatchSettings]):
    """Unhealthy when one is in ALARM; unknown when one has not enough data, or does not exist."""

    uses = "detect.cloudwatch"
    permissions = ("cloudwatch:DescribeAlarms",)
    Settings = CloudwatchSettings

    @classmethod
    def arns(cls, settings: CloudwatchSettings) -> tuple[str, ...]:
        """The alarms."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        return tuple(f"arn:aws:cloudwatch:{where}:alarm:{name}" for name in settings.alarms)

    async def _look(self, job: Job[CloudwatchSettings]) -> Sight:
        names = list(dict.fromkeys(job.settings.alarms))
        kinds = ["MetricAlarm", "CompositeAlarm"]
        asked: Answer = {"AlarmNames": names, "AlarmTypes": kinds, "MaxRecords": 100}
        answer = await aws(job).read("cloudwatch", "describe_alarms", **asked)
        found = {one["AlarmName"]: one for one in (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ()))}
        values = {name: str(alarm["StateValue"]) for name, alarm in found.items()}
        raised = [name for name in names if values.get(name) == "ALARM"]
        if raised:
            told = "; ".join(f"{name} is in ALARM{_why(found[name])}" for name in raised)
            return Sight(good=False, reason=f"{told}.", values=dict(values))
        absent = [name for name in names if name not in found]
        if absent:
            raise StepError(
                ErrorType.NOT_FOUND,
                f"There is no alarm {', '.join(absent)} in {job.settings.aws_region}: look whether the runbook names "
                "it rightly.",
                dict(values),
            )
        unsure = [name for name in names if values[name] != "OK"]
        if unsure:
            sentence = f"{', '.join(unsure)} has not enough data: it tells nothing. Look whether its metric is sent."
            raise StepError(ErrorType.NOT_FOUND, sentence, dict(values))
        return Sight(good=True, reason=f"No alarm is raised ({', '.join(names)}).", values=dict(values))


def _why(alarm: Answer) -> str:
    said = str(alarm.get("StateReason", "")).strip().rstrip(".")
    return f" ({said})" if said else ""
