"""A small strict OpenID issuer on loopback: discovery, keys, authorize, token. What it says can be bent."""

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from triggers.serve.listen import _Server

CLIENT, SECRET = "evac-console", "the-secret-of-the-client"
KEY = RSAKey.generate_key(2048, parameters={"kid": "1"})
STRANGER = RSAKey.generate_key(2048, parameters={"kid": "1"})


@dataclass
class Issuer:
    """`person`: the claims of who logs in there; `bent`: claims of the next tokens; `key`: what signs them."""

    url: str = ""
    callback: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    bent: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        """Its routes."""
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.discovery)
        app.get("/keys")(self.keys)
        app.get("/authorize", response_model=None)(self.authorize)
        app.post("/token")(self.token)
        return app

    async def discovery(self) -> dict[str, Any]:
        """What it publishes."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.published,
        }

    async def keys(self) -> dict[str, Any]:
        """Its public key."""
        return {"keys": [KEY.as_dict(private=False)]}

    async def authorize(self, request: Request) -> Response:
        """Somebody is logged in at once; a request that is not as it must be is refused."""
        asked = dict(request.query_params)
        wrong = [
            *(name for name in ("state", "nonce", "code_challenge") if not asked.get(name)),
            *(["client_id"] if asked.get("client_id") != CLIENT else []),
            *(["redirect_uri"] if asked.get("redirect_uri") != self.callback else []),
            *(["scope"] if "openid" not in asked.get("scope", "").split() else []),
            *(["code_challenge_method"] if asked.get("code_challenge_method") != "S256" else []),
        ]
        if wrong:
            self.complaints += wrong
            return JSONResponse({"error": "invalid_request", "wrong": wrong}, status_code=400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(f"{self.callback}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        """One token for one code, for the client that knows the secret and the verifier."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        wrong = [
            *(["code"] if asked is None else []),
            *(["client"] if request.headers.get("authorization") != f"Basic {basic}" else []),
            *(["verifier"] if asked is not None and asked["code_challenge"] != challenge else []),
            *(["redirect_uri"] if form.get("redirect_uri") != self.callback else []),
        ]
        if wrong or asked is None:
            self.complaints += wrong
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"], **self.person}
        held = {name: value for name, value in {**claims, **self.bent}.items() if value is not None}
        key: Any = self.key
        text = jwt.encode({"alg": self.algorithm, "kid": "1"}, held, key)
        return JSONResponse({"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": text})


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """It listens."""
    issuer, started = Issuer(), asyncio.Event()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        issuer.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = _Server(uvicorn.Config(issuer.app(), log_config=None, lifespan="off"), started.set, asyncio.Event())
        task = asyncio.create_task(server.serve(sockets=[bound]))
        await started.wait()
        yield issuer
        server.should_exit = True
        await task
