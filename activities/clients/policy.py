"""A resource's policy with Evac's fence in it: one statement of ours that denies writes; all others are the user's.

The statement's name (`Sid`) carries the decision and when it was made: `EvacFence7At1764424800`. Pure.
"""

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from activities.acting import View
from activities.lagging import moment_of_fence

_OURS = re.compile(r"EvacFence(?P<epoch>\d+)At(?P<at>\d+)")
_VERSION = "2012-10-17"

Document = dict[str, Any]


class Mark(View):
    """Evac's fence, as a policy has it."""

    epoch: int
    at: float
    """When it was set, by the clock of the worker that set it."""


def mark_in(document: Document | None) -> Mark | None:
    """The fence in the policy; None: there is none. Of several, the newest decision's."""
    found = [_OURS.fullmatch(str(one.get("Sid", ""))) for one in _statements(document)]
    marks = [Mark(epoch=int(name["epoch"]), at=float(name["at"])) for name in found if name is not None]
    return max(marks, key=lambda mark: (mark.epoch, mark.at), default=None)


def fenced(document: Document | None, statement: Document, epoch: int) -> Document:
    """The policy with a fence of this decision, in place of an older one; the user's statements stay as they are."""
    ours = {"Sid": f"EvacFence{epoch}At{moment_of_fence(time.time())}", "Effect": "Deny", "Principal": "*", **statement}
    kept = lifted(document) or {"Version": _VERSION}
    return {**kept, "Statement": [*_statements(kept), ours]}


def lifted(document: Document | None) -> Document | None:
    """The policy without any fence of Evac's; None when nothing is left of it, so that it can be deleted."""
    kept = [one for one in _statements(document) if not _OURS.fullmatch(str(one.get("Sid", "")))]
    return {**document, "Statement": kept} if document is not None and kept else None


def unless(principals: Sequence[str]) -> Document:
    """The condition under which a fence leaves those principals, and AWS's own services, alone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    services: Document = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    return {**services, "ArnNotLike": {"aws:PrincipalArn": list(principals)}} if principals else services


def written(document: Document) -> str:
    """As AWS takes it. It counts white space, too."""
    return json.dumps(document, separators=(",", ":"))


def _statements(document: Document | None) -> list[Document]:
    """One statement may stand without a list around it."""
    found = (document or {}).get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)
