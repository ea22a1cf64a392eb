"""What a button of a run's message carries back: the door (`triggers/slack`) turns it into a decision.

A button's `action_id` is `evac:<decision>`, such as `evac:approve`; its `value` is an `Asked` as JSON.
"""

from runbooks.plan import Loss
from runbooks.runs import DecisionKind
from runbooks.values import Model

PREFIX = "evac:"
EVENT_TYPE = "evac_run"
"""The `metadata.event_type` of a run's parent message; its payload is `{"run": <run id>, "workflow": <workflow id>}`.

By it the message is found again after a loss, so that no second one is posted.
"""


class Asked(Model):
    """What a button is about. `loss` is what its message states: an approval is judged against it."""

    runbook: str
    run: str = ""
    """The run id; empty: the run that is going."""
    checksum: str = ""
    step: str = ""
    accept: str = ""
    """The name of what would be accepted, such as `loss:vector-db`."""
    loss: tuple[Loss, ...] = ()


def action_id(kind: DecisionKind) -> str:
    """The `action_id` of the button that says this."""
    return f"{PREFIX}{kind.value}"


def kind_of(action: str) -> DecisionKind | None:
    """The decision that a button says; None for anything else."""
    try:
        return DecisionKind(action.removeprefix(PREFIX)) if action.startswith(PREFIX) else None
    except ValueError:
        return None
