"""`verify.inference`: the model answers a question rightly, and soon enough."""

from pydantic import Field, ValidationError

from activities.answering import asked
from activities.clients.dns import Resolver
from activities.clients.http import ask
from activities.contract import Job
from activities.observing import Sight, Verifier
from runbooks.values import Model, Seconds

_OK = 200


class InferenceSettings(Model):
    """What to ask and what to expect; texts are filled in already."""

    url: str
    """An endpoint in the form of OpenAI's chat completions."""
    prompt: str
    expect: str
    samples: int = Field(default=1, ge=1, le=100)
    p95: Seconds = 5.0
    timeout: Seconds = 2.0
    resolver: Resolver | None = None
    """As in `detect.http`."""


class _Message(Model):
    content: str


class _Choice(Model):
    message: _Message


class _Answer(Model):
    choices: tuple[_Choice, ...] = Field(min_length=1)


class VerifyInference(Verifier[InferenceSettings]):
    """Good when every sample holds the expected text, in any case of letters, and the slowest is within `p95`."""

    uses = "verify.inference"
    permissions = ("a route to the URL",)
    Settings = InferenceSettings

    async def _look(self, job: Job[InferenceSettings]) -> Sight:
        return await asked(job.settings, job.settings.url, lambda: _sample(job.settings))


async def _sample(settings: InferenceSettings) -> tuple[str, str | None]:
    """What the model said, and what is wrong with it. Raises StepError when there is no answer."""
    response = await ask(
        "POST",
        settings.url,
        # A slow model is a reading of its own, so it may take longer than is allowed, but not for ever.
        within=max(settings.timeout, settings.p95),
        body={
            "messages": [{"role": "user", "content": settings.prompt}],
            "temperature": 0,
            "max_tokens": 32,
        },
        resolver=settings.resolver,
    )
    if response.status_code != _OK:
        return "", f"answers HTTP {response.status_code}"
    try:
        said = _Answer.model_validate_json(response.content).choices[0].message.content
    except ValidationError:
        return "", "does not answer in the form of OpenAI's chat completions"
    return said, None
