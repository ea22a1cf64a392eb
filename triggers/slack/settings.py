"""How Slack is reached: the section `slack:` of the server's file (`evac serve`)."""

from pydantic import Field

from runbooks.values import Model


class SlackSettings(Model):
    """Socket Mode with `app_token` (no inbound port); else HTTP with `signing_secret`, at `POST /slack/events`.

    Every token is a secret reference, such as `env://SLACK_BOT_TOKEN`.
    """

    bot_token: str
    app_token: str | None = None
    signing_secret: str | None = None
    channel: str = ""
    """Where runs that were asked for in a direct message are told, such as `C0123` (default: where it was asked)."""
    people: dict[str, str] = Field(default_factory=dict)
    """A Slack user's id -> the name that runbooks know them by; who is not here acts as the id itself."""
    groups: tuple[str, ...] = ()
    """The Slack user groups whose members may count as approvers, by id: a runbook names them `slack-group:<id>`."""
    may_start: tuple[str, ...] = ()
    """Who may start a procedure from Slack: names, or `slack-group:<id>` of `groups`. Empty: every member."""
    api: str = "https://slack.com/api/"
