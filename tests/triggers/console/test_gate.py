"""Who passes the gate, by what proof, and for which deeds."""

from pathlib import Path

import httpx
import pytest

from tests.triggers.console.conftest import HOME, LOCAL, Browser, Open, oidc
from tests.triggers.console.issuer import Issuer
from triggers.console.access import ConsoleRole
from triggers.console.api_tokens import ApiTokens
from triggers.console.logins import Logins
from triggers.console.session_key import session_key
from triggers.console.settings import ConsoleSettings

TOKENS = {"tokens": True}
DEEDS = [role.name.lower() for role in ConsoleRole]


async def test_whoever_is_on_this_machine_may_do_everything(browse: Open) -> None:
    """Without a way to prove people: `local`, and the proof says that there is none."""
    here = browse({})
    name, *flags = (await here.http.get("/who")).headers["set-cookie"].split("; ")
    assert (name.partition("=")[0], "httponly" in flags, "samesite=lax" in flags) == ("evac", True, True)
    assert await here.who() == "local|not proved: a browser on this machine||ADMIN"
    assert (await here.send("/admin", await here.csrf())).json() == {"by": "local"}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8700", "[::1", ""])
async def test_another_sites_name_does_not_lead_here(browse: Open, host: str) -> None:
    """A name that its owner makes lead to this machine (DNS rebinding) is refused, whatever is asked for."""
    here = browse({})
    for path in ("/who", "/api/v1/viewer", "/login", "/callback"):
        method = "POST" if path.startswith("/api") else "GET"
        assert (await here.http.request(method, path, headers={"Host": host})).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8700"])
async def test_this_machines_names_lead_here(browse: Open, host: str) -> None:
    """Whatever the port."""
    assert (await browse({}).http.get("/who", headers={"Host": host})).status_code == 200


async def test_the_declared_address_is_the_only_one(browse: Open, issuer: Issuer) -> None:
    """With an address of its own, the console answers under no other."""
    assert (await browse(oidc(issuer), LOCAL).http.get("/who")).status_code == 421


async def test_what_a_proxy_brings_proves_nobody(browse: Open) -> None:
    """A proxy on this machine would make everybody `local`."""
    got = await browse({}).http.get("/who", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (got.status_code, "A proxy brought this" in got.text) == (403, True)


async def test_posts_come_from_our_own_pages(browse: Open) -> None:
    """No token, another's token, another site's page, or no word of where it came from: 403, and nothing is done."""
    here, other = browse({}), browse({})
    mine, theirs = await here.csrf(), await other.csrf()
    assert mine != theirs
    tries = [
        await here.send("/viewer"),
        await here.send("/viewer", ""),
        await here.send("/viewer", theirs),
        await here.send("/viewer", mine, origin="https://evil.example"),
        await here.send("/viewer", mine, origin="http://127.0.0.1:9999"),
        await here.send("/viewer", mine, origin="null"),
        await here.send("/viewer", mine, origin=None),
        await browse({}).send("/viewer", mine),
    ]
    assert [got.status_code for got in tries] == [403] * len(tries)
    assert (await here.send("/viewer", mine)).status_code == 200
    headers = {"Origin": LOCAL, "X-CSRF-Token": mine}
    assert (await here.http.post("/api/v1/viewer", json={}, headers=headers)).status_code == 200
    refused = await here.http.post("/api/v1/viewer", json={"csrf": mine}, headers={"Origin": LOCAL})
    assert (refused.status_code, sorted(refused.json())) == (403, ["error", "what_next"])


@pytest.mark.parametrize("role", ConsoleRole)
async def test_each_role_may_what_those_before_it_may(browse: Open, tmp_path: Path, role: ConsoleRole) -> None:
    """The matrix of roles and deeds, by API tokens; a refusal says who may."""
    _, text = ApiTokens(tmp_path).create("ci", role, 60)
    api = browse(TOKENS)
    got = {deed: await _bearer(api, text, f"/api/v1/{deed}") for deed in DEEDS}
    assert {deed: answer.status_code for deed, answer in got.items()} == {
        needed.name.lower(): 200 if role >= needed else 403 for needed in ConsoleRole
    }
    if role is ConsoleRole.OPERATOR:
        assert got["admin"].json() == {
            "error": "ci is operator here, and this needs admin.",
            "what_next": "Ask an administrator of the console for that role.",
        }


async def test_a_token_stands_for_its_name(browse: Open, tmp_path: Path) -> None:
    """Its number is the proof; without one, with a wrong one, or with a revoked one nobody is there."""
    tokens = ApiTokens(tmp_path)
    made, text = tokens.create("ci", ConsoleRole.VIEWER, 60)
    api = browse(TOKENS)
    got = await api.http.get("/who", headers={"Authorization": f"Bearer {text}"})
    assert got.text.partition(">")[2] == f"ci|api token {made.id}||VIEWER"
    wrong = [await _bearer(api, bad, "/api/v1/viewer") for bad in (text[:-1], text.upper(), "", "\N{SNOWMAN}".encode())]
    assert [(one.status_code, one.headers["www-authenticate"]) for one in wrong] == [(401, "Bearer")] * 4
    nobody = await api.http.post("/api/v1/viewer")
    assert (nobody.status_code, nobody.json()["error"]) == (401, "Nobody is logged in here.")
    tokens.revoke("ci")
    assert (await _bearer(api, text, "/api/v1/viewer")).status_code == 401
    tokens.path.write_text("{")
    assert (await _bearer(api, text, "/api/v1/viewer")).status_code == 503


async def test_a_token_does_not_count_where_none_is_declared(browse: Open, tmp_path: Path) -> None:
    """Not even on this machine: who sends one believes to be somebody."""
    _, text = ApiTokens(tmp_path).create("ci", ConsoleRole.ADMIN, 60)
    refused = await _bearer(browse({}), text, "/api/v1/viewer")
    assert (refused.status_code, refused.json()["error"]) == (401, "API tokens do not count here.")


async def test_a_wrong_token_does_not_become_the_login(browse: Open, issuer: Issuer) -> None:
    """`Authorization` asks for no CSRF token, so a cookie that comes along must not count."""
    ada = browse({**oidc(issuer), **TOKENS}, HOME)
    await ada.log_in()
    assert (await _bearer(ada, "evac_wrong", "/api/v1/viewer")).status_code == 401


def test_a_login_ends_when_idle_and_in_any_case(issuer: Issuer) -> None:
    """An hour without a page, or twelve hours with one every half hour."""
    now = [1_000_000.0]
    logins = Logins(ConsoleSettings.model_validate(oidc(issuer)), clock=lambda: now[0])
    groups = ("oidc-group:sre",)
    session: dict[str, object] = {"csrf": "of-before"}
    logins.begin(session, "ada", "u-1", groups)
    assert sorted(session) == ["login"]
    now[0] += 3599
    assert logins.visitor(session) is not None
    now[0] += 3600
    assert (logins.visitor(session), session) == (None, {})
    logins.begin(session, "ada", "u-1", groups)
    for _ in range(23):
        now[0] += 1800
        assert logins.visitor(session) is not None
    now[0] += 1800
    assert logins.visitor(session) is None


def test_the_key_of_the_cookies_is_ours_alone(tmp_path: Path) -> None:
    """Made once; no group and nobody else can read it."""
    home = tmp_path / "state"
    assert session_key(home) == session_key(home)
    assert (home / "console-session.key").stat().st_mode & 0o777 == 0o600


async def test_every_answer_tells_browsers_to_be_careful(browse: Open) -> None:
    """Nobody's frame, nobody else's script, no copy kept; refusals included, and what they show is text."""
    got = await browse({}).http.get("/login", params={"next": "<script>"})
    assert got.status_code == 403
    assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
    assert [got.headers[name] for name in ("x-content-type-options", "cache-control")] == ["nosniff", "no-store"]


async def _bearer(browser: Browser, text: str | bytes, path: str) -> httpx.Response:
    raw = text.encode() if isinstance(text, str) else text
    return await browser.http.post(path, headers={"Authorization": b"Bearer " + raw})
