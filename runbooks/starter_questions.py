"""The questions from which a first runbook is made: what each asks, what it takes, and what it takes for granted. Pure.

An answer is a text; lists are separated by commas, and `none` is an empty one. What is wrong with an answer is a
ValueError whose sentence says what would be right.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runbooks.faults import did_you_mean
from runbooks.models import WITNESS
from runbooks.starter import Answers, Store, nothing_to_move, same_name
from runbooks.starter_part import STORES, What
from runbooks.starter_parts import kinds_of
from runbooks.values import Slug, parse_seconds

Values = Mapping[str, Any]
"""What has been answered so far, by key."""
NONE = "none"
_SLUG = TypeAdapter(Slug)
_PERSON = re.compile(r"[^\s@,]+(@[^\s@,]+)?")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_TAKEN = (WITNESS, "source", "target", "public")
_FEWEST, _MOST = 2, 10
_LONGEST_DOMAIN = 200
_LONGEST_LABEL = 63


@dataclass(frozen=True)
class Question:
    """One question. `option` is how it is answered without being asked."""

    key: str
    option: str
    text: str
    parse: Callable[[str, Values], Any]
    default: Callable[[Values], str]


def _name(text: str, _known: Values) -> str:
    try:
        return str(_SLUG.validate_python(text))
    except ValidationError:
        message = f"`{text}` is no name: small letters, digits and hyphens, such as llm-platform"
        raise ValueError(message) from None


def _listed(text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    return [] if [part.lower() for part in found] == [NONE] else found


def _regions(text: str, known: Values) -> tuple[str, ...]:
    found = [_name(part, known) for part in _listed(text)]
    taken = [name for name in found if name in _TAKEN]
    if taken:
        message = f"a region cannot be called `{taken[0]}`: that word has a meaning of its own"
        raise ValueError(message)
    if len(set(found)) < len(found):
        message = "a region is given twice"
        raise ValueError(message)
    if not _FEWEST <= len(found) <= _MOST:
        message = f"give {_FEWEST} to {_MOST} regions, separated by commas: there must be somewhere to go"
        raise ValueError(message)
    return tuple(found)


def _serving(text: str, _known: Values) -> str:
    return _one_of(text, ("active-standby", "active-active"))


def _one_of(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        message = f"`{text}` is none of {', '.join(choices)}{did_you_mean(text, choices)}"
        raise ValueError(message)
    return text


def _service(text: str, _known: Values) -> str:
    found = _one_of(text, (*kinds_of(What.SERVICE), NONE))
    return "" if found == NONE else found


def _stores(what: What) -> Callable[[str, Values], tuple[Store, ...]]:
    def parse(text: str, known: Values) -> tuple[Store, ...]:
        found: list[Store] = []
        for part in _listed(text):
            kind, _, name = part.partition(":")
            _one_of(kind, kinds_of(what))
            number = len(found) + 1
            usual = what.value if number == 1 else f"{what}-{number}"
            found.append(Store(kind=kind, name=_name(name or usual, known)))
        wrong = same_name((*_stores_of(known), *found))
        if wrong:
            raise ValueError(wrong)
        return tuple(found)

    return parse


def _stores_of(known: Values) -> tuple[Store, ...]:
    return tuple(store for what in STORES for store in known.get(what.value, ()))


def _public_name(text: str, known: Values) -> str:
    kind, _, name = text.rpartition(":")
    if kind:
        _one_of(kind, kinds_of(What.PUBLIC_NAME))
    found = "" if text == NONE else name.lower().removesuffix(".")
    if found and not (_DOMAIN.fullmatch(found) and len(found) <= _LONGEST_DOMAIN):
        message = f"`{name}` is no name that clients could ask for, such as api.example.com"
        raise ValueError(message)
    wrong = nothing_to_move(known["service"], _stores_of(known), found)
    if wrong:
        raise ValueError(wrong)
    return f"{kind}:{found}" if kind else found


def _duration(text: str, _known: Values) -> str:
    parse_seconds(text)
    return text


def _more_than_nothing(text: str, _known: Values) -> str:
    if parse_seconds(text) == 0:
        message = "it must be more than 0"
        raise ValueError(message)
    return text


def _people(text: str, _known: Values) -> tuple[str, ...]:
    found = _listed(text)
    for person in found:
        if not (_PERSON.fullmatch(person) and person.isprintable()):
            message = f"`{person}` is no person's name: write it as Evac calls people, ann or ann@host"
            raise ValueError(message)
        if found.count(person) > 1:
            message = f"{person} is given twice"
            raise ValueError(message)
    return tuple(found)


def _store_question(what: What, usual: str) -> Question:
    kinds = kinds_of(what)
    text = f"{what.value.capitalize()}s ({', '.join(kinds)}; a name of its own: {kinds[0]}:orders)"
    return Question(what.value, f"--{what}", text, _stores(what), lambda _: usual)


def questions(person: str) -> tuple[Question, ...]:
    """All of them, in their order; `person` is who is asked."""
    services = ", ".join((*kinds_of(What.SERVICE), NONE))
    by = ", ".join(f"{kind}:NAME" for kind in kinds_of(What.PUBLIC_NAME)[1:])
    return (
        Question("name", "--name", "What is the system called?", _name, lambda _: "my-system"),
        Question(
            "regions",
            "--region",
            "In which regions is it? The first one is home",
            _regions,
            lambda _: "us-east-1, eu-west-1",
        ),
        Question(
            "serving",
            "--serving",
            "Who serves: active-standby (the first region), or active-active (all)?",
            _serving,
            lambda _: "active-standby",
        ),
        Question(
            "service",
            "--service",
            f"What does the service run on ({services})?",
            _service,
            lambda _: kinds_of(What.SERVICE)[0],
        ),
        _store_question(What.DATABASE, kinds_of(What.DATABASE)[0]),
        _store_question(What.CACHE, NONE),
        _store_question(What.QUEUE, NONE),
        Question(
            "public_name",
            "--public-name",
            f"Which public name do clients ask for? It is moved by DNS updates; by AWS: {by}",
            _public_name,
            lambda known: f"api.{known['name'][:_LONGEST_LABEL].rstrip('-')}.example.com",
        ),
        Question("rto", "--rto", "RTO: how long may it be down?", _more_than_nothing, lambda _: "5m"),
        Question("rpo", "--rpo", "RPO: how many seconds of writes may be lost?", _duration, lambda _: "30s"),
        Question("owners", "--owner", "Who owns it?", _people, lambda _: person),
        Question(
            "approvers",
            "--approver",
            "Who may approve (none: anyone but who asked)?",
            _people,
            lambda _: NONE,
        ),
    )


def answers(values: Values) -> Answers:
    """What was answered, whole."""
    rest = {key: value for key, value in values.items() if key not in set(STORES)}
    kind, _, name = str(values["public_name"]).rpartition(":")
    rest |= {"public_name": name, "public_kind": kind or kinds_of(What.PUBLIC_NAME)[0]}
    return Answers(stores=_stores_of(values), **rest)
