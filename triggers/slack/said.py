"""What a person wrote after `/evac`: the verb, the runbook or region, and the rest. Pure.

UnclearError     the sentence says what was not understood, and what may be meant
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from runbooks.models import Runbook
from triggers.errors import UnclearError


class Word(StrEnum):
    """What can be said."""

    LIST = "list"
    STATUS = "status"
    PLAN = "plan"
    FAILOVER = "failover"
    SWITCHOVER = "switchover"
    FAILBACK = "failback"
    DRILL = "drill"
    READINESS = "readiness"
    EVACUATE = "evacuate"
    APPROVE = "approve"
    REJECT = "reject"
    VETO = "veto"
    HOLD = "hold"
    RESUME = "resume"
    RETRY = "retry"
    SKIP = "skip"
    ACCEPT = "accept"
    CONFIRM = "confirm"
    ABORT = "abort"
    HELP = "help"


@dataclass(frozen=True)
class Usage:
    """How one is written, and what it does. `free`: what follows the runbook's name is up to the person."""

    word: Word
    written: str
    does: str
    free: bool = False


LOOK = (
    Usage(Word.LIST, "list", "the runbooks, and what each does now"),
    Usage(
        Word.STATUS, "status [RUNBOOK]", "a run, whom it waits for, and its buttons; without a name: all that goes on"
    ),
    Usage(
        Word.PLAN, "plan [RUNBOOK] [from REGION] [to REGION]", "what a failover would do now, and what would be lost"
    ),
    Usage(Word.READINESS, "readiness [RUNBOOK]", "whether it could be moved now: nothing is changed"),
)
START = (
    Usage(
        Word.FAILOVER,
        "failover [RUNBOOK] [from REGION] [to REGION]",
        "out of a region that is presumed dead: what it had not copied is lost",
    ),
    Usage(
        Word.SWITCHOVER,
        "switchover [RUNBOOK] [from REGION] [to REGION]",
        "out of a region that is alive, without losing a write",
    ),
    Usage(
        Word.FAILBACK,
        "failback [RUNBOOK] [from REGION] [to REGION]",
        "home again after a failover: the former primary is rebuilt",
    ),
    Usage(Word.DRILL, "drill [RUNBOOK]", "prove that it works: out and home, or on copies aside"),
    Usage(Word.EVACUATE, "evacuate REGION", "every runbook out of the region, in waves"),
)
DECIDE = (
    Usage(
        Word.APPROVE, "approve [RUNBOOK] [CHECKSUM]", "yes to the plan; without a checksum it is shown first", free=True
    ),
    Usage(Word.REJECT, "reject [RUNBOOK] [WHY]", "no to the plan: nothing is changed", free=True),
    Usage(Word.VETO, "veto [RUNBOOK] [WHY]", "stop a plan that goes on by itself", free=True),
    Usage(Word.HOLD, "hold [RUNBOOK]", "start no further step", free=True),
    Usage(Word.RESUME, "resume [RUNBOOK]", "go on after a hold", free=True),
    Usage(Word.RETRY, "retry [RUNBOOK] [STEP]", "try a waiting step again; look and plan anew", free=True),
    Usage(Word.SKIP, "skip [RUNBOOK] [STEP] [WHY]", "go on without a waiting step", free=True),
    Usage(Word.ACCEPT, "accept [RUNBOOK] [NAME ...]", "take a risk by its name, such as loss:vector-db", free=True),
    Usage(Word.CONFIRM, "confirm [RUNBOOK]", "keep what was moved", free=True),
    Usage(Word.ABORT, "abort [RUNBOOK] [WHY]", "stop the run; asks first", free=True),
)
USAGES = {usage.word: usage for usage in (*LOOK, *START, *DECIDE, Usage(Word.HELP, "help", "this page"))}


@dataclass(frozen=True)
class Said:
    """What was understood. `runbook` empty: none was named, and there are several."""

    word: Word
    runbook: str = ""
    source: str | None = None
    target: str | None = None
    region: str = ""
    rest: tuple[str, ...] = ()


def understand(text: str, books: Sequence[Runbook]) -> Said:
    """The words, read against the runbooks that there are. Raises UnclearError."""
    words = text.split()
    word = _word(words[0]) if words else Word.HELP
    rest = words[1:]
    if word in (Word.HELP, Word.LIST):
        return Said(word)
    if word is Word.EVACUATE:
        return _evacuate(rest, books)
    name, rest = _runbook(word, rest, [book.name for book in books])
    if USAGES[word].free:
        return Said(word, name, rest=tuple(rest))
    regions = list(dict.fromkeys(region for book in books if name in ("", book.name) for region in book.regions))
    source, rest = _after("from", rest, regions)
    target, rest = _after("to", rest, regions)
    if rest:
        message = f"I do not understand `{rest[0]}`: write `/evac {USAGES[word].written}`"
        raise UnclearError(message)
    return Said(word, name, source, target)


def _word(text: str) -> Word:
    try:
        return Word(text.lower())
    except ValueError:
        meant = _close(text.lower(), list(Word))
        message = f"I do not know `{text}`{meant or ': '}" + ("" if meant else "`/evac help` lists what can be said")
        raise UnclearError(message) from None


def _evacuate(words: list[str], books: Sequence[Runbook]) -> Said:
    regions = list(dict.fromkeys(region for book in books for region in book.regions))
    if len(words) != 1:
        message = f"say which region is left: `/evac evacuate REGION`; there are {', '.join(regions) or 'none'}"
        raise UnclearError(message)
    if words[0] not in regions:
        raise UnclearError(_unknown("region", words[0], regions))
    return Said(Word.EVACUATE, region=words[0])


def _runbook(word: Word, words: list[str], names: list[str]) -> tuple[str, list[str]]:
    """The runbook's name, which may be left out when there is only one, and what follows."""
    if words and words[0] in names:
        return words[0], words[1:]
    alone = names[0] if len(names) == 1 else ""
    keyword = bool(words) and words[0] in ("from", "to")
    if not words or keyword or (alone and USAGES[word].free and not _near(words[0], names)):
        if not alone and word not in _ASKS_LATER:
            message = f"say which runbook: `/evac {USAGES[word].written}`; there are {', '.join(names) or 'none'}"
            raise UnclearError(message)
        return alone, words
    raise UnclearError(_unknown("runbook", words[0], names))


_ASKS_LATER = frozenset({Word.STATUS, Word.FAILOVER, Word.SWITCHOVER, Word.FAILBACK, Word.DRILL})
"""Without a runbook these show all of them, or ask for one."""


def _after(keyword: str, words: list[str], regions: list[str]) -> tuple[str | None, list[str]]:
    """The region that follows `from` or `to`, and the words without both."""
    if keyword not in words:
        return None, words
    place = words.index(keyword)
    if place + 1 == len(words):
        message = f"a region must follow `{keyword}`: {', '.join(regions)}"
        raise UnclearError(message)
    region = words[place + 1]
    if region not in regions:
        raise UnclearError(_unknown("region", region, regions))
    return region, [*words[:place], *words[place + 2 :]]


def _unknown(what: str, text: str, known: list[str]) -> str:
    return f"there is no {what} `{text}` here" + (_close(text, known) or f"; there are {', '.join(known) or 'none'}")


def _near(text: str, known: Sequence[str]) -> list[str]:
    return get_close_matches(text, known, n=1, cutoff=0.6)


def _close(text: str, known: Sequence[str]) -> str:
    near = _near(text, known)
    return f": did you mean `{near[0]}`?" if near else ""
