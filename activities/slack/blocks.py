"""Slack's blocks within Slack's limits, and other people's text that can neither format, mention nor link. Pure."""

import re
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from runbooks.values import Model
from runbooks.words import clean

Block = dict[str, JsonValue]

MOST_BLOCKS = 50
_SECTION, _HEADER, _CONTEXT, _FALLBACK = 3000, 150, 2000, 2900
_BUTTON, _TITLE, _QUESTION, _ANSWER = 75, 100, 300, 30

_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})  # noqa: RUF001 - that they look alike is the point
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_EMOJI = re.compile(r":(?=[a-z][a-z0-9_+-]*:)")


class Message(Model):
    """What is posted: the blocks, and the text that notifications show in their place, which stands alone."""

    text: str
    blocks: tuple[Block, ...] = ()


class Dialog(Model):
    """What is asked once more before a button counts."""

    title: str
    question: str
    yes: str
    no: str = "Not yet"


def foreign(text: str) -> str:
    """Other people's text for mrkdwn: no link, no mention, no bold, no code, no emoji can come of it."""
    plain = _EMOJI.sub("꞉", _UNDERSCORE.sub("ˍ", clean(text).translate(_LOOKALIKES)))  # noqa: RUF001
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plainly(text: str) -> str:
    """Other people's text for a plain text object: Slack formats none, but a mention must not even look like one."""
    return clean(text).replace("<", "‹").replace(">", "›")  # noqa: RUF001 - as above


def cut(text: str, most: int) -> str:
    """The text, or its beginning; an escaped sign is not cut in two."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    cut_in_two = re.search(r"&[a-z]{0,3}$", short)
    return (short[: cut_in_two.start()] if cut_in_two else short) + "…"


def fallback(text: str) -> str:
    """Text of ours as a notification shows it."""
    return cut(foreign(text), _FALLBACK)


def header(text: str) -> Block:
    """The title of a message."""
    return {"type": "header", "text": _plain(text, _HEADER)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, perhaps with a button beside it."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, _SECTION), "verbatim": True}}
    return block if accessory is None else {**block, "accessory": accessory}


def sections(lines: Iterable[str]) -> list[Block]:
    """The lines in as few paragraphs as hold them."""
    packed: list[str] = []
    for line in lines:
        short = cut(line, _SECTION)
        if packed and len(packed[-1]) + 1 + len(short) <= _SECTION:
            packed[-1] += f"\n{short}"
        else:
            packed.append(short)
    return [section(text) for text in packed]


def context(*texts: str) -> Block:
    """The small print."""
    said: list[JsonValue] = [{"type": "mrkdwn", "text": cut(text, _CONTEXT), "verbatim": True} for text in texts]
    return {"type": "context", "elements": said}


def actions(block_id: str, buttons: Sequence[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": [*buttons]}


def button(text: str, action_id: str, value: str, style: str = "", dialog: Dialog | None = None) -> Block:
    """One button; `style` is `primary`, `danger`, or none."""
    made: Block = {"type": "button", "action_id": action_id, "value": value, "text": _plain(text, _BUTTON)}
    if style:
        made["style"] = style
    if dialog is not None:
        made["confirm"] = {**_confirm(dialog), **({"style": style} if style else {})}
    return made


def _confirm(dialog: Dialog) -> Block:
    return {
        "title": _plain(dialog.title, _TITLE),
        "text": _plain(dialog.question, _QUESTION, lines=True),
        "confirm": _plain(dialog.yes, _ANSWER),
        "deny": _plain(dialog.no, _ANSWER),
    }


def _plain(text: str, most: int, *, lines: bool = False) -> Block:
    said = "\n".join(plainly(line) for line in text.splitlines()) if lines else plainly(text)
    return {"type": "plain_text", "text": cut(said, most), "emoji": False}
