"""Fields of a modal, within Slack's limits. Pure."""

from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from activities.slack.blocks import Block, cut, plainly

_LABEL, _OPTION, _TITLE, _VALUE, _OPTIONS = 2000, 75, 24, 150, 100


def plain(text: str, most: int) -> Block:
    """A plain text object."""
    return {"type": "plain_text", "text": cut(plainly(text), most), "emoji": False}


def modal(title: str, blocks: Sequence[Block], *, callback: str = "", metadata: str = "", submit: str = "") -> Block:
    """A modal; with `submit` it can be sent off."""
    view: Block = {"type": "modal", "title": plain(title, _TITLE), "blocks": list(blocks)}
    view |= {"callback_id": callback, "private_metadata": metadata}
    return view | ({"submit": plain(submit, _TITLE), "close": plain("Cancel", _TITLE)} if submit else {})


def select(name: str, label: str, choices: Iterable[str], initial: str | None = None, nothing: str = "") -> Block:
    """One choice of a list; `nothing`: it may be left out, and this is what that means."""
    options = [_option(choice) for choice in choices][:_OPTIONS]
    element: Block = {"type": "static_select", "action_id": name, "options": [*options]}
    if initial is not None:
        element["initial_option"] = _option(initial)
    if nothing:
        element["placeholder"] = plain(nothing, _VALUE)
    return _input(name, label, element, optional=bool(nothing))


def words(name: str, label: str, hint: str = "", *, optional: bool = True, most: int = 500) -> Block:
    """A line to write in."""
    element: Block = {"type": "plain_text_input", "action_id": name, "max_length": most}
    return _input(name, label, element, optional=optional, hint=hint)


def radio(name: str, label: str, choices: dict[str, str], initial: str) -> Block:
    """One choice, all of them visible, each with its meaning."""
    options = {value: _option(value, text) for value, text in choices.items()}
    element: Block = {"type": "radio_buttons", "action_id": name, "options": [*options.values()]}
    return _input(name, label, {**element, "initial_option": options[initial]})


def tick(name: str, label: str, text: str) -> Block:
    """Something to tick."""
    element: Block = {"type": "checkboxes", "action_id": name, "options": [_option(name, text)]}
    return _input(name, label, element, optional=True)


def _option(value: str, text: str = "") -> Block:
    return {"text": plain(text or value, _OPTION), "value": cut(value, _VALUE)}


def _input(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {"type": "input", "block_id": name, "label": plain(label, _LABEL), "element": element}
    block["optional"] = optional
    return block | ({"hint": plain(hint, _LABEL)} if hint else {})


def values_of(view: dict[str, JsonValue]) -> dict[str, str]:
    """What was filled in, by field; empty where nothing was. A tick is its name."""
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, dict) else None
    found: dict[str, str] = {}
    for elements in (blocks if isinstance(blocks, dict) else {}).values():
        for name, element in (elements if isinstance(elements, dict) else {}).items():
            found[name] = _value(element)
    return found


def _value(element: JsonValue) -> str:
    if not isinstance(element, dict):
        return ""
    chosen = element.get("selected_option")
    ticked = element.get("selected_options")
    given = element.get("value")
    if isinstance(chosen, dict):
        given = chosen.get("value")
    elif isinstance(ticked, list) and ticked and isinstance(ticked[0], dict):
        given = ticked[0].get("value")
    return given.strip() if isinstance(given, str) else ""
