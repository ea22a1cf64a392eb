"""The set of changes: what it tells, what it hides, and what is within what was approved."""

from typing import Any

from activities.approving import Approved
from activities.clients.terraform_plan import changes_in


def plan(**changes: dict[str, Any]) -> dict[str, Any]:
    """`terraform show -json`, as far as it matters."""
    told = [{"address": f"aws_x.{name}", "change": change} for name, change in changes.items()]
    return {"resource_changes": told, "variables": {"standby_size": {}}}


def change(*actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """One resource's."""
    return {"actions": list(actions), "before": before, "after": after, **more}


def test_what_stays_or_is_only_read_is_no_change() -> None:
    """A plan of nothing is empty."""
    found = changes_in(plan(a=change("no-op", before={"x": 1}, after={"x": 1}), b=change("read", after={"y": 1})))
    assert (found.changes, found.lines, found.summary()) == ({}, (), "nothing to change")


def test_secrets_are_not_told() -> None:
    """Attributes and whole values that Terraform calls sensitive; the digest changes with them all the same."""

    def made(password: str) -> dict[str, Any]:
        after = {"size": 2, "password": password}
        return plan(
            a=change("update", before={"size": 1, "password": "old"}, after=after, after_sensitive={"password": True})
        )

    found = changes_in(made("new"))
    assert found.lines == ("~ aws_x.a: password a secret -> a secret; size 1 -> 2",)
    assert "new" not in found.approved().model_dump_json()
    assert found.digest != changes_in(made("newer")).digest


def test_a_replacement_is_a_deletion() -> None:
    """Both orders of it, and a plain one."""
    found = changes_in(
        plan(
            a=change("delete", "create", before={"x": 1}, after={"x": 2}),
            b=change("create", "delete", before={"x": 1}, after={"x": 2}),
            c=change("delete", before={"x": 1}),
            d=change("create", after={"x": 1}),
        )
    )
    assert found.destroyed == ("aws_x.a", "aws_x.b", "aws_x.c")
    assert found.summary() == "2 to replace, 1 to delete, 1 to create"


def test_a_part_of_what_was_approved_is_within_it() -> None:
    """Also when a value has become known since; anything else is named with its reason."""
    unknown = change("create", after={"name": "b"}, after_unknown={"id": True, "of": True})
    approved = changes_in(plan(a=change("create", after={"name": "a"}), b=unknown)).approved()
    known = changes_in(plan(b=change("create", after={"name": "b", "of": "a-1"}, after_unknown={"id": True})))
    other = changes_in(plan(b=change("create", after={"name": "c", "of": "a-1"}, after_unknown={"id": True})))
    gone = changes_in(plan(b=change("delete", before={"name": "b"})))
    assert known.beyond(approved) == ()
    assert other.beyond(approved) == ("aws_x.b: it would become something else than was shown",)
    assert gone.beyond(approved) == ("aws_x.b: to delete, and to create was shown",)
    assert known.beyond(Approved(digest="")) == ("aws_x.b: to create, which was not shown",)


def test_what_somebody_else_changed_is_seen() -> None:
    """The same change of another beginning is another one."""
    approved = changes_in(plan(a=change("update", before={"size": 1}, after={"size": 5}))).approved()
    moved = changes_in(plan(a=change("update", before={"size": 3}, after={"size": 5})))
    assert moved.beyond(approved) == ("aws_x.a: it was changed by somebody else since",)
