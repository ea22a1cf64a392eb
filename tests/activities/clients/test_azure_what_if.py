"""What-if's answer as a value: what is shown, and what counts as another change."""

from typing import Any

from activities.clients.azure_what_if import changes_of

_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/llm"


def answer(kind: str, **more: Any) -> dict[str, Any]:
    """One change."""
    return {"properties": {"changes": [{"resourceId": _ID, "changeType": kind, **more}]}}


def modified(*delta: dict[str, Any]) -> dict[str, Any]:
    """One change of these properties."""
    return answer("Modify", before={"a": 1}, after={"a": 2}, delta=list(delta))


def test_what_stays_is_no_change() -> None:
    """Nor is what the template does not hold."""
    assert changes_of(answer("NoChange"), "hash", ()).changes == {}
    assert changes_of(answer("Ignore"), "hash", ()).changes == {}
    assert changes_of({"properties": None}, "hash", ()).changes == {}


def test_each_property_is_a_part_of_the_line() -> None:
    """Nested ones by their path; what has no effect is left out, and what is long is cut."""
    children = [{"path": "0", "propertyChangeType": "Create", "before": None, "after": "x" * 100}]
    found = changes_of(
        modified(
            {"path": "zones", "propertyChangeType": "Array", "children": children},
            {"path": "noise", "propertyChangeType": "NoEffect", "before": 1, "after": 2},
        ),
        "hash",
        (),
    )
    (line,) = found.lines
    assert line.startswith('~ Microsoft.Compute/virtualMachineScaleSets/llm: zones.0 null -> "xxx')
    assert line.endswith("x...")


def test_a_secret_is_struck_even_where_the_line_is_cut() -> None:
    """Half of it would be one, too."""
    found = changes_of(
        modified({"path": "p", "propertyChangeType": "Modify", "before": "a" * 58 + "hidden", "after": 1}),
        "h",
        ["hidden"],
    )
    assert "hid" not in found.lines[0]


def test_what_is_made_of_something_else_was_not_approved() -> None:
    """The same resource by another template, or parameters; what is gone meanwhile is within what was approved."""
    approved = changes_of(modified(), "one", ()).approved()
    assert changes_of(modified(), "one", ()).beyond(approved) == ()
    (why,) = changes_of(modified(), "two", ()).beyond(approved)
    assert why.endswith("it would become something else than was shown")
    assert changes_of(answer("NoChange"), "two", ()).beyond(approved) == ()
    (why,) = changes_of(answer("Delete", before={"a": 1}), "one", ()).beyond(approved)
    assert why.endswith("to delete, and to update was shown")


def test_what_azure_cannot_judge_is_said_to_be_that() -> None:
    """With its own reason where it gives one."""
    found = changes_of(answer("Unsupported", unsupportedReason="The id is not known yet."), "hash", ())
    assert found.lines == ("! Microsoft.Compute/virtualMachineScaleSets/llm: The id is not known yet",)
    assert found.summary() == "1 to deploy"
