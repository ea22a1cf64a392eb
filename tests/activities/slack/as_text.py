"""A message as a person would see it, as text; whatever Slack would refuse of it, or show wrongly, fails."""

import re
from typing import Any

from activities.slack.blocks import Message

LIMITS = {"section": 3000, "context": 2000}
_SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def as_text(message: Message) -> str:
    """The message, after a check of Block Kit's limits."""
    assert 0 < len(message.text) <= 3000
    assert len(message.blocks) <= 50
    ids = [block["block_id"] for block in message.blocks if "block_id" in block]
    assert len(ids) == len(set(ids))
    shown = [line for block in message.blocks for line in (*_block(dict(block)), "")]
    return "\n".join([f"NOTIFICATION  {_seen(message.text)}", "", *shown])


def _block(block: dict[str, Any]) -> list[str]:
    kind = block["type"]
    if kind == "header":
        title = _plain(block["text"], 150)
        return [title, "=" * len(title)]
    if kind == "section":
        beside = [f"    {_button(block['accessory'])}"] if "accessory" in block else []
        return [*_mrkdwn(block["text"], 3000).splitlines(), *beside]
    if kind == "context":
        assert 1 <= len(block["elements"]) <= 10
        return ["(small) " + _mrkdwn(part, 2000) for part in block["elements"]]
    assert kind == "actions", f"no block of the kind {kind} is used"
    buttons = block["elements"]
    assert 1 <= len(buttons) <= 25
    assert len(block["block_id"]) <= 255
    names = [button["action_id"] for button in buttons]
    assert len(names) == len(set(names)), f"Slack refuses two of one action_id in a block: {names}"
    row = "  ".join(_button(button) for button in buttons)
    dialogs = [f"    {_label(button)} asks: {_dialog(button['confirm'])}" for button in buttons if "confirm" in button]
    return [row, *dialogs]


def _button(button: dict[str, Any]) -> str:
    assert button["type"] == "button"
    assert 1 <= len(button["action_id"]) <= 255
    assert 1 <= len(button["value"]) <= 2000
    assert button.get("style") in (None, "primary", "danger")
    mark = {"primary": "+", "danger": "!"}.get(button.get("style", ""), "")
    return f"[{mark}{_label(button)}]"


def _label(button: dict[str, Any]) -> str:
    return _plain(button["text"], 75)


def _dialog(confirm: dict[str, Any]) -> str:
    title, text = _plain(confirm["title"], 100), _plain(confirm["text"], 300)
    yes, no = _plain(confirm["confirm"], 30), _plain(confirm["deny"], 30)
    return f"{title} | {' / '.join(text.splitlines())} | {yes} | {no}"


def _plain(text: dict[str, Any], most: int) -> str:
    assert text["type"] == "plain_text"
    assert 1 <= len(text["text"]) <= most
    return str(text["text"])


def _mrkdwn(text: dict[str, Any], most: int) -> str:
    assert text["type"] == "mrkdwn"
    assert text["verbatim"] is True, "Slack would link what looks like an address"
    assert 1 <= len(text["text"]) <= most
    return _seen(text["text"])


def _seen(text: str) -> str:
    """What is left of the escapes when Slack shows it; nothing in it may link or mention."""
    assert "<" not in text
    assert ">" not in text
    assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0
    for sign, shown in _SIGNS:
        text = text.replace(sign, shown)
    return text
