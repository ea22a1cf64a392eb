import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from temporalio.exceptions import ApplicationError

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.activities.notify.mail import post_office
from tests.activities.web import answering

SECRET = "tell-nobody"
SAY = {"url": "env://TEAMS_URL", "text": "Plan 1234 awaits 1 approval by <sre-ai>"}


class Hook:
    """A webhook."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Keep what was sent."""
        self.got.append(await request.json())
        return web.Response(status=self.status)


def hook_url(address: str) -> str:
    """The webhook as apprise is told of it: the secret is in the path, and in the password."""
    return f"json://ann:{SECRET}-2@{address.removeprefix('http://')}/{SECRET}"


async def test_a_webhook_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run of the same step finds that it was sent; another step is another sentence."""
    hook = Hook()
    async with answering(hook.answer) as address:
        monkeypatch.setenv("TEAMS_URL", hook_url(address))
        first = await perform("notify.apprise", SAY, home=tmp_path)
        again = await perform("notify.apprise", SAY, home=tmp_path)
        other = await perform("notify.apprise", SAY, home=tmp_path, step="step-2")
    assert [result.changed for result in (first, again, other)] == [True, False, True]
    assert again.reason == "It was sent by JSON before."
    assert [got["title"] for got in hook.got] == ["Evac: book"] * 2
    assert hook.got[0]["message"] == f"{SAY['text']}\n[run-1/step-1]"


async def test_the_check_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor could it know what the webhook would say."""
    hook = Hook(401)
    async with answering(hook.answer) as address:
        monkeypatch.setenv("TEAMS_URL", hook_url(address))
        checked = await perform("notify.apprise.check", SAY, home=tmp_path)
    assert (checked.changed, checked.proved, hook.got) == (False, True, [])


async def test_an_e_mail_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a real SMTP conversation."""
    async with post_office() as post:
        url = f"mailto://ann:{SECRET}@127.0.0.1:{post.port}?from=evac@example.org&to=sre@example.org"
        monkeypatch.setenv("TEAMS_URL", url)
        await perform("notify.apprise", SAY, home=tmp_path, within=10)
        (mail,) = post.mails
        post.known = False
        sentence = await refused("notify.apprise", SAY, ErrorType.DENIED, home=tmp_path, step="step-2", within=10)
    assert "Subject: Evac: book" in mail
    assert "To: sre@example.org" in mail
    assert sentence == "E-Mail, as env://TEAMS_URL gives it, refuses the credentials (535): renew them there."


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, ErrorType.BUSY),
        (503, ErrorType.UNREACHABLE),
    ],
)
async def test_each_refusal_is_classified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, kind: ErrorType
) -> None:
    """What waiting can heal is tried again, and what it cannot is said once."""
    hook = Hook(status)
    async with answering(hook.answer) as address:
        monkeypatch.setenv("TEAMS_URL", hook_url(address))
        assert f"({status})" in await refused("notify.apprise", SAY, kind, home=tmp_path)


async def test_nobody_there_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: int) -> None:
    """It is tried again."""
    monkeypatch.setenv("TEAMS_URL", f"json://127.0.0.1:{closed}/x")
    sentence = await refused("notify.apprise", SAY, ErrorType.UNREACHABLE, home=tmp_path)
    assert sentence == "JSON, as env://TEAMS_URL gives it, gives no good answer."


@pytest.mark.parametrize("url", [f"nothing://{SECRET}", SECRET, "json://a json://b"])
async def test_what_is_no_url_of_apprise_is_said_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The check says so before it is needed, too."""
    monkeypatch.setenv("TEAMS_URL", url)
    sentence = await refused("notify.apprise", SAY, ErrorType.BAD_SETTINGS, home=tmp_path)
    assert sentence.startswith("What env://TEAMS_URL holds is no one URL that apprise can use")
    checked = await perform("notify.apprise.check", SAY, home=tmp_path)
    assert (checked.proved, checked.reason) == (False, sentence)


class Ear(logging.Handler):
    """All that reaches a worker's own log, but for the access log of the test's own server."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if record.name != "aiohttp.access":
            self.heard += f"{self.format(record)}\n"


@pytest.fixture
def ear() -> Iterator[Ear]:
    """It hears everything."""
    root, made = logging.getLogger(), Ear()
    before = root.level
    root.addHandler(made)
    root.setLevel(logging.DEBUG)
    yield made
    root.removeHandler(made)
    root.setLevel(before)


async def test_the_url_is_neither_told_nor_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ear: Ear) -> None:
    """With every log on, whether it is sent or refused."""
    told = ""
    for number, status in enumerate((200, 401, 503)):
        async with answering(Hook(status).answer) as address:
            monkeypatch.setenv("TEAMS_URL", hook_url(address))
            try:
                result = await perform("notify.apprise", SAY, home=tmp_path, step=f"step-{number}")
                told += result.model_dump_json()
            except ApplicationError as error:
                told += f"{error!r} {error.__cause__!r}"
    kept = [path.read_text() for path in sorted(tmp_path.rglob("*.json"))]  # noqa: ASYNC240 - three small files
    assert SECRET not in told + ear.heard + json.dumps(kept)
    assert "notify.apprise" in ear.heard
