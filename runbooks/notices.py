"""The ways to tell people, and which settings each takes in a runbook's `notify`. Pure."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from runbooks.values import Model, SecretRef

_CHANNEL = r"^[CGD][A-Z0-9]{3,}$"
_API = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]).*/$"
SLACK_API = "https://slack.com/api/"


def _channel(value: str) -> str:
    if not re.fullmatch(_CHANNEL, value):
        message = "a channel is given by its id, such as C0123ABCD: Slack shows it at the end of the channel's details"
        raise ValueError(message)
    return value


def _api(value: str) -> str:
    if not re.fullmatch(_API, value):
        message = f"the token goes there, so it must be an https:// address that ends in /, such as {SLACK_API}"
        raise ValueError(message)
    return value


class LogNotice(Model):
    """A line in a file; None: `notices.log` in the worker's home."""

    path: str | None = None


class SlackNotice(Model):
    """A channel of a Slack workspace, and the bot token that may write there."""

    channel: Annotated[str, AfterValidator(_channel), Field(json_schema_extra={"pattern": _CHANNEL})]
    token: SecretRef
    api: Annotated[str, AfterValidator(_api), Field(json_schema_extra={"pattern": _API})] = SLACK_API


class AppriseNotice(Model):
    """Any service that the library apprise knows: Teams, e-mail, PagerDuty, a webhook, ..."""

    url: SecretRef
    """Where its apprise URL is, such as `env://TEAMS_URL`: the URL holds the password, so it is never given itself."""


class Sentence(Model):
    """What a step of the runbook's own says."""

    text: str = Field(min_length=1)


NOTICES: dict[str, type[Model]] = {
    "notify.log": LogNotice,
    "notify.slack": SlackNotice,
    "notify.apprise": AppriseNotice,
}
"""What a runbook's `notify` may use."""

FOLLOWING = frozenset({"notify.slack"})
"""Those that can follow a run: one message of it that lives, in place of single sentences (workflow `announce`)."""
