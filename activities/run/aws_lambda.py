"""`run.aws_lambda`: a function of AWS Lambda.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
from typing import Any

from activities.acting import Act, SettledMeanwhile, View
from activities.aws import OnAws, account_of
from activities.clients.aws import Aws, aws
from activities.clients.marker import Marker, MarkerFile
from activities.contract import Job
from activities.errors import StepError
from activities.running import MOST_TOLD, told
from runbooks.aws.runs import LambdaStep
from runbooks.steps import ErrorType

_UNKNOWN_ENDS = frozenset({ErrorType.TIMED_OUT, ErrorType.UNREACHABLE})
_CALLABLE = frozenset({"Active", "Inactive"})
"""An inactive function wakes when it is called, and answers a little later."""
_MARGIN = 5.0


class LambdaView(View):
    """What is known of this run's invocation, and of the function."""

    marker: Marker | None = None
    state: str = ""
    version: str = ""
    timeout: float = 3.0


class RunAwsLambda(OnAws, Act[LambdaStep, LambdaView]):
    """Invokes a function once, and waits for its answer, unless it is only to be handed over.

    AWS keeps nothing by which an invocation could be found again. A marker on this worker's home says that it was
    begun, and how it ended; one whose answer was lost is not repeated, unless the settings call it `repeatable`:
    a person looks, and their `retry` invokes it again.
    """

    uses = "run.aws_lambda"
    permissions = ("lambda:GetFunctionConfiguration", "lambda:InvokeFunction")
    Settings = LambdaStep

    @classmethod
    def arns(cls, settings: LambdaStep) -> tuple[str, ...]:
        """The function, and the one version or alias of it that is called."""
        name = settings.function
        arn = name if ":" in name else f"arn:aws:lambda:{settings.aws_region}:{account_of(settings)}:function:{name}"
        return (arn, f"{arn}:{settings.qualifier}") if settings.qualifier else (arn,)

    async def _observe(self, job: Job[LambdaStep]) -> LambdaView:
        marker = self._file(job).read()
        if marker is not None and (marker.epoch or 0) > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"The function was invoked by decision {marker.epoch}, which is newer than this run's "
                f"{job.call.epoch}: nothing was invoked.",
                marker.evidence(),
            )
        if marker is not None and marker.done:
            return LambdaView(marker=marker)
        shown = await aws(job).read("lambda", "get_function_configuration", **_named(job))
        view = LambdaView(
            marker=marker,
            state=shown.get("State", "Active"),
            version=shown.get("Version", ""),
            timeout=shown.get("Timeout", 3.0),
        )
        if view.state not in _CALLABLE:
            why = f": {shown['StateReason'].rstrip('.')}" if shown.get("StateReason") else ""
            sentence = f"The function {job.settings.function} is {view.state}{why}; it cannot be invoked."
            raise StepError(ErrorType.WRONG_STATE, sentence, view.evidence())
        return view

    def _settled(self, job: Job[LambdaStep], seen: LambdaView) -> str | None:
        del job
        done = seen.marker is not None and seen.marker.done
        return "The function was invoked already, and that ended well." if done else None

    async def _act(self, job: Job[LambdaStep], seen: LambdaView) -> str:
        file = self._file(job)
        with file.held():
            marker = file.read()  # once more, at the moment that counts
            if marker is not None and marker.done:
                news = "Another worker has invoked the function meanwhile, and that ended well."
                raise SettledMeanwhile(news)
            file.begin(safe=job.settings.repeatable, epoch=job.call.epoch)
            try:
                answer, tail = await self._invoked(job, seen)
            except StepError as error:
                if error.kind not in _UNKNOWN_ENDS:
                    file.end(1, job.secrets.strike_text(error.sentence))
                raise
            failed = answer.get("FunctionError")
            file.end(1 if failed else 0, job.secrets.strike_text(tail))
        if failed:
            kind = ErrorType.NOT_YET if job.settings.repeatable else ErrorType.WRONG_STATE
            sentence = f"The function {job.settings.function} failed ({failed}): {_reason(tail)}."
            raise StepError(kind, sentence, {"output": tail, "log": _log(answer)})
        return "The function was invoked and ended well." if job.settings.wait else "The function was handed its event."

    async def _observe_after(self, job: Job[LambdaStep], seen: LambdaView) -> LambdaView:
        return seen.model_copy(update={"marker": self._file(job).read()})

    async def _invoked(self, job: Job[LambdaStep], seen: LambdaView) -> tuple[dict[str, Any], str]:
        """The answer, and the end of what the function returned."""
        settings = job.settings
        patient = settings.model_copy(update={"read_timeout": max(settings.read_timeout, seen.timeout + _MARGIN)})
        asked: dict[str, Any] = {
            **_named(job),
            "InvocationType": "RequestResponse" if settings.wait else "Event",
            "Payload": json.dumps({**settings.payload, "evac": told(job)}).encode(),
            **({"LogType": "Tail"} if settings.wait else {}),
        }
        there = Aws(job, patient if settings.wait else settings)
        answer = await there.streamed("lambda", "invoke", "Payload", **asked)
        return answer, bytes(answer.get("Payload") or b"").decode(errors="replace")[-MOST_TOLD:]

    def _file(self, job: Job[LambdaStep]) -> MarkerFile:
        return MarkerFile(self.home, job.call.run, job.call.step)


def _named(job: Job[LambdaStep]) -> dict[str, Any]:
    found = {"FunctionName": job.settings.function}
    return {**found, "Qualifier": job.settings.qualifier} if job.settings.qualifier else found


def _reason(returned: str) -> str:
    """What the function says of its error."""
    try:
        said = json.loads(returned)
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    message = str(said.get("errorMessage", "see its log")).strip().rstrip(".")
    kind = said.get("errorType")
    return f"{kind}: {message}" if kind else message


def _log(answer: dict[str, Any]) -> str:
    """The last 4 KB of its log."""
    return base64.b64decode(answer.get("LogResult") or "").decode(errors="replace")
