"""What technologies on Azure share: the epoch that a resource keeps in a tag, and the least role for one step."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

EPOCH_TAG = "evac-epoch"
"""The newest decision that changed the resource: a tag's name may not hold a colon everywhere on Azure."""


class OnAzure:
    """Beside a Technology whose settings are AzureSettings.

    Must: declare as `permissions` exactly the actions of Azure's role-based access control that its calls need (the
    conformance suite compares them with what it sees on the wire), and `scopes`: the resources that they are asked of.
    """

    permissions: ClassVar[tuple[str, ...]]
    """Such as `Microsoft.Compute/virtualMachineScaleSets/read`: what ARM itself names when it refuses."""
    tested_against: ClassVar[str] = "a fake of ARM"

    @classmethod
    @abstractmethod
    def scopes(cls, settings: Any) -> tuple[str, ...]:  # noqa: ANN401 - each technology has settings of its own
        """The ids of the resources (or groups, or subscriptions) at which the role must be assigned."""

    @classmethod
    def needs(cls, settings: Any) -> tuple[str, ...]:  # noqa: ANN401
        """Those of `permissions` that these settings need: all, unless some can do without."""
        del settings
        return cls.permissions

    @classmethod
    def wider(cls, settings: Any) -> Mapping[str, tuple[str, ...]]:  # noqa: ANN401
        """Of `permissions`, those that are asked of other places than `scopes` (a group, a subscription), by the place.

        For each there is a role of its own: what only reads there can change nothing there, and what may be done
        there can be done nowhere else.
        """
        del settings
        return {}


def tag_epoch(resource: Mapping[str, Any]) -> int | None:
    """The newest decision that a resource's tags keep; None: none."""
    kept = str((resource.get("tags") or {}).get(EPOCH_TAG, ""))
    return int(kept) if kept.isdecimal() else None


def tagged(resource: Mapping[str, Any], epoch: int) -> dict[str, str]:
    """All of a resource's tags, with that decision: ARM replaces tags as a whole."""
    return {**(resource.get("tags") or {}), EPOCH_TAG: str(epoch)}
