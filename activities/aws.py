"""What technologies on AWS share: the epoch that a resource keeps in a tag, and the least IAM policy for one step."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from runbooks.aws.access import AwsSettings

EPOCH_TAG = "evac:epoch"
"""The newest decision that changed the resource. A tag has no compare-and-set: between look and mark another worker of
an older decision could slip in; that they both exist at all, the lock of the workflow's id forbids."""
WAS_TAG = "evac:was"
"""What the resource was before that decision (`clients/aws_kept.py`)."""


class OnAws:
    """Beside a Technology whose settings are AwsSettings.

    Must: declare as `permissions` exactly the IAM actions that its calls need (the conformance suite compares them
    with what it sees on the wire), and `arns`: the resources that they are narrowed to for given settings.
    """

    permissions: ClassVar[tuple[str, ...]]
    tested_against: ClassVar[str] = "moto + fakes"
    """`moto` where no fake serves any of its operations; docs/aws.md lists the fakes."""
    unscoped: ClassVar[frozenset[str]] = frozenset()
    """The actions of `permissions` that IAM cannot narrow to a resource (most `Describe*` of EC2 and Auto Scaling)."""

    @classmethod
    @abstractmethod
    def arns(cls, settings: Any) -> tuple[str, ...]:  # noqa: ANN401 - each technology has settings of its own
        """The ARNs that the other actions are allowed on: the partition is `aws`, an unknown account is `*`."""

    @classmethod
    def needs(cls, settings: Any) -> tuple[str, ...]:  # noqa: ANN401
        """Those of `permissions` that these settings need: all, unless some can do without."""
        del settings
        return cls.permissions


def account_of(settings: AwsSettings) -> str:
    """The account of the settings' role; `*` when there is none."""
    return settings.role.split(":")[4] if settings.role else "*"


def epoch_in(tags: Iterable[Mapping[str, Any]] | Mapping[str, str]) -> int | None:
    """The newest decision that the tags keep: a list of Key and Value (or key and value), or a mapping; None: none."""
    kept = flat(tags).get(EPOCH_TAG, "")
    return int(kept) if kept.isdecimal() else None


def flat(tags: Iterable[Mapping[str, Any]] | Mapping[str, str]) -> dict[str, str]:
    """Tags as a mapping, in whichever way a service gives them."""
    if isinstance(tags, Mapping):
        return dict(tags)
    return {str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value"))) for tag in tags}
