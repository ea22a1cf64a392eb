"""A document that was read: its data, and the place of every key and value."""

from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from runbooks.faults import DocumentPath


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


class Flaw(NamedTuple):
    """Something that the reader itself refuses."""

    place: Place
    path: DocumentPath
    sentence: str


@dataclass
class Document:
    """The data, where everything in it stands, and what could not be taken as written."""

    data: JsonValue = None
    empty: bool = True
    flaws: list[Flaw] = field(default_factory=list)
    values: dict[DocumentPath, Place] = field(default_factory=dict)
    keys: dict[DocumentPath, Place] = field(default_factory=dict)

    def place(self, path: DocumentPath, *, on_key: bool = False) -> Place:
        """Where the path is; for what is not there, where the nearest thing around it is."""
        if on_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))
