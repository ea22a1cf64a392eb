"""What a person sees in a modal, on the home tab or in an answer, as text; what Slack would refuse fails."""

from typing import Any

from tests.activities.slack.as_text import _block
from tests.slack.blocks import faults_of_view


def view_as_text(view: dict[str, Any]) -> str:
    """A modal or the home tab, after a check of Block Kit's limits."""
    assert faults_of_view(view) == []
    title = f"[ {view['title']['text']} ]\n" if view["type"] == "modal" else ""
    row = "  ".join(f"[{view[part]['text']}]" for part in ("submit", "close") if part in view)
    return f"{title}{blocks_as_text(view['blocks'])}{row}\n" if row else f"{title}{blocks_as_text(view['blocks'])}"


def blocks_as_text(blocks: list[dict[str, Any]]) -> str:
    """The blocks, one after the other."""
    return "".join("\n".join([*_seen(block), "", ""]) for block in blocks)


def _seen(block: dict[str, Any]) -> list[str]:
    match block["type"]:
        case "divider":
            return ["-" * 20]
        case "rich_text":
            return [piece["text"] for part in block["elements"] for piece in part["elements"]]
        case "input":
            return _input(block)
        case _:
            return _block(block)


def _input(block: dict[str, Any]) -> list[str]:
    element = block["element"]
    optional = " (optional)" if block["optional"] else ""
    hint = [f"  {block['hint']['text']}"] if "hint" in block else []
    return [f"{block['label']['text']}{optional}", *_element(element), *hint]


def _element(element: dict[str, Any]) -> list[str]:
    if element["type"] == "plain_text_input":
        return ["  ________________"]
    chosen = element.get("initial_option", {}).get("value")
    marks = [f"({'x' if option['value'] == chosen else ' '}) {option['text']['text']}" for option in element["options"]]
    if element["type"] == "static_select":
        nothing = element.get("placeholder", {}).get("text")
        return ["  " + " ".join([*marks, *([f"<{nothing}>"] if nothing else [])])]
    return [f"  {mark}" for mark in marks]
