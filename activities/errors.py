"""What may go wrong in a step, and how Temporal is told.

StepError            one sentence that says what to do next, its ErrorType, and evidence. `runbooks.steps.FINAL_ERRORS`
|                    says which types are never retried: decided here, where the error is raised, and nowhere else.
+-- OwnError         it speaks of this worker, and not of the health of whatever was asked: its resolver is mute
    +-- NoSecretError    a secret cannot be had
"""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError
from temporalio.exceptions import ApplicationError

from runbooks.steps import FINAL_ERRORS, ErrorType


class StepError(Exception):
    """A step could not do its work."""

    def __init__(self, kind: ErrorType, sentence: str, evidence: Mapping[str, JsonValue] | None = None) -> None:
        self.kind = kind
        self.sentence = sentence
        self.evidence = dict(evidence or {})
        super().__init__(sentence)

    @property
    def final(self) -> bool:
        """Trying again cannot help."""
        return self.kind in FINAL_ERRORS


class OwnError(StepError):
    """It failed on our own side: that speaks of us, and not of the health of whatever was asked."""


class NoSecretError(OwnError):
    """A secret cannot be had."""


def application_error(error: StepError) -> ApplicationError:
    """The same error as Temporal keeps it: `type` is the ErrorType's value, the evidence goes in its details."""
    details = (error.evidence,) if error.evidence else ()
    return ApplicationError(error.sentence, *details, type=error.kind.value, non_retryable=error.final)


def bad_settings(uses: str, error: ValidationError) -> StepError:
    """Name every field that is wrong, and never its value: a misplaced secret would end in history."""
    faults = [
        f"`{'.'.join(str(part) for part in fault['loc']) or 'settings'}`: {_words(fault['msg'], fault['input'])}"
        for fault in error.errors(include_url=False, include_context=False)
    ]
    sentence = f"The settings of {uses} cannot be used: {'; '.join(faults)}. Correct them in the runbook."
    return StepError(ErrorType.BAD_SETTINGS, sentence)


def _words(message: str, value: object) -> str:
    return "the value is not allowed" if str(value) in message else message
