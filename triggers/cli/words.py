"""Times and other people's text, as an operator reads them. All clocks are UTC: teams span zones."""

from datetime import UTC, datetime

from runbooks.runs import RunState


def clock(at: float) -> str:
    """The time of day."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%SZ")


def day(at: float) -> str:
    """The date and the time."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def clean(text: str) -> str:
    """One line without control characters: texts come from systems that are failing."""
    return "".join(char if char.isprintable() else " " for char in text)


def began(state: RunState) -> float:
    """When the recovery time starts to count: at the fault if it was seen, else when somebody asked."""
    return state.triggered_at if state.fault_at is None else state.fault_at


def elapsed(state: RunState, now: float) -> float:
    """Seconds of recovery time so far, or in all."""
    end = now if state.ended_at is None else state.ended_at
    return max(0.0, end - began(state))


def route(state: RunState) -> str:
    """From where to where."""
    return f"{state.source} -> {state.target or 'not chosen yet'}"
