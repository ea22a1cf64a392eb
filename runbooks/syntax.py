"""The YAML parser's complaints in plain words, each at the place that a person would look at."""

import re

from ruamel.yaml.error import MarkedYAMLError

from runbooks.faults import plain

_TAB = "a tab stands here; YAML is indented with spaces only"
_START = re.compile(r"found character '(.+)' that cannot start any token")
_WORDS = (
    (
        "mapping values are not allowed here",
        "no key fits here; check the indentation, and put a text that holds a colon and a space in quotes",
    ),
    ("sequence entries are not allowed here", "a list item does not fit here; start the list on a line of its own"),
    ("could not find expected ':'", "a key without its colon stands here"),
    (
        "expected <block end>",
        "this does not fit in here; check the indentation, and put a text that starts with `{` in quotes",
    ),
    ("expected '<document start>'", "this does not belong to the document above; check the indentation"),
    ("found incompatible YAML document", "this is not YAML 1.2; take the %YAML line away"),
    ("expected the node content", "a value is missing here"),
)
_OPENED = (
    ("while scanning a quoted scalar", "this quote is never closed"),
    (
        "while parsing a flow sequence",
        "this `[` is not closed as a list must be; a comma or a `]` is missing, or quotes around a text",
    ),
    (
        "while parsing a flow mapping",
        "this `{` is not closed as a mapping must be; a comma or a `}` is missing, or quotes around a text",
    ),
)


def unreadable(error: MarkedYAMLError, text: str) -> tuple[int, str]:
    """Where in the text reading stopped, and why, as a sentence."""
    problem = str(error.problem or "")
    context = str(error.context or "")
    mark = error.problem_mark or error.context_mark
    index = min(int(mark.index), len(text)) if mark is not None else 0
    if text[index : index + 1] == "\t" or _indented_by_tab(text, index):
        return index, _TAB
    if error.context_mark is not None:
        for start, sentence in _OPENED:
            if context.startswith(start) and "escape" not in problem:
                return min(int(error.context_mark.index), len(text)), sentence
    match = _START.search(problem)
    if match is not None:
        return index, f"a value cannot start with `{plain(match[1])}`; put it in quotes"
    for start, sentence in _WORDS:
        if problem.startswith(start):
            return index, sentence
    return index, f"this cannot be read as YAML: {plain(problem or context, 120)}"


def _indented_by_tab(text: str, index: int) -> bool:
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return "\t" in line and not line.strip()
