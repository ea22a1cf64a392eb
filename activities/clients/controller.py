"""The small HTTP interfaces that take epochs: a region's group agent, and the power controller."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import JsonValue, ValidationError

from activities.acting import View
from activities.clients.http import Method, ask
from activities.errors import StepError
from runbooks.steps import ErrorType

V = TypeVar("V", bound=View)

_BY_STATUS = {
    401: (ErrorType.DENIED, "refuses the token: check it"),
    403: (ErrorType.DENIED, "refuses the token: check it"),
    404: (ErrorType.NOT_FOUND, "does not know that name: check the runbook"),
    409: (ErrorType.STALE_EPOCH, "has seen a newer decision: this run is out of date"),
    429: (ErrorType.BUSY, "asks to wait"),
}
_FIRST_SERVER_ERROR = 500


class Group(View):
    """A service group's size: wanted, and ready to serve."""

    desired: int
    ready: int
    epoch: int = 0


class Power(View):
    """Whether a server has power."""

    name: str
    state: str
    epoch: int = 0
    """The newest decision that wanted it so."""
    since: int | None = None
    """The decision that switched it so; later ones that wanted the same do not change it."""

    @property
    def off(self) -> bool:
        """Nothing of it is left, and it cannot start."""
        return self.state == "off"

    def switched_by(self, epoch: int) -> bool:
        """That decision switched it to the state that it has, as far as is kept."""
        return epoch == (self.epoch if self.since is None else self.since)


@dataclass(frozen=True)
class Controller(Generic[V]):
    """One of them: what it answers about `url` is a `V`."""

    url: str
    answer: type[V]
    within: float
    token: str | None

    async def get(self) -> V:
        """Its state. Raises StepError."""
        return await self._ask("GET", None)

    async def put(self, body: JsonValue) -> V:
        """Order a state; answered when the order is accepted. Raises StepError, also for a stale epoch."""
        return await self._ask("PUT", body)

    async def delete(self) -> V:
        """Have it removed; answered when it is gone. Raises StepError."""
        return await self._ask("DELETE", None)

    async def _ask(self, method: Method, body: JsonValue) -> V:
        response = await ask(method, self.url, within=self.within, token=self.token, body=body)
        status = response.status_code
        if status in _BY_STATUS:
            kind, words = _BY_STATUS[status]
            raise StepError(kind, f"{self.url} {words}.", {"status": status})
        if not response.is_success:
            kind = ErrorType.BUSY if status >= _FIRST_SERVER_ERROR else ErrorType.WRONG_STATE
            raise StepError(kind, f"{self.url} answers HTTP {status}: look at its log.", {"status": status})
        try:
            return self.answer.model_validate_json(response.content)
        except ValidationError:
            name = self.answer.__name__.lower()
            raise StepError(ErrorType.WRONG_STATE, f"{self.url} does not answer as a {name}: check the URL.") from None
