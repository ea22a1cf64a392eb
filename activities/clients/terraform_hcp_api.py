"""HCP Terraform's API: JSON:API over HTTPS, every failure a StepError. Nothing is sent twice.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs#response-codes
"""

from typing import Any, Literal

import httpx

from activities.errors import StepError
from runbooks.steps import ErrorType

_TYPE = "application/vnd.api+json"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _TOO_MANY, _BROKEN, _WRONG = 401, 403, 404, 409, 429, 500, 400
_WITHIN = 10.0


class Api:
    """As one token sees it."""

    def __init__(self, address: str, token: str, within: float) -> None:
        self._base = f"{address.rstrip('/')}/api/v2"
        self._token = token
        self._within = min(_WITHIN, within)

    async def ask(self, method: Literal["GET", "POST"], path: str, body: Any = None) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
        """The answer; None for 404, which is also what a token without rights is told. Raises StepError."""
        answer = await self._answer(method, f"{self._base}/{path}", body)
        if answer.status_code == _NOT_FOUND:
            return None
        self._judge(answer, path)
        if not answer.content:
            return {}
        try:
            found: dict[str, Any] = answer.json()
        except ValueError:
            raise StepError(ErrorType.UNREACHABLE, f"{self._base} does not answer as HCP Terraform does.") from None
        return found

    async def act(self, run: str, word: str, comment: str) -> None:
        """`apply`, `discard` or `cancel` a run. Raises StepError: CONFLICT when it has moved on."""
        if await self.ask("POST", f"runs/{run}/actions/{word}", {"comment": comment}) is None:
            raise StepError(ErrorType.DENIED, f"The token may not {word} the run {run}: let it.")

    async def log(self, kind: Literal["applies", "plan"], run: dict[str, Any]) -> str:
        """What the run's plan, or apply, has written so far; empty when it cannot be read."""
        name, path = ("apply", "applies") if kind == "applies" else ("plan", "plans")
        data = run["relationships"].get(name, {}).get("data")
        found = None if data is None else await self.ask("GET", f"{path}/{data['id']}")
        url = (found or {}).get("data", {}).get("attributes", {}).get("log-read-url")
        if not url:
            return ""
        try:
            async with httpx.AsyncClient(timeout=self._within, trust_env=True) as client:
                answer = await client.get(url)  # the URL is signed: the token does not go there
        except httpx.TransportError:
            return ""
        return answer.text.strip("\x02\x03") if answer.is_success else ""

    async def _answer(self, method: str, url: str, body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": _TYPE}
        try:
            async with httpx.AsyncClient(timeout=self._within, trust_env=True, follow_redirects=True) as client:
                return await client.request(method, url, json=body, headers=headers)
        except httpx.TimeoutException:
            raise StepError(
                ErrorType.TIMED_OUT, f"HCP Terraform ({self._base}) gave no answer within {self._within:g} s."
            ) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise StepError(
                ErrorType.UNREACHABLE, f"HCP Terraform ({self._base}) cannot be reached ({type(error).__name__})."
            ) from None

    def _judge(self, answer: httpx.Response, path: str) -> None:
        status = answer.status_code
        if status < _WRONG:
            return
        kind = {
            _UNAUTHORIZED: ErrorType.DENIED,
            _FORBIDDEN: ErrorType.DENIED,
            _CONFLICT: ErrorType.CONFLICT,
            _TOO_MANY: ErrorType.BUSY,
        }.get(status, ErrorType.UNREACHABLE if status >= _BROKEN else ErrorType.BAD_SETTINGS)
        what = "the token is not valid, or expired" if status == _UNAUTHORIZED else _words(answer)
        raise StepError(kind, f"HCP Terraform answered {status} to {path}: {what}.")


def _words(answer: httpx.Response) -> str:
    """What JSON:API tells of an error."""
    try:
        errors = answer.json()["errors"]
        return "; ".join(str(one.get("detail") or one.get("title")) for one in errors).rstrip(".")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "without a word"
