"""A service that moto has not got, or operations that it lacks: stateful, and as strict as AWS's own service model.

The front (`front.py`) parses what comes by the protocol of botocore's model, checks it against that model, and answers
by it. A fake gives a method per operation, in boto3's own spelling: it takes the parameters by their names and the
caller's region, and gives the answer as a dictionary, or raises Refusal.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException

Operation = Callable[..., dict[str, Any]]


class Refusal(ServiceException):
    """What the service refuses: `Refusal("InvalidDBInstanceState", "...")`."""


class Fake:
    """One service. `service` is boto3's name of it; several fakes may share one, each with operations of its own.

    Must: keep what it is told, and refuse what AWS would: the absent, the wrong state, the wrong region.
    """

    service: ClassVar[str]

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""

    def told(self, what: Mapping[str, Any]) -> Any:
        """What a test says to it behind AWS's back (`World.tell`): make a change slow, make capacity scarce, ..."""
        raise NotImplementedError(what)

    def operation(self, name: str) -> Operation | None:
        """The method for that operation; None: it is moto's."""
        method: Operation | None = getattr(self, name, None) if name not in _OURS else None
        return method


_OURS = frozenset(vars(Fake))
