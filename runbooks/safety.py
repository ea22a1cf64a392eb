"""Why a plan refuses itself: each reason is a sentence with numbers, and the name under which a person may accept it.

The name is `<what>:<resource>`; `ACCEPTABLE` has each what. `check:<step>` is to try a step although its read-only twin
says that it would fail now. A reason without a name cannot be accepted: it must be mended.
"""

from collections.abc import Collection

from runbooks.candidates import Candidate, primary_seen, values
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.plan import Loss, Refusal
from runbooks.traffic import led_to, public_names

ACCEPTABLE = {
    "loss": "losing more than the RPO, or an amount that could not be measured",
    "unproved-fence": "promoting although nobody can prove that the old primary takes no writes",
    "unseen-writer": "promoting although a region that cannot be seen may hold the writer",
    "capacity": "carrying on although the group cannot be seen, so perhaps not scaled",
    "lag": "a planned move that must wait for a standby which is far behind",
    "two-writers": "a failback that fences the former primary first, as it takes writes too",
    "orphans": "rebuilding a former primary although it has writes that nobody else has (they are saved to a file)",
}
"""What can be accepted by name: the words before the colon, and what they mean."""


def loss(resource: str, chosen: Candidate, rivals: tuple[Candidate, ...] = ()) -> Loss:
    """What promoting this standby would lose, and who has more of the log."""
    if chosen.loss_seconds == 0:
        sentence = f"{resource}: {chosen.region} has every acknowledged write"
    elif chosen.loss_seconds is None:
        sentence = f"{resource}: how much {chosen.region} is behind cannot be measured"
    else:
        sentence = f"{resource}: up to the last {chosen.loss_seconds:.1f} s of writes may be missing in {chosen.region}"
    if chosen.loss_seconds != 0 and chosen.loss_transactions is not None:
        sentence += f"; {chosen.loss_transactions} transactions were, when its primary was last seen"
    sentence += "".join(f"; {_ahead(resource, rival, chosen)}" for rival in rivals if is_ahead(rival, chosen))
    return Loss(
        resource=resource,
        region=chosen.region,
        seconds=chosen.loss_seconds,
        bytes=chosen.loss_bytes,
        transactions=chosen.loss_transactions,
        sentence=sentence,
    )


def promotion_refusals(
    runbook: Runbook, resource: str, chosen: Candidate, rivals: tuple[Candidate, ...]
) -> tuple[Refusal, ...]:
    """Why this standby should not become the primary."""
    where = f"{resource} in {chosen.region}"
    if chosen.unreadable is not None:
        return (Refusal(name=None, sentence=f"{where} cannot be read: {chosen.unreadable}"),)
    name = f"loss:{resource}"
    found: list[str] = []
    rpo = runbook.objectives.rpo
    if chosen.replicating is False:
        found.append(f"{where} was not replicating when its primary was last seen")
    if chosen.loss_seconds is None:
        found.append(f"how far {where} is behind cannot be measured; the objective is {rpo:g} s")
    elif chosen.loss_seconds > rpo:
        found.append(f"{where} is up to {chosen.loss_seconds:.1f} s behind; the objective is {rpo:g} s")
    if found:  # else what the rival has more is within the objective
        found.extend(_ahead(resource, rival, chosen) for rival in rivals if is_ahead(rival, chosen))
    return tuple(Refusal(name=name, sentence=sentence) for sentence in found)


def is_ahead(rival: Candidate, chosen: Candidate) -> bool:
    """The rival has more of the log, or stands on a newer timeline."""
    return rival.unreadable is None and (rival.timeline, rival.position) > (chosen.timeline, chosen.position)


def _ahead(resource: str, rival: Candidate, chosen: Candidate) -> str:
    if rival.timeline > chosen.timeline:
        what = f"timeline {rival.timeline}, {chosen.region} on {chosen.timeline}: it has missed a promotion"
        return f"{resource} in {rival.region} is on {what}"
    return f"{resource} in {rival.region} is {rival.position - chosen.position} bytes ahead of {chosen.region}"


def fence_refusals(runbook: Runbook, resource: str, source: str, facts: Facts) -> tuple[Refusal, ...]:
    """A source that does not answer can only be fenced by something that can switch it off."""
    if values(facts.fresh(resource, source)) is not None or "power" in runbook.settings_of(resource, source):
        return ()
    can_be_powered = "power" in _settings_of(runbook, resource)
    beside = "and has no power controller" if can_be_powered else "and nothing else can shut it off from here"
    sentence = f"{resource} in {source} does not answer {beside}: nobody can prove that it takes no more writes"
    return (Refusal(name=f"unproved-fence:{resource}", sentence=sentence),)


def unseen_writer_refusals(runbook: Runbook, resource: str, source: str, facts: Facts) -> tuple[Refusal, ...]:
    """Fencing the source is no use when the writer is in a third region that nobody can see."""
    seen = primary_seen(resource, source, facts)
    if seen is not None and not seen[1].read_only:  # a fenced one may have been left long ago
        return ()
    others = (region for region in runbook.regions if region != source)
    unseen = [region for region in others if values(facts.fresh(resource, region)) is None]
    if not unseen:
        return ()
    sentence = (
        f"{resource}: {source} was not seen to hold the writer, and {' and '.join(unseen)}, "
        "which cannot be seen, may hold it: two writers threaten"
    )
    return (Refusal(name=f"unseen-writer:{resource}", sentence=sentence),)


def capacity_refusals(resource: str, region: str, needed: int, facts: Facts) -> tuple[Refusal, ...]:
    """A group that cannot be seen may not be there to be scaled."""
    reading = facts.fresh(resource, region)
    if reading is not None and reading.state == "healthy":
        return ()
    why = "no reading young enough" if reading is None else reading.reason.rstrip(".")
    sentence = f"{resource} in {region} must have {needed} replicas, and its group cannot be seen: {why}"
    return (Refusal(name=f"capacity:{resource}", sentence=sentence),)


def cut_over_refusals(runbook: Runbook, facts: Facts) -> tuple[Refusal, ...]:
    """A public name that cannot be read cannot be changed safely."""
    unread = [name for name in public_names(runbook) if led_to(facts, name) is None]
    origins = {name: " from its name servers" if "servers" in _settings_of(runbook, name) else "" for name in unread}
    sentence = "where {} leads cannot be read{}, so it cannot be cut over"
    return tuple(Refusal(name=None, sentence=sentence.format(*each)) for each in origins.items())


def _settings_of(runbook: Runbook, resource: str) -> Collection[str]:
    """What can be set for a resource of its kind."""
    return KINDS[runbook.resources[resource].kind].settings.model_fields


def writer_refusals(resource: str, found: tuple[str, ...]) -> tuple[Refusal, ...]:
    """Two writers must never be: when there are two, a person has to look first."""
    if len(found) < 2:  # noqa: PLR2004 - two writers is the point
        return ()
    return (Refusal(name=None, sentence=f"{resource} has two writers: {' and '.join(found)}"),)
