"""A YAML text as plain data, with the place of every key and value.

Read from the parser's events, so that nothing is built that a runbook cannot hold (no tags, no objects), and
so that depth and size are bounded while reading: an alias counts with all that it stands for.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from runbooks.document import Document, Flaw, Place
from runbooks.faults import DocumentPath, plain
from runbooks.scalars import ScalarError, check_text, resolve
from runbooks.syntax import unreadable

MAX_NODES = 20_000
MAX_DEPTH = 50
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


class _UnreadableError(Exception):
    """Reading cannot go on; holds the flaw."""

    def __init__(self, index: int, sentence: str) -> None:
        self.index = index
        self.sentence = sentence
        super().__init__(sentence)


@dataclass
class _Node:
    """A value, its index in the text, and its children as (key, index of the key, child)."""

    value: JsonValue
    index: int
    size: int = 1
    depth: int = 1
    children: list[tuple[str | int, int, "_Node"]] = field(default_factory=list)


@dataclass
class _Open:
    """A mapping or list that is being read. `key` is the key whose value comes next."""

    node: _Node
    anchor: str | None
    key: str | None = None
    key_index: int = 0
    dropped: bool = False


class _Reader:
    """Builds the tree from events."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(i + 1 for i, letter in enumerate(text) if letter == "\n")]
        self.document = Document()
        self.open: list[_Open] = []
        self.anchors: dict[str, _Node] = {}
        self.root: _Node | None = None
        self.nodes = 0
        self.index = 0

    def place(self, index: int) -> Place:
        index = min(index, len(self.text))
        line = bisect_right(self.starts, index)
        return Place(line, index - self.starts[line - 1] + 1)

    def read(self) -> Document:
        try:
            for event in self._events():
                self._take(event)
        except _UnreadableError as error:
            self._flaw(error.index, error.sentence, ())
            return self.document
        if self.root is not None:
            self.document.data, self.document.empty = self.root.value, False
            self._map((), self.root)
        return self.document

    def _events(self) -> Iterator[Event]:
        try:
            for event in YAML(typ="safe", pure=True).parse(self.text):
                self.index = event.start_mark.index
                yield event
        except MarkedYAMLError as error:
            raise _UnreadableError(*unreadable(error, self.text)) from None
        except ReaderError as error:
            sentence = f"a control character (U+{error.character:04X}) stands here; take it away"
            raise _UnreadableError(error.position, sentence) from None
        except (YAMLError, ValueError) as error:  # the parser raises bare ValueErrors for escapes that name no letter
            first = (str(error).splitlines() or [""])[0]
            raise _UnreadableError(self.index, f"this cannot be read as YAML: {plain(first, 120)}") from None

    def _take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent) and self.root is not None:
            raise _UnreadableError(self.index, "a second document starts here; a file holds one document")
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, CollectionStartEvent):
            self._check_depth(1)
            self._tag(event.tag)
            value: JsonValue = {} if isinstance(event, MappingStartEvent) else []
            self.open.append(_Open(_Node(value, self.index), event.anchor))
            self._count(1)
        elif isinstance(event, CollectionEndEvent):
            done = self.open.pop()
            self._put(done.node, done.anchor, None)

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(1)
        value: JsonValue = None
        try:
            value = self._value(event)
        except ScalarError as error:
            self._flaw(self.index, str(error), self._path())
        self._put(_Node(value, self._where(event)), event.anchor, value if isinstance(value, str) else "")

    def _where(self, event: ScalarEvent) -> int:
        """Where the scalar stands; `key:` with nothing behind it has only its key to point at."""
        nothing = not event.value and event.style is None
        return self.open[-1].key_index if nothing and self.open and self.open[-1].key is not None else self.index

    def _value(self, event: ScalarEvent) -> JsonValue:
        if self.open and isinstance(self.open[-1].node.value, dict) and self.open[-1].key is None:
            return check_text(event.value)  # a key is always a text: `1:` and `"1":` are the same key
        tag = None if event.tag is None else str(event.tag)
        if tag is None and event.implicit[0]:
            return resolve(event.value)
        if tag not in _TEXT_TAGS:
            self._tag(tag)
        return check_text(event.value)

    def _alias(self, event: AliasEvent) -> None:
        found = self.anchors.get(event.anchor)
        if found is None:
            raise _UnreadableError(self.index, f"`*{plain(event.anchor)}` names an anchor that is not complete above")
        self._count(found.size)
        self._check_depth(found.depth)
        text = found.value if isinstance(found.value, str) else None
        self._put(_Node(found.value, self.index, found.size, found.depth, found.children), None, text)

    def _put(self, node: _Node, anchor: str | None, key: str | None) -> None:
        """A finished value goes into what is open around it: as a key, as a key's value, or as an item."""
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent.node.value, list):
            self._keep(parent, len(parent.node.children), node.index, node)
        elif parent.key is None:
            self._open_key(parent, node, key)
        else:
            if not parent.dropped:
                self._keep(parent, parent.key, parent.key_index, node)
            parent.key = None

    def _open_key(self, parent: _Open, node: _Node, key: str | None) -> None:
        parent.key, parent.key_index = key or "", node.index
        parent.dropped = True
        path = self._path()
        if key is None:
            self._flaw(
                node.index, "a key must be a single text; put a text that starts with `{` or `[` in quotes", path
            )
        elif key == "<<":
            self._flaw(node.index, "merge keys (`<<`) are not in YAML 1.2; use `common`, or write the keys out", path)
        elif isinstance(parent.node.value, dict) and key in parent.node.value:
            first = next(index for name, index, _ in parent.node.children if name == key)
            where = self.place(first).line
            self._flaw(node.index, f"duplicate key `{plain(key)}`; it is given on line {where} already", path)
        else:
            parent.dropped = False

    @staticmethod
    def _keep(parent: _Open, key: str | int, index: int, node: _Node) -> None:
        parent.node.children.append((key, index, node))
        parent.node.size += node.size
        parent.node.depth = max(parent.node.depth, node.depth + 1)
        if isinstance(parent.node.value, dict):
            parent.node.value[str(key)] = node.value
        elif isinstance(parent.node.value, list):
            parent.node.value.append(node.value)

    def _path(self) -> DocumentPath:
        parts: list[str | int] = []
        for level in self.open:
            if isinstance(level.node.value, list):
                parts.append(len(level.node.children))
            elif level.key is not None:
                parts.append(level.key)
        return tuple(parts)

    def _tag(self, tag: object) -> None:
        if tag is not None:
            self._flaw(self.index, f"the tag `{plain(str(tag))}` is not used here; take it away", self._path())

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise _UnreadableError(
                self.index, f"the document has more than {MAX_NODES} values, aliases counted in full"
            )

    def _check_depth(self, more: int) -> None:
        if len(self.open) + more > MAX_DEPTH:
            raise _UnreadableError(self.index, f"this is nested more than {MAX_DEPTH} levels deep")

    def _flaw(self, index: int, sentence: str, path: DocumentPath) -> None:
        self.document.flaws.append(Flaw(self.place(index), path, sentence))

    def _map(self, path: DocumentPath, node: _Node) -> None:
        self.document.values[path] = self.place(node.index)
        for key, index, child in node.children:
            self.document.keys[(*path, key)] = self.place(index)
            self._map((*path, key), child)


def read(text: str) -> Document:
    """The text as data with places; what cannot be taken as written is in `flaws`. Never raises for any text."""
    return _Reader(text).read()
