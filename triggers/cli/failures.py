"""Which exit code and sentence an error gets. Errors of rooms that a command did not import cannot have been raised.

So this page imports none of them: it looks at the modules that are loaded.
"""

import sys

from triggers.cli.exits import Exit
from triggers.cli.out import Refusal

_CODES: tuple[tuple[str, str, Exit], ...] = (
    ("worker.connect", "CannotReachTemporalError", Exit.NO_TEMPORAL),
    ("worker.server", "ServerError", Exit.NO_TEMPORAL),
    ("triggers.errors", "NoAnswerError", Exit.NO_TEMPORAL),
    ("triggers.errors", "NoSuchRunError", Exit.USAGE),
    ("triggers.errors", "NoSuchScheduleError", Exit.USAGE),
    ("triggers.errors", "TimetableError", Exit.USAGE),
    ("triggers.errors", "UnclearError", Exit.USAGE),
    ("triggers.errors", "RunEndedError", Exit.REFUSED),
    ("triggers.errors", "DifferentDetectorError", Exit.REFUSED),
    ("triggers.errors", "RunFailedError", Exit.FAILED),
    ("audit.bundle", "BundleError", Exit.USAGE),
    ("audit.signing", "KeyFault", Exit.USAGE),
    ("audit.store", "StoreError", Exit.REFUSED),
    ("runbooks.plan", "PlanError", Exit.REFUSED),
)


def explain(error: Exception) -> tuple[Exit, str | None]:
    """The code and the sentence; no sentence for what typer itself handles (usage errors, exits)."""
    if isinstance(error, Refusal):
        return error.code, error.sentence
    if type(error).__module__.startswith("typer"):
        return Exit.INTERNAL, None
    for module, name, code in _CODES:
        known = getattr(sys.modules.get(module), name, None)
        if known is not None and isinstance(error, known):
            return code, str(error)
    if _is_rpc(error):
        return Exit.NO_TEMPORAL, f"Temporal does not answer as it should: {error}"
    if isinstance(error, OSError) and error.filename is not None:
        return Exit.USAGE, (
            f"{error.filename} cannot be used: {error.strerror}. Evac keeps its files below EVAC_HOME "
            "(default ./.evac): name a folder that can be written (EVAC_DEBUG=1 shows where)"
        )
    return Exit.INTERNAL, f"a fault in Evac: {type(error).__name__}: {error} (EVAC_DEBUG=1 shows where)"


def _is_rpc(error: Exception) -> bool:
    service = sys.modules.get("temporalio.service")
    return service is not None and isinstance(error, service.RPCError)
