"""One technology, stood up so that it can be tried like every other one of its verb.

Specimen       what the suite asks for; a file in `specimens/` for each technology, found by its class
+-- OnCloud    on one whose requests can be counted by the permission that they need
    +-- OnAws      on the AWS of `tests/aws`
    +-- OnAzure    on the Azure of `tests/azure`
Those of the lab are in `specimens/lab_*.py`.
"""

import uuid
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from activities.catalog import CATALOG, Row
from activities.clients.aws_actions import iam_action
from runbooks.steps import ErrorType
from tests.aws.world import HERE, THERE, World
from tests.azure import world as azure_world
from tests.azure.world import AzureWorld

Settings = dict[str, Any]


class Specimen(ABC):
    """One technology and the world that it works on, for one test.

    Must: stand a world up in `stand`, in which the act has something to do (a look sees something good); tell in
    `effect` what that world is, asked around Evac, such that it is equal before and after whatever changes nothing.
    `name` is unique: worlds may be shared by tests.
    """

    uses: ClassVar[str]
    within: ClassVar[float] = 20.0
    """Seconds that one call may take."""
    spoiled: ClassVar[ErrorType] = ErrorType.WRONG_STATE
    """How it refuses what `spoil` has made."""
    denied: ClassVar[ErrorType] = ErrorType.DENIED
    """How a look ends that is denied."""
    lost: ClassVar[str] = "changes"
    """Which request's answer is lost in the test of a worker killed between call and answer."""
    once: ClassVar[bool] = False
    """Its act is one request: a lost answer must not make it two."""
    cannot: ClassVar[dict[str, str]] = {}
    """Tests (by name, without `test_`) that cannot be made of it, each with the reason: there Must be a good one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.name = f"it-{uuid.uuid4().hex[:8]}"

    @property
    def row(self) -> Row:
        """Its row of the catalog."""
        return CATALOG[self.uses]

    @abstractmethod
    async def stand(self) -> Settings:
        """Make the world, and give the settings of a call as a plan would."""

    @abstractmethod
    async def effect(self) -> Any:
        """What the world is now, asked around Evac: plain data that `==` compares."""

    async def absent(self, settings: Settings) -> Settings:
        """Settings that name what is not there."""
        raise NotImplementedError

    async def spoil(self, settings: Settings) -> Settings:
        """Bring the world into a state in which the act must refuse (`spoiled`); the settings to try it with."""
        raise NotImplementedError

    def impatient(self, settings: Settings) -> Settings:
        """The same with short bounds, so that what hangs is found out soon."""
        return settings

    @abstractmethod
    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """From now on the way there is bent: `deny`, `throttle`, `hang`, `lose`, ... (see tests/aws/front.py)."""

    @abstractmethod
    def straighten(self) -> None:
        """No bends any more."""

    @abstractmethod
    def changes(self) -> int:
        """How many requests that change something have come so far."""


class OnCloud(Specimen):
    """A technology on a cloud, which knows each request by the permission that it needs."""

    short: ClassVar[Settings] = {"connect_timeout": 0.1, "read_timeout": 0.1}
    """Settings with which what hangs is given up soon."""

    def impatient(self, settings: Settings) -> Settings:
        """As the client's configuration calls them."""
        return {**settings, **self.short}

    @abstractmethod
    def requests(self) -> int:
        """How many requests have come so far."""

    @abstractmethod
    def actions_since(self, number: int) -> set[str]:
        """The permissions of everything asked after so many requests."""


class OnAws(OnCloud):
    """A technology on AWS."""

    aws: World
    """Given by the suite."""
    here: ClassVar[str] = HERE
    """Where what is left, or looked at, is."""
    there: ClassVar[str] = THERE

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """By AWS's own errors."""
        self.aws.bend(match, mode, times)

    def straighten(self) -> None:
        """As AWS is."""
        self.aws.straighten()

    def changes(self) -> int:
        """What the front has counted as changing; what the test does itself counts too."""
        return len(self.aws.asked(changes=True))

    def requests(self) -> int:
        """What the front has counted."""
        return len(self.aws.calls())

    def actions_since(self, number: int) -> set[str]:
        """The IAM actions of everything asked after so many requests."""
        asked = (call["asked"].partition(":") for call in self.aws.calls()[number:])
        return {iam_action(service, operation) for service, _, operation in asked} - {"sts:AssumeRole"}


class OnAzure(OnCloud):
    """A technology on Azure."""

    azure: AzureWorld
    """Given by the suite."""
    here: ClassVar[str] = azure_world.HERE
    """Where what is left, or looked at, is."""
    there: ClassVar[str] = azure_world.THERE

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """By the errors of Azure Resource Manager."""
        self.azure.bend(match, mode, times)

    def straighten(self) -> None:
        """As Azure is."""
        self.azure.straighten()

    def changes(self) -> int:
        """What the fake has counted as changing."""
        return len(self.azure.asked(changes=True))

    def requests(self) -> int:
        """What the fake has counted."""
        return len(self.azure.calls())

    def actions_since(self, number: int) -> set[str]:
        """The permissions, as Azure's role-based access control calls them."""
        return {call["asked"] for call in self.azure.calls()[number:]}
