"""One channel of a Slack workspace, through slack_sdk: an extra (`evac[slack]`), so it is imported only when needed.

GoneError      the message that was to be changed is not there any more
StepError      anything else; `evidence["retry_after"]` holds the seconds that Slack asked to wait
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from pydantic import JsonValue

from activities.errors import StepError
from activities.secrets import Secrets
from activities.slack.blocks import Message
from runbooks.notices import SlackNotice
from runbooks.steps import ErrorType

if TYPE_CHECKING:
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler
    from slack_sdk.web.async_client import AsyncWebClient

T = TypeVar("T")

_WITHIN = 10.0
_PAGE = 200
_PAGES = 5
"""A message is looked for among so many of the newest."""
_CLOCKS = 300.0
"""Seconds by which Slack's clock may differ from Temporal's."""
_WORST = 500
"""Status codes from here on are Slack's own trouble."""

_TOKEN = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
_SCOPE = frozenset({"missing_scope", "no_permission"})
_CHANNEL = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    }
)
_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})


class GoneError(Exception):
    """Somebody deleted the message."""


class Channel:
    """A channel in which messages are posted, changed, and found again by their metadata."""

    def __init__(self, client: "AsyncWebClient", settings: SlackNotice, within: float | None) -> None:
        self._client = client
        self._settings = settings
        self._until = within and asyncio.get_running_loop().time() + within

    async def post(
        self, message: Message, metadata: Mapping[str, Any], *, thread: str = "", aloud: bool = False
    ) -> str:
        """Post it and return its `ts`; `aloud`: an answer in a thread that the whole channel sees."""
        more: dict[str, Any] = {"thread_ts": thread, "reply_broadcast": aloud or None} if thread else {}
        call = self._client.chat_postMessage
        answer = await self._with_blocks(message, lambda **said: call(**said, metadata=dict(metadata), **more))
        return str(answer["ts"])

    async def change(self, ts: str, message: Message) -> None:
        """Change what was posted. Raises GoneError when it is not there any more."""
        await self._with_blocks(message, lambda **said: self._client.chat_update(ts=ts, **said))

    async def find(self, metadata: Mapping[str, Any], since: float) -> str | None:
        """The `ts` of the newest message with this metadata that is not older; None when nobody may look, too."""
        cursor = ""
        for _ in range(_PAGES):
            call = self._client.conversations_history(
                channel=self._settings.channel,
                oldest=f"{since - _CLOCKS:.6f}",
                limit=_PAGE,
                include_all_metadata=True,
                cursor=cursor or None,
            )
            try:
                answer = await self._asked(call)
            except StepError as error:
                if error.evidence.get("error") in _SCOPE:
                    return None
                raise
            for message in answer["messages"]:
                known = message.get("metadata") or {}
                if all(known.get(part) == wanted for part, wanted in metadata.items()):
                    return str(message["ts"])
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor", ""))
            if not cursor:
                return None
        return None

    async def answers(self, ts: str, event_type: str) -> list[dict[str, JsonValue]]:
        """The metadata of that type in the message's thread, oldest first; nothing when nobody may look."""
        found: list[dict[str, JsonValue]] = []
        cursor = ""
        while True:
            call = self._client.conversations_replies(
                channel=self._settings.channel, ts=ts, limit=_PAGE, include_all_metadata=True, cursor=cursor or None
            )
            try:
                answer = await self._asked(call)
            except StepError as error:
                if error.evidence.get("error") in _SCOPE:
                    return found
                raise
            told = (message.get("metadata") or {} for message in answer["messages"])
            found += [known["event_payload"] for known in told if known.get("event_type") == event_type]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor", ""))
            if not cursor:
                return found

    async def _with_blocks(self, message: Message, send: Any) -> Any:  # noqa: ANN401 - slack_sdk's own are untyped
        """Send it; what Slack does not draw it takes as text."""
        said = {"channel": self._settings.channel, "text": message.text}
        try:
            return await self._asked(send(**said, blocks=[dict(block) for block in message.blocks]))
        except StepError as error:
            if error.evidence.get("error") not in _TOO_MUCH:
                raise
        return await self._asked(send(**said, blocks=[]))  # without any, those of before would stay

    async def _asked(self, call: Awaitable[T]) -> T:
        """The answer. Raises StepError, whose evidence holds Slack's own word for what is wrong."""
        from slack_sdk.errors import SlackApiError, SlackClientError  # noqa: PLC0415 - an extra

        try:
            async with asyncio.timeout_at(self._until):
                return await call
        except SlackApiError as error:
            raise self._refused(error) from None
        except (aiohttp.ClientError, SlackClientError, OSError) as error:
            why = f"Slack gives no answer at {self._settings.api} ({type(error).__name__})."
            raise StepError(ErrorType.UNREACHABLE, why) from None

    def _refused(self, error: Any) -> Exception:  # noqa: ANN401 - an extra's class
        answer = error.response
        word = str(answer.get("error", "")) if isinstance(answer.data, dict) else ""
        wait = answer.headers.get("Retry-After", "") if answer.headers else ""
        evidence: dict[str, JsonValue] = {"error": word}
        where = f"the channel {self._settings.channel}"
        if word == "ratelimited" or wait:
            evidence["retry_after"] = float(wait) if wait.isdigit() else 1.0
            return StepError(ErrorType.BUSY, f"Slack asks to wait {evidence['retry_after']:g} s.", evidence)
        if word in _GONE:
            return GoneError(word)
        if word in _TOKEN:
            advice = f"give the worker a valid bot token as {self._settings.token}"
            return StepError(ErrorType.DENIED, f"Slack refuses the token ({word}): {advice}.", evidence)
        if word in _SCOPE:
            needed = answer.get("needed", "chat:write")
            advice = f"add {needed} to the app's scopes, install it anew"
            return StepError(ErrorType.DENIED, f"The Slack app lacks a permission ({word}): {advice}.", evidence)
        if word in _CHANNEL:
            advice = "invite the app there (`/invite`), or correct the channel in the runbook's `notify`"
            return StepError(ErrorType.NOT_FOUND, f"Slack lets nobody post in {where} ({word}): {advice}.", evidence)
        told = word or f"status {answer.status_code}"
        kind = ErrorType.UNREACHABLE if answer.status_code >= _WORST or not word else ErrorType.NOT_YET
        return StepError(kind, f"Slack did not take a message for {where} ({told}).", evidence)


@asynccontextmanager
async def channel(
    settings: SlackNotice, secrets: Secrets, *, waits: bool, within: float | None = None
) -> AsyncIterator[Channel]:
    """The channel. `waits`: slack_sdk waits by itself when Slack says how long. Raises StepError.

    `within`: seconds for all that is asked of it together. A broken connection is never tried again here: the
    message may have been posted.
    """
    try:
        from slack_sdk.http_retry.builtin_async_handlers import (  # noqa: PLC0415 - an extra
            AsyncRateLimitErrorRetryHandler,
        )
        from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415
    except ImportError:
        why = "Slack needs the package slack-sdk on this worker: install evac[slack] there."
        raise StepError(ErrorType.BAD_SETTINGS, why) from None
    token = secrets.reveal(settings.token)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN)) as session:
        handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=2)] if waits else []
        client = AsyncWebClient(token=token, base_url=settings.api, session=session, retry_handlers=handlers)
        yield Channel(client, settings, within)
