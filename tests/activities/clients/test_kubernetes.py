import base64
import datetime as dt
import hmac
import ipaddress
import ssl
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.nodegroups import ROLE
from tests.aws.world import World
from tests.kubernetes.server import ApiServer, Bend
from tests.kubernetes.world import reached, workload

LOOK, USES = "detect.kubernetes", "scale.kubernetes"


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that only itself vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
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
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    forms = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *forms))
    return tmp_path


@pytest.fixture
def secure(certified: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A cluster behind TLS."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certified / "ca.pem", certified / "key.pem")
    server = ApiServer(trust)
    monkeypatch.setenv("KUBE_TOKEN", server.token)
    workload(server, "chat", 2)
    try:
        yield server
    finally:
        server.close()


def kubeconfig(directory: Path, server: str, token: str) -> str:
    """A kubeconfig with two contexts: `dead`, which is its current one, and `live`."""
    text = f"""\
apiVersion: v1
kind: Config
current-context: dead
clusters:
- {{name: live, cluster: {{server: "{server}"}}}}
- {{name: dead, cluster: {{server: "http://127.0.0.1:9"}}}}
users:
- {{name: evac, user: {{token: {token}}}}}
contexts:
- {{name: live, context: {{cluster: live, user: evac}}}}
- {{name: dead, context: {{cluster: dead, user: evac}}}}
"""
    (directory / "config").write_text(text)
    return str(directory / "config")


async def test_a_kubeconfig_and_its_context(kube: ApiServer, tmp_path: Path) -> None:
    """As kubectl does; its current context is used only when none is said."""
    workload(kube, "chat", 2)
    there = {"kubeconfig": kubeconfig(tmp_path, kube.url, kube.token), "namespace": "llm", "name": "chat"}
    found = (await perform(LOOK, {**there, "context": "live"}, within=10.0)).reading
    assert (found.state, found.reason) == ("healthy", "2 of 2 replicas are ready.")  # type: ignore[union-attr]
    assert await refused(USES, {**there, "replicas": 2}, ErrorType.UNREACHABLE, within=10.0)


async def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    """It must be on the worker's machine, and have the context."""
    there = {"kubeconfig": str(tmp_path / "none"), "name": "chat", "replicas": 2}
    assert "on this worker's machine" in await refused(USES, there, ErrorType.BAD_SETTINGS)
    there["kubeconfig"] = kubeconfig(tmp_path, "http://127.0.0.1:9", "x")
    sentence = await refused(USES, {**there, "context": "other"}, ErrorType.BAD_SETTINGS)
    assert "other" in sentence


async def test_tls_with_its_own_authority(secure: ApiServer, certified: Path) -> None:
    """The runbook's `ca` is trusted, and without it nothing is sent."""
    given = {**reached(secure, "chat"), "replicas": 2}
    result = await perform(USES, {**given, "ca": f"file://{certified / 'ca.pem'}"}, within=10.0)
    assert result.reason == "2 replicas are ready already, and 2 are needed."
    sentence = await refused(USES, given, ErrorType.BAD_SETTINGS, within=10.0)
    assert sentence.endswith("check the runbook's `ca`.")


async def test_eks_gives_endpoint_authority_and_token(aws: World, secure: ApiServer, certified: Path) -> None:
    """The token is a question to STS that names the cluster: the cluster asks it, and STS answers."""
    for name in ("llm", "other"):
        aws.client("eks").create_cluster(name=name, roleArn=ROLE, resourcesVpcConfig={})
    pem = base64.b64encode((certified / "ca.pem").read_bytes()).decode()
    aws.tell("eks", endpoints={"llm": secure.url, "other": secure.url}, authorities={"llm": pem, "other": pem})
    secure.who = lambda token: _asked_of_sts(token, "llm")
    there = {"namespace": "llm", "name": "chat", "replicas": 3}
    result = await perform(USES, {**there, "eks": aws.settings(cluster="llm")}, within=10.0)
    assert result.after["ready"] == 3
    assert await refused(USES, {**there, "eks": aws.settings(cluster="other")}, ErrorType.DENIED, within=10.0)
    # With its endpoint in the runbook, nothing is asked of the control plane of EKS.
    aws.bend("eks:*", "deny")
    known = {"server": secure.url, "ca": f"file://{certified / 'ca.pem'}", "eks": aws.settings(cluster="llm")}
    assert (await perform(USES, {**there, **known}, within=10.0)).changed is False


def _asked_of_sts(token: str, cluster: str) -> bool:
    """What the authenticator of EKS does."""
    kind, _, encoded = token.partition(".")
    url = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    query = parse_qs(urlsplit(url).query)
    if kind != "k8s-aws-v1" or query["Action"] != ["GetCallerIdentity"] or query["X-Amz-Expires"] != ["60"]:
        return False
    if query["X-Amz-SignedHeaders"] != ["host;x-k8s-aws-id"]:
        return False
    return _same_signature(url, query, cluster) and httpx.get(url, headers={"x-k8s-aws-id": cluster}).status_code == 200


def _same_signature(url: str, query: dict[str, list[str]], cluster: str) -> bool:
    """STS finds the same signature only when it was made for that cluster (moto does not look)."""
    parts = urlsplit(url)
    asked = "&".join(sorted(part for part in parts.query.split("&") if not part.startswith("X-Amz-Signature=")))
    headers = f"host:{parts.netloc}\nx-k8s-aws-id:{cluster}\n"
    signed = query["X-Amz-SignedHeaders"][0]
    request = "\n".join(("GET", parts.path or "/", asked, headers, signed, sha256(b"").hexdigest()))
    scope = query["X-Amz-Credential"][0].split("/")[1:]
    text = "\n".join(
        ("AWS4-HMAC-SHA256", query["X-Amz-Date"][0], "/".join(scope), sha256(request.encode()).hexdigest())
    )
    key = b"AWS4made-up"
    for part in scope:
        key = hmac.new(key, part.encode(), sha256).digest()
    return hmac.new(key, text.encode(), sha256).hexdigest() == query["X-Amz-Signature"][0]


async def test_a_wrong_token_is_no_secret_told(kube: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that it is not accepted, and not what it is."""
    workload(kube, "chat", 2)
    monkeypatch.setenv("KUBE_TOKEN", "another-token")
    sentence = await refused(USES, {**reached(kube, "chat"), "replicas": 2}, ErrorType.DENIED, within=10.0)
    assert "another-token" not in sentence
    assert sentence.endswith("they are wrong or have expired. Renew them, then say retry.")


async def test_a_missing_right_is_named(kube: ApiServer) -> None:
    """As the API server names it."""
    workload(kube, "chat", 2)
    kube.bends.append(Bend("PATCH deployments/scale", "deny", None))
    sentence = await refused(USES, {**reached(kube, "chat"), "replicas": 3}, ErrorType.DENIED, within=10.0)
    assert 'User "evac" cannot patch resource "deployments/scale" in API group "apps"' in sentence


@pytest.mark.parametrize("mode", ["refuse", "fail"])
async def test_a_cluster_that_is_away(kube: ApiServer, mode: str) -> None:
    """It is unreachable, and unhealthy to a look."""
    workload(kube, "chat", 2)
    kube.bends.append(Bend("*", mode, None))
    assert await refused(USES, {**reached(kube, "chat"), "replicas": 3}, ErrorType.UNREACHABLE, within=10.0)
    found = (await perform(LOOK, reached(kube, "chat"), within=10.0)).reading
    assert found is not None
    assert found.state == "unhealthy"
