"""A message as a person would see it, as text; whatever Slack would refuse of it, or show wrongly, fails."""

import re
from typing import Any

from activities.slack.blocks import Message
from tests.slack.blocks import faults_of_message

_SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def as_text(message: Message) -> str:
    """The message, after a check of Block Kit's limits."""
    assert 0 < len(message.text) <= 3000
    assert faults_of_message([dict(block) for block in message.blocks]) == []
    shown = [line for block in message.blocks for line in (*_block(dict(block)), "")]
    return "\n".join([f"NOTIFICATION  {_seen(message.text)}", "", *shown])


def _block(block: dict[str, Any]) -> list[str]:
    kind = block["type"]
    if kind == "header":
        title = block["text"]["text"]
        return [title, "=" * len(title)]
    if kind == "section":
        beside = [f"    {_button(block['accessory'])}"] if "accessory" in block else []
        return [*_mrkdwn(block["text"]).splitlines(), *beside]
    if kind == "context":
        return ["(small) " + _mrkdwn(part) for part in block["elements"]]
    assert kind == "actions", f"no block of the kind {kind} is used"
    buttons = block["elements"]
    row = "  ".join(_button(button) for button in buttons)
    dialogs = [f"    {_label(button)} asks: {_dialog(button['confirm'])}" for button in buttons if "confirm" in button]
    return [row, *dialogs]


def _button(button: dict[str, Any]) -> str:
    mark = {"primary": "+", "danger": "!"}.get(button.get("style", ""), "")
    return f"[{mark}{_label(button)}]"


def _label(button: dict[str, Any]) -> str:
    return str(button["text"]["text"])


def _dialog(confirm: dict[str, Any]) -> str:
    title, text, yes, no = (confirm[part]["text"] for part in ("title", "text", "confirm", "deny"))
    return f"{title} | {' / '.join(text.splitlines())} | {yes} | {no}"


def _mrkdwn(text: dict[str, Any]) -> str:
    assert text["verbatim"] is True, "Slack would link what looks like an address"
    return _seen(text["text"])


def _seen(text: str) -> str:
    """What is left of the escapes when Slack shows it; nothing in it may link or mention."""
    assert "<" not in text
    assert ">" not in text
    assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0
    for sign, shown in _SIGNS:
        text = text.replace(sign, shown)
    return text
