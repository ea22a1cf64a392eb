"""Signed tokens: Azure's secure webhooks and Google's Pub/Sub, by an issuer of our own."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.triggers.alerts.conftest import Served, Site, serving
from tests.triggers.alerts.loopback import Elsewhere, elsewhere
from tests.triggers.alerts.payloads import SAMPLES

ISSUER, AUDIENCE, JWKS = "https://sts.example/tenant/", "api://evac", "https://sts.example/keys"
AZURE = next(sample for sample in SAMPLES if sample.source == "azure-monitor")
KEY = RSAKey.generate_key(2048, parameters={"kid": "1"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "2"})


def token(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    """A token of the issuer, with other claims."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "appid": "evac-sender", "exp": int(time.time()) + 600, **changes}
    held = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid}, held, key)


def keys(*published: RSAKey) -> bytes:
    """What the issuer publishes."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in published]}).encode()


@dataclass
class Scene:
    """A server, and the issuer."""

    served: Served
    issuer: Elsewhere

    async def status(self, text: str) -> int:
        """The answer to somebody with that token."""
        headers = {"Authorization": f"Bearer {text}"}
        return (await self.served.send("azure-monitor", json.dumps(AZURE.firing), headers)).status_code


@pytest_asyncio.fixture
async def scene(site: Site) -> AsyncIterator[Scene]:
    """One issuer is declared."""
    declared = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": JWKS, "claims": {"appid": "evac-sender"}}
    endpoint = {"source": "azure-monitor", "name": "prod", "auth": {"jwt": declared}}
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(elsewhere())
        issuer.pages[JWKS] = keys(KEY)
        yield Scene(await serving(stack, site, [endpoint], issuer.transport), issuer)


async def test_a_token_of_the_declared_sender_counts(scene: Scene) -> None:
    """The issuer's keys are fetched once."""
    assert [await scene.status(token()), await scene.status(token(aud=[AUDIENCE, "other"]))] == [202, 202]
    assert scene.issuer.asked == [JWKS]
    assert (await scene.served.signals())[0].proof == (f"token of {ISSUER} (appid evac-sender) of azure-monitor/prod")


async def test_every_other_token_is_refused(scene: Scene) -> None:
    """Another's, for another, of another time, by another key, of another kind, or none."""
    now = int(time.time())
    secret = OctKey.import_key("x" * 32, {"kid": "1"})
    refused = {
        "another sender": token(appid="mallory"),
        "no sender": token(appid=None),
        "another issuer": token(iss="https://sts.example/other/"),
        "another audience": token(aud="api://other"),
        "no audience": token(aud=None),
        "expired": token(exp=now - 3600),
        "endless": token(exp=None),
        "of tomorrow": token(nbf=now + 3600),
        "an unknown key": token(OTHER),
        "another kind of key": token(secret, "HS256"),
        "unsigned": token().rpartition(".")[0] + ".",
        "an address that is not verified": token(email_verified=False),
        "nothing": "x",
        "long": "x" * 10_000,
    }
    assert dict.fromkeys(refused, 401) == {name: await scene.status(text) for name, text in refused.items()}
    assert await scene.served.alerts() == []


async def test_an_issuer_that_does_not_answer_proves_nothing(scene: Scene) -> None:
    """503, and the sender comes again; nothing wrong is kept."""
    scene.issuer.pages[JWKS] = b"not found"
    assert await scene.status(token()) == 503
    scene.issuer.pages[JWKS] = keys(KEY, OTHER)
    assert [await scene.status(token()), await scene.status(token(OTHER))] == [202, 202]
