"""What is lost of each data resource: measured when the plan is made, when it is approved, and again afterwards."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import AliasChoices, Field, JsonValue, ValidationError

from runbooks.durations import duration
from runbooks.facts import DataValues
from runbooks.plan import Loss
from runbooks.steps import Reading
from runbooks.values import Model, UnixTime

Moment = Literal["planned", "approved", "after"]


class LossReport(Model):
    """One measurement of one resource, and why it differs from the one before (empty: it does not, or is the first)."""

    moment: Moment
    at: UnixTime
    loss: Loss
    difference: str = ""


def compare(before: LossReport, now: Loss) -> str:
    """Why the measurement differs from the one before, with numbers; empty when it does not."""
    found = list(_differences(before.loss, now))
    return f"{now.resource}: {', '.join(found)}" if found else ""


def worse(stated: Loss, now: Loss, rpo: float) -> str | None:
    """Why what was approved must be asked anew: more than was said, and than is promised, or not known any more.

    Who approved a loss that could not be measured has accepted any.
    """
    if stated.seconds is None:
        return None
    told = f"it was {_seconds(stated.seconds)} when it was approved"
    if now.seconds is None:
        return f"{now.resource}: how much may be lost in {now.region} cannot be measured any more; {told}"
    if not stated.seconds < now.seconds > rpo:
        return None
    may = f"up to {_seconds(now.seconds)} of writes may be lost in {now.region}"
    return f"{now.resource}: {may}; {told}, and the objective is {duration(rpo)}"


def after(
    stated: Loss, primary: Reading | None, promoted: Mapping[str, JsonValue], fault_at: UnixTime | None = None
) -> Loss:
    """What was lost, as far as it can be told: the primary's last reading beside where the standby was promoted.

    `promoted` is the evidence of the promotion, taken before it. What the primary wrote after its last reading nobody
    knows: that much time is the bound when nothing else is missing.
    """
    had, has = _primary(primary), _place(promoted)
    if primary is None or had is None or has is None:
        return _measured(stated, "what was lost cannot be measured: its primary was not seen before, or the standby")
    unseen = 0.0 if fault_at is None else max(0.0, fault_at - primary.observed_at)
    when = f"{duration(unseen)} before the fault" if unseen else "when it was seen last"
    missing, lost = _missing(had, has)
    if missing or lost:
        count = " and ".join(f"{n} {what}" for n, what in ((missing, "bytes"), (lost, "transactions")) if n is not None)
        sentence = f"{count} that its primary had {when} are missing in {stated.region}"
        return _measured(stated, sentence, stated.seconds or None, missing, lost)
    if stated.seconds == 0:
        return _measured(stated, f"nothing was lost: {stated.region} had every acknowledged write", 0.0, 0, lost)
    bound = unseen if stated.seconds is None else min(unseen, stated.seconds)
    since = "what was written since" if bound == unseen else f"by its lag, the last {duration(bound)} of writes"
    sentence = f"{stated.region} had everything that its primary had {when}; {since} may be lost"
    return _measured(stated, sentence, stated.seconds if fault_at is None else bound, 0, lost)


def _missing(had: DataValues, has: "_Place") -> tuple[int | None, int | None]:
    """Bytes and transactions that the primary had and the standby had not; None where they are not counted."""
    behind = max(0, had.position - has.position)
    if had.transactions == had.position:  # a store whose place in the log is a count
        return None, behind
    if had.transactions is None or has.transactions is None:
        return behind, None
    return behind, max(0, had.transactions - has.transactions)


def _measured(
    stated: Loss, sentence: str, seconds: float | None = None, missing: int | None = None, lost: int | None = None
) -> Loss:
    resource = stated.resource
    return Loss(
        resource=resource,
        region=stated.region,
        seconds=seconds,
        bytes=missing,
        transactions=lost,
        sentence=f"{resource}: {sentence}",
    )


class _Place(Model):
    """Where a standby stood. Each technology's evidence says so in its own way."""

    position: int = Field(validation_alias=AliasChoices("position", "last"))
    transactions: int | None = None


def _place(promoted: Mapping[str, JsonValue]) -> _Place | None:
    values = promoted.get("values", promoted)
    try:
        return _Place.model_validate(values)
    except ValidationError:
        return None


def _primary(reading: Reading | None) -> DataValues | None:
    try:
        values = None if reading is None or reading.state != "healthy" else DataValues.model_validate(reading.values)
    except ValidationError:
        return None
    return values if values is not None and values.role == "primary" else None


def _differences(before: Loss, now: Loss) -> Iterator[str]:
    if before.region != now.region:
        yield f"{now.region} takes over, and not {before.region}"
    if before.seconds != now.seconds:
        yield _change(before.seconds, now.seconds, _seconds)
    if before.bytes != now.bytes:
        yield _change(before.bytes, now.bytes, lambda number: f"{number:.0f} bytes")
    if before.transactions != now.transactions:
        yield _change(before.transactions, now.transactions, lambda number: f"{number:.0f} transactions")


def _change(before: float | None, now: float | None, told: Callable[[float], str]) -> str:
    if now is None:
        return f"cannot be measured now ({told(before or 0)} before)"
    if before is None:
        return f"{told(now)} now (not measured before)"
    word = "more" if now > before else "less"
    return f"{told(abs(now - before))} {word} ({told(now)} now, {told(before)} before)"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s"
