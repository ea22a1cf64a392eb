"""Logging in at an issuer: the real Authlib against a strict issuer that is bent on purpose."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from tests.triggers.console.conftest import HOME, Open, oidc
from tests.triggers.console.issuer import SECRET, STRANGER, Issuer
from triggers.console.login import local


async def test_a_person_logs_in_and_out(browse: Open, issuer: Issuer) -> None:
    """The name, the proof, the groups that count, and the role; afterwards nobody."""
    ada = browse(oidc(issuer), HOME)
    assert await ada.who() == "/login?next=/who"
    back = await ada.log_in("/who?page=2")
    assert (back.status_code, back.headers["location"]) == (303, "/who?page=2")
    assert await ada.who() == f"ada|OIDC subject u-1 of {issuer.url}|oidc-group:sre|APPROVER"
    assert issuer.complaints == []
    kept = ada.http.cookies["__Host-evac"]
    asked = await ada.http.get("/logout")
    assert 'action="/logout"' in asked.text
    out = await ada.send("/logout", asked.text.partition('value="')[2].partition('"')[0])
    assert (out.status_code, "You are logged out" in out.text) == (200, True)
    assert await ada.who() == "/login?next=/who"
    thief = browse(oidc(issuer), HOME)
    thief.http.cookies.set("__Host-evac", kept, domain="evac.example.com")
    assert await thief.who() == "/login?next=/who"


BENT: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "of-another-login"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600},
    "no end": {"exp": None},
    "another's token": {"aud": "another-client"},
    "another's token, passed on": {"aud": "another-client", "azp": "evac-console"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://elsewhere.example"},
    "no subject": {"sub": None},
    "a name that is a group's": {"preferred_username": "oidc-group:sre"},
    "a name with a line break": {"preferred_username": "ada\nbob"},
    "no role": {"groups": ["chess"]},
    "groups of no known form": {"groups": {"sre": True}},
    "a subject called as the group": {"sub": "oidc-group:sre", "groups": []},
}


@pytest.mark.parametrize("how", BENT)
async def test_what_the_issuer_says_wrong_lets_nobody_in(browse: Open, issuer: Issuer, how: str) -> None:
    """One thing is not as it must be: 403, and nobody is logged in."""
    ada = browse(oidc(issuer), HOME)
    issuer.bent = BENT[how]
    assert (await ada.log_in()).status_code == 403
    assert await ada.who() == "/login?next=/who"
    issuer.bent = {}
    assert (await ada.log_in()).status_code == 303


@pytest.mark.parametrize("how", ["a stranger's key", "the client's secret as a key"])
async def test_what_the_issuer_did_not_sign_lets_nobody_in(browse: Open, issuer: Issuer, how: str) -> None:
    """Another key of the same number; the secret that both know (HS256), although the issuer lists that."""
    ada = browse(oidc(issuer), HOME)
    if how == "a stranger's key":
        issuer.key = STRANGER
    else:
        issuer.key, issuer.algorithm = OctKey.import_key(SECRET), "HS256"  # type: ignore[assignment]
    assert (await ada.log_in()).status_code == 403
    assert await ada.who() == "/login?next=/who"


async def test_a_login_counts_once_and_only_where_it_began(browse: Open, issuer: Issuer) -> None:
    """Another state, another browser, the same code again, a code without its verifier: refused."""
    ada, eve = browse(oidc(issuer), HOME), browse(oidc(issuer), HOME)
    back = await ada.to_issuer()
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert (await ada.http.get("/callback", params={"code": code, "state": "another"})).status_code == 403
    assert (await ada.http.get("/callback", params={"code": code})).status_code == 403
    assert (await eve.http.get(back)).status_code == 403
    assert (await ada.http.get(back)).status_code == 303
    assert (await ada.http.get(back)).status_code == 403
    stolen = parse_qs(urlsplit(await ada.to_issuer()).query)["code"][0]
    state = parse_qs(urlsplit(await eve.to_issuer()).query)["state"][0]
    assert (await eve.http.get("/callback", params={"code": stolen, "state": state})).status_code == 403
    assert issuer.complaints == ["verifier"]
    said = await ada.http.get("/callback", params={"error": "access_denied", "error_description": "<b>no</b>"})
    assert (said.status_code, "<b>no" in said.text) == (403, False)


async def test_nothing_of_before_the_login_goes_on(browse: Open, issuer: Issuer) -> None:
    """A cookie that somebody put into the browser beforehand is not the one that is logged in (session fixation)."""
    eve, ada = browse(oidc(issuer), HOME), browse(oidc(issuer), HOME)
    await eve.to_issuer()
    planted = eve.http.cookies["__Host-evac"]
    ada.http.cookies.set("__Host-evac", planted, domain="evac.example.com", path="/")
    await ada.log_in()
    first = await ada.csrf()
    assert await eve.who() == "/login?next=/who"
    await ada.log_in()
    assert await ada.csrf() != first
    assert (await ada.send("/viewer", first)).status_code == 403


async def test_the_cookie_is_for_our_pages_only(browse: Open, issuer: Issuer) -> None:
    """Signed, and out of reach of scripts, of other sites' posts, and of plain HTTP."""
    ada = browse(oidc(issuer), HOME)
    cookie = (await ada.log_in()).headers["set-cookie"]
    name, *flags = cookie.split("; ")
    assert name.startswith("__Host-evac=")
    assert {flag.lower() for flag in flags} == {"path=/", "max-age=43200", "httponly", "samesite=lax", "secure"}
    ada.http.cookies.clear()
    ada.http.cookies.set("__Host-evac", name.partition("=")[2][:-2] + "xx", domain="evac.example.com")
    assert await ada.who() == "/login?next=/who"


async def test_the_file_says_the_role_each_time(browse: Open, issuer: Issuer) -> None:
    """Who is taken out of the server's file is out when it starts again; the highest role counts."""
    ada = browse(oidc(issuer, viewer=["oidc-group:sre"], admin=["u-1"]), HOME)
    await ada.log_in()
    assert (await ada.who()).endswith("|ADMIN")
    later = browse(oidc(issuer, admin=["u-2"]), HOME)
    later.http.cookies = ada.http.cookies
    assert await later.who() == "/login?next=/who"


async def test_an_issuer_that_is_away_is_said(browse: Open, issuer: Issuer) -> None:
    """A 503 with what to do meanwhile; one that calls itself something else is not asked, either."""
    ada = browse(oidc(issuer), HOME)
    issuer.published = {"issuer": "https://elsewhere.example"}
    mixed = await ada.http.get("/login")
    gone = await browse(
        {**oidc(issuer), "oidc": {**oidc(issuer)["oidc"], "issuer": "http://127.0.0.1:9"}}, HOME
    ).http.get("/login")
    assert [one.status_code for one in (mixed, gone)] == [503, 503]
    assert "the command line (`evac`) needs no login" in gone.text


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/runs/a?b=c", "/runs/a?b=c"),
        *((bad, "/") for bad in ("https://evil.example", "//evil.example", "/\\evil.example", "runs", "", "/a\r\nb")),
    ],
)
def test_a_login_leads_to_our_own_pages_only(target: str, expected: str) -> None:
    """No address of somebody else can be handed in."""
    assert local(target) == expected
