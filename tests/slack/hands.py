"""What a person can do with what a Slack client shows: press it, choose from it, write into it."""

from typing import Any

from tests.slack.blocks import elements_of
from tests.slack.state import CannotDoError, Json


def pressed(shown: Json, action_id: str, value: str) -> Json:
    """The action that the app is told of. Raises CannotDoError when nothing of the kind is shown."""
    there = [(block, element) for block, element in elements_of(shown["blocks"]) if block["type"] != "input"]
    found = [(block, element) for block, element in there if element["action_id"] == action_id]
    buttons = [(block, element) for block, element in found if element["type"] == "button"]
    if buttons:
        found = [(block, element) for block, element in buttons if value in element.get("value", "")]
    if len(found) != 1:
        known = ", ".join(element["action_id"] for _, element in there) or "nothing"
        message = f"{len(found)} things with {action_id} and {value!r} can be pressed here; there is {known}"
        raise CannotDoError(message)
    block, element = found[0]
    action = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"]}
    if element["type"] == "button":
        told = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return {**action, **told}
    return {**action, **_state(element, value)}


def filled(view: Json, values: dict[str, Any]) -> Json:
    """The state of the modal as it is sent. Raises CannotDoError for what its client would not let pass."""
    inputs = [(block, element) for block, element in elements_of(view["blocks"]) if element["type"] != "button"]
    known = {name for block, element in inputs for name in (block["block_id"], element["action_id"])}
    if values.keys() - known:
        message = f"nothing called {', '.join(values.keys() - known)} can be filled in here; there is {sorted(known)}"
        raise CannotDoError(message)
    state: Json = {}
    for block, element in inputs:
        given = values.get(block["block_id"], values.get(element["action_id"], _initial(element)))
        if block["type"] == "input" and not given and not block.get("optional", False):
            message = f"{block['label']['text']!r} must be filled in"
            raise CannotDoError(message)
        state.setdefault(block["block_id"], {})[element["action_id"]] = _state(element, given)
    return state


def _initial(element: Json) -> Any:
    if element["type"] == "plain_text_input":
        return element.get("initial_value")
    if element["type"] == "checkboxes":
        return [option["value"] for option in element.get("initial_options", [])]
    return element.get("initial_option", {}).get("value")


def _state(element: Json, given: Any) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if given and not least <= len(given) <= most:
            message = f"{element['action_id']} takes {least} to {most} characters"
            raise CannotDoError(message)
        return {"type": kind, "value": given or None}
    options = {option["value"]: option for option in element["options"]}
    chosen = list(given or []) if kind == "checkboxes" else [given] if given else []
    if set(chosen) - options.keys():
        message = f"{element['action_id']} offers {', '.join(options)}, not {', '.join(set(chosen) - options.keys())}"
        raise CannotDoError(message)
    if kind == "checkboxes":
        return {"type": kind, "selected_options": [options[one] for one in chosen]}
    return {"type": kind, "selected_option": options[given] if given else None}
