"""Small paths into JSON: `$.rule.name`, `$.hosts[0]`, `$["a b"]`. Nothing is evaluated.

PathError    the path cannot be followed
"""

import re

from pydantic import JsonValue

from runbooks.anatomy import inside

_PART = re.compile(r"""\.(?P<word>[A-Za-z_][\w-]*)|\[(?P<number>\d{1,6})\]|\["(?P<text>[^"\]]+)"\]""")

Path = tuple[str | int, ...]


class PathError(ValueError):
    """Not a path."""


def parse(text: str) -> Path:
    """The parts of the path. Raises PathError."""
    parts: list[str | int] = []
    index = 1
    while index < len(text) and text[0] == "$":
        found = _PART.match(text, index)
        if found is None:
            break
        parts.append(int(found["number"]) if found["number"] else found["word"] or found["text"])
        index = found.end()
    if not text.startswith("$") or index != len(text):
        message = f'`{text}` is no path; write such as `$.rule.name`, `$.hosts[0]` or `$["a b"]`'
        raise PathError(message)
    return tuple(parts)


def follow(path: Path, value: JsonValue) -> JsonValue:
    """What is there; None for nothing."""
    for part in path:
        value = inside(value, part)
    return value
