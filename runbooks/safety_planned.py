"""Why a plan of a living source refuses itself: in a planned move nothing may be lost, so everything must be seen."""

from runbooks.candidates import follows, standby_name, values
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.plan import Loss, Refusal
from runbooks.steps import Verb

NEAR_BYTES = 1024 * 1024
"""A standby this little behind has the rest in a moment: writes are stopped only then."""


def nothing_lost(resource: str, source: str, target: str) -> Loss:
    """What a planned move loses."""
    sentence = f"{resource}: nothing; writes stop, and {target} has everything of {source} before it is promoted"
    return Loss(resource=resource, region=target, seconds=0.0, bytes=0, transactions=0, sentence=sentence)


def source_refusals(runbook: Runbook, resource: str, source: str, facts: Facts) -> tuple[Refusal, ...]:
    """The source must be seen to hold the writer, and its kind must be able to wait for the standby."""
    kind = KINDS[runbook.resources[resource].kind]
    found = []
    if Verb.CATCH_UP not in kind.verbs:
        found.append(f"{resource}: kind {kind.name} cannot wait until a standby has everything: writes could be lost")
    reading = facts.fresh(resource, source)
    seen = values(reading)
    if seen is None:
        why = "no reading young enough" if reading is None else reading.reason.rstrip(".")
        found.append(f"{resource} in {source} is not seen to hold the writer ({why}): if it is dead, use a failover")
    elif seen.role != "primary":
        found.append(f"{resource} in {source} is a {seen.role}, and no region is seen to hold the writer")
    return tuple(Refusal(name=None, sentence=sentence) for sentence in found)


def standby_refusals(runbook: Runbook, resource: str, source: str, target: str, facts: Facts) -> tuple[Refusal, ...]:
    """The standby that is to take over must stream from the source, and hardly be behind."""
    where = f"{resource} in {target}"
    reading = facts.fresh(resource, target)
    standby = values(reading)
    if standby is None:
        why = "no reading young enough" if reading is None else reading.reason.rstrip(".")
        return (Refusal(name=None, sentence=f"{where} cannot be read: {why}"),)
    if not follows(runbook, resource, target, source, facts):
        sentence = f"{where} does not stream from {source}: it would never have everything; rebuild it first"
        return (Refusal(name=None, sentence=sentence),)
    return _lag_refusals(runbook, resource, target, facts, source)


def _lag_refusals(runbook: Runbook, resource: str, target: str, facts: Facts, source: str) -> tuple[Refusal, ...]:
    standby, primary = values(facts.fresh(resource, target)), values(facts.fresh(resource, source))
    assert standby is not None
    assert primary is not None, "it follows the primary, as both have said"
    seen = primary.standbys.get(standby_name(runbook, resource, target))
    behind = seen.lag_bytes if seen is not None else standby.lag_bytes
    seconds, rpo = standby.lag_seconds, runbook.objectives.rpo
    if seconds is None and seen is not None:
        seconds = seen.lag_seconds
    if (behind is not None and behind <= NEAR_BYTES) or (seconds is not None and seconds <= rpo):
        return ()
    told = "an unknown amount" if behind is None else f"{behind} bytes"
    age = "" if seconds is None else f" ({seconds:.1f} s)"
    sentence = f"{resource} in {target} is {told}{age} behind; the objective is {rpo:g} s: the move would wait for it"
    return (Refusal(name=f"lag:{resource}", sentence=sentence),)


def former_refusals(resource: str, former: str, primary: str) -> tuple[Refusal, ...]:
    """A former primary that takes writes as well: what only it has can be saved, but a person must know of it."""
    sentence = (
        f"{resource} has two writers: {primary} and the former primary {former}, which would be fenced first "
        "and then rebuilt; what only it has would be saved for review"
    )
    return (Refusal(name=f"two-writers:{resource}", sentence=sentence),)


def rebuild_refusals(runbook: Runbook, resource: str, region: str, primary: str) -> tuple[Refusal, ...]:
    """A former primary whose kind cannot be rebuilt must be made a standby by hand."""
    kind = KINDS[runbook.resources[resource].kind]
    if Verb.RESEED in kind.verbs:
        return ()
    sentence = f"{resource} in {region} does not follow {primary}; kind {kind.name} must be rebuilt by hand"
    return (Refusal(name=None, sentence=sentence),)
