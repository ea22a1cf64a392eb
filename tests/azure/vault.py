"""Azure Key Vault behind a proxy on loopback: the real library asks for its real host, by TLS, and is challenged.

Every `CONNECT` ends here, so nothing leaves the machine; the certificate is of a CA of the test's own, which the
library finds by the environment, as behind a company's proxy.
https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret
"""

import datetime as dt
import json
import socketserver
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.azure.world import AzureWorld

_DOMAIN = "vault.azure.net"
_VERSIONS = {"2026-04-01"}
_ACTION = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


class Vault(socketserver.ThreadingTCPServer):
    """One vault. Its secrets: by name, the values of its versions, oldest first."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, world: AzureWorld, name: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.world, self.host = world, f"{name}.{_DOMAIN}"
        self.secrets: dict[str, list[tuple[str, str]]] = {}
        self.disabled: set[str] = set()
        self.refusal = ""
        """`rbac`, `firewall` or `hang`."""
        self.asked: list[str] = []
        """The path of each request that had a token."""
        self.released = threading.Event()
        self.trust = folder / "ca.pem"
        self.context = _certified(self.host, folder)

    @property
    def proxy(self) -> str:
        """For HTTPS_PROXY."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def keep(self, name: str, *values: str) -> list[str]:
        """A secret with these versions: their ids."""
        made = [(uuid.uuid4().hex, value) for value in values]
        self.secrets[name] = made
        return [version for version, _ in made]


class _Tunnel(socketserver.StreamRequestHandler):
    """What a proxy does with CONNECT, to one host only."""

    def handle(self) -> None:
        asked = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        vault: Any = self.server
        if asked[:2] != ["CONNECT", f"{vault.host}:443"]:
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        with vault.context.wrap_socket(self.connection, server_side=True) as line:
            _Asked(line, self.client_address, vault)


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        vault: Any = self.server
        if vault.refusal == "hang":
            vault.released.wait(20)
            return
        parts = urlsplit(self.path)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        with vault.world.arm.lock:
            known = scheme == "Bearer" and vault.world.knows(token)
        if not known:
            login = "https://login.microsoftonline.com/11111111-0000-0000-0000-000000000000"
            challenge = f'Bearer authorization="{login}", resource="https://{_DOMAIN}"'
            self._answer(401, _error("Unauthorized", "AKV10000: no token"), {"WWW-Authenticate": challenge})
            return
        vault.asked.append(parts.path)
        self._answer(*_found(vault, parts.path, parse_qs(parts.query).get("api-version", [""])[0]))

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for key, value in {**(headers or {}), "Content-Type": "application/json", "Content-Length": len(raw)}.items():
            self.send_header(key, str(value))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """It says nothing."""


def _found(vault: Vault, path: str, version: str) -> tuple[int, dict[str, Any]]:
    if version not in _VERSIONS:
        return 400, _error("BadParameter", f"The api-version '{version}' is not known here.")
    if vault.refusal == "rbac":
        said = f"Caller is not authorized to perform action on resource.\r\nAction: '{_ACTION}'"
        return 403, _error("Forbidden", said, "ForbiddenByRbac")
    if vault.refusal == "firewall":
        return 403, _error("Forbidden", "Client address is not authorized.", "ForbiddenByFirewall")
    _, kind, name, wanted, *_ = [*path.split("/"), ""]
    versions = vault.secrets.get(name, []) if kind == "secrets" else []
    chosen = [one for one in versions if wanted in {one[0], ""}][-1:]
    if not chosen:
        return 404, _error("SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault.")
    if name in vault.disabled:
        return 403, _error("Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
    ((number, value),) = chosen
    return 200, {"value": value, "id": f"https://{vault.host}/secrets/{name}/{number}", "attributes": {"enabled": True}}


def _error(code: str, message: str, inner: str = "") -> dict[str, Any]:
    more = {"innererror": {"code": inner}} if inner else {}
    return {"error": {"code": code, "message": message, **more}}


def _certified(host: str, folder: Path) -> ssl.SSLContext:
    """What the vault shows; the CA's own certificate is in `ca.pem`."""
    own, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test CA", own.public_key(), "Test CA", own, ca=True)
    shown = _certificate(host, leaf.public_key(), "Test CA", own, ca=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    key = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "vault.pem").write_bytes(key + shown.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "vault.pem")
    return context


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (issuer, name)]
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    signs = {"digital_signature": True, "key_cert_sign": ca, "crl_sign": ca}
    return (
        x509.CertificateBuilder(*names, key, x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**signs, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False)
        .sign(signer, hashes.SHA256())
    )


@contextmanager
def vault_of(world: AzureWorld, name: str, folder: Path) -> Iterator[Vault]:
    """A vault while the block runs."""
    with Vault(world, name, folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
