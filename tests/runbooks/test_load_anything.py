"""Properties of loading: whatever the text, it loads or is refused at a place inside of it."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbooks.load import Fault, LoadedRunbook, RunbookError, load, loads
from tests.runbooks.documents import SMALL

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
TEXTS = [SMALL, *(path.read_text() for path in sorted(LIBRARY.glob("*.yaml")))]
SNIPPETS = [
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "&a ",
    "*a",
    "!!x ",
    "? ",
    "<<: *a",
    "|\n",
    "%",
    "@",
    "~",
    "\r",
]
SNIPPETS += ["---\n", "...\n", "#", "\ud800", "\0", "\u2028", "1e999", "0x", ".nan", "null", "true", "-1", '"\\uD800"']
WORDS = [
    "regions",
    "kind",
    "us-east-1",
    "traffic",
    "0",
    "",
    "db",
    "[db]",
    "{}",
    "[]",
    "verify",
    "x" * 300,
    "\u00e9",
    "5m",
]


def outcome(reading: Callable[[], LoadedRunbook]) -> tuple[Fault, ...] | None:
    """The faults of what is refused (never none of them); None for what loads."""
    try:
        reading()
    except RunbookError as error:
        return error.faults or (Fault(0, 0, "refused without a reason"),)
    return None


def check_outcome(text: str) -> None:
    """Loads, or says what is wrong at places that the text has."""
    faults = outcome(lambda: loads(text, "a.yaml"))
    lines = text.removeprefix("\ufeff").split("\n")
    for fault in faults or ():
        assert 1 <= fault.line <= len(lines), fault
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
        assert "\n" not in str(fault)
        assert len(fault.sentence) < 500
    places = [(fault.line, fault.column) for fault in faults or ()]
    assert places == sorted(places)


@st.composite
def changed_lines(draw: st.DrawFn) -> str:
    """A valid text in which lines were dropped, doubled, moved, or had a word replaced."""
    lines = draw(st.sampled_from(TEXTS)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "indent", "key", "value", "move"])):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "indent":
                lines[at] = " " * draw(st.integers(0, 9)) + lines[at].lstrip()
            case "key":
                head, colon, rest = lines[at].partition(":")
                spaces = head[: len(head) - len(head.lstrip())]
                lines[at] = spaces + draw(st.sampled_from(WORDS)) + colon + rest
            case "value":
                lines[at] = lines[at].partition(":")[0] + ": " + draw(st.sampled_from(WORDS))
            case _:
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
    return "\n".join(lines)


@st.composite
def changed_letters(draw: st.DrawFn) -> str:
    """A valid text with snippets and letters put in, or pieces taken out."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 12))
        put = draw(st.one_of(st.sampled_from(SNIPPETS), st.characters(), st.just("")))
        text = text[:at] + put + text[at + gone :]
    return text


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed_lines())
def test_changed_lines_load_or_are_refused(text: str) -> None:
    """Deleted, doubled and renamed keys never end in another error."""
    check_outcome(text)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed_letters())
def test_changed_letters_load_or_are_refused(text: str) -> None:
    """Letters of any kind in any place never end in another error."""
    check_outcome(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_loads_or_is_refused(text: str) -> None:
    """Texts that were never a runbook are refused like any other."""
    check_outcome(text)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100), st.integers(0, len(SMALL)))
def test_any_bytes_load_or_are_refused(tmp_path: Path, noise: bytes, at: int) -> None:
    """Bytes that are no text are refused where they begin."""
    file = tmp_path / "noise.yaml"
    content = SMALL.encode()
    file.write_bytes(content[:at] + noise + content[at:])
    assert all(fault.line > 0 for fault in outcome(lambda: load(file)) or ())
