"""Amazon SNS: signatures made with a key of our own, its certificate fetched from a server of our own."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.triggers.alerts.conftest import Served, Site, serving
from tests.triggers.alerts.loopback import Elsewhere, elsewhere
from tests.triggers.alerts.payloads import CLOUDWATCH, HEALTH, SNS, Payload
from triggers.alerts.sns import Envelope
from triggers.alerts.sns_signature import text_to_sign

TOPIC = SNS["TopicArn"]
CERTIFICATE = SNS["SigningCertURL"]
EXPIRED = "https://sns.us-east-1.amazonaws.com/old.pem"
SUBSCRIBE = f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0ken"


@cache
def signing_key() -> RSAPrivateKey:
    """One for all tests."""
    return generate_private_key(65537, 2048)


def certificate(until: datetime) -> bytes:
    """A certificate of the key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(signing_key().public_key())
    builder = builder.serial_number(1).not_valid_before(until - timedelta(days=30)).not_valid_after(until)
    return builder.sign(signing_key(), SHA256()).public_bytes(Encoding.PEM)


def signed(**changes: Any) -> Payload:
    """An envelope of now, signed as SNS signs."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    payload = {**SNS, "Timestamp": now, **changes}
    payload = {name: value for name, value in payload.items() if value is not None}
    digest = SHA1() if payload["SignatureVersion"] == "1" else SHA256()  # noqa: S303 - as SNS does
    envelope = Envelope.model_validate_json(json.dumps(payload))
    signature = signing_key().sign(text_to_sign(envelope), PKCS1v15(), digest)
    return {**payload, "Signature": base64.b64encode(signature).decode()}


def confirmation(**changes: Any) -> Payload:
    """What SNS asks a new subscriber."""
    kept = {
        "Type": "SubscriptionConfirmation",
        "Token": "t0ken",
        "SubscribeURL": SUBSCRIBE,
        "Message": "You have chosen",
    }
    return signed(**{**kept, "Subject": None, **changes})


@dataclass
class Scene:
    """A server, and SNS."""

    served: Served
    amazon: Elsewhere

    async def send(self, payload: Payload) -> httpx.Response:
        """As SNS does: its content type is text."""
        return await self.served.send("sns", json.dumps(payload), {"Content-Type": "text/plain; charset=UTF-8"})


@pytest_asyncio.fixture
async def scene(site: Site) -> AsyncIterator[Scene]:
    """One topic is declared."""
    endpoint = {"source": "sns", "name": "prod", "auth": {"sns": {"topics": [TOPIC]}}}
    async with AsyncExitStack() as stack:
        amazon = await stack.enter_async_context(elsewhere())
        amazon.pages[CERTIFICATE] = certificate(datetime.now(UTC) + timedelta(days=1))
        amazon.pages[EXPIRED] = certificate(datetime.now(UTC) - timedelta(days=1))
        served = await serving(stack, site, [endpoint], amazon.transport)
        yield Scene(served, amazon)


async def test_an_alarm_fires_and_is_resolved(scene: Scene) -> None:
    """The region is the ARN's, never the name for people; the certificate is fetched once."""
    ok = json.dumps({**CLOUDWATCH, "NewStateValue": "OK", "StateChangeTime": "2026-11-25T00:10:00.000+0000"})
    for payload in (first := signed(), first, signed(Message=ok, MessageId="2", Subject=None)):
        answer = await scene.send(payload)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    fired, again, resolved = await scene.served.alerts()
    assert (fired.status, fired.region, fired.key) == ("firing", "us-east-1", CLOUDWATCH["AlarmArn"])
    assert (fired.delivery, again.delivery, resolved.delivery) == (SNS["MessageId"], SNS["MessageId"], "2")
    assert fired.labels["LoadBalancer"] == "app/llm/1"
    assert (resolved.status, resolved.key) == ("resolved", fired.key)
    assert (await scene.served.signals())[0].proof == f"SNS signature v2 of {TOPIC}"
    assert scene.amazon.asked == [CERTIFICATE]


async def test_events_of_eventbridge_come_by_sns_too(scene: Scene) -> None:
    """AWS Health is told to people by SNS most often."""
    assert (await scene.send(signed(Message=json.dumps(HEALTH)))).status_code == 202
    (alert,) = await scene.served.alerts()
    assert (alert.source, alert.region, alert.labels["service"]) == ("sns", "us-east-1", "EC2")
    broken = await scene.send(signed(Message="hello"))
    assert broken.status_code == 422
    other = await scene.send(signed(Message="{}"))
    assert "neither a CloudWatch alarm nor an event" in other.json()["error"]
    assert 'UnsubscribeURL": "[secret]"' in scene.served.dead[0]["body"]


HOSTS = (
    "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
    "https://evil.example/SimpleNotificationService-1.pem",
    "http://sns.us-east-1.amazonaws.com/x.pem",
    "https://user@sns.us-east-1.amazonaws.com/x.pem",
    "https://sns.us-east-1.amazonaws.com:8443/x.pem",
    "https://sns.us-east-1.amazonaws.com/../x.pem",
    "https://sns.us-east-1.amazonaws.com/x.pem?y",
    "https://sns.us-east-1.amazonaws.com/x.txt",
    "https://169.254.169.254/x.pem",
)


@pytest.mark.parametrize("url", HOSTS)
async def test_certificates_come_from_sns_only(scene: Scene, url: str) -> None:
    """Whoever can post must not choose what we fetch."""
    answer = await scene.send(signed(SigningCertURL=url))
    assert (answer.status_code, scene.amazon.asked) == (401, [])


async def test_other_topics_and_other_times_are_refused_before_anything_is_fetched(scene: Scene) -> None:
    """So are signatures of version 1, unless the file asks for them, and what is no envelope at all."""
    old = datetime.fromtimestamp(time.time() - 7200, UTC).isoformat()
    unasked = [
        signed(TopicArn=f"{TOPIC}-of-mallory"),
        signed(Timestamp=old),
        signed(SignatureVersion="1"),
        {**signed(), "Timestamp": "yesterday"},
        {"Type": "Notification"},
        confirmation(TopicArn=f"{TOPIC}-of-mallory"),
    ]
    assert [(await scene.send(payload)).status_code for payload in unasked] == [401] * 6
    assert (scene.amazon.asked, scene.served.dead) == ([], [])


async def test_what_was_changed_on_the_way_is_refused(scene: Scene) -> None:
    """Every signed part counts, and the certificate must be valid now."""
    changes = [("Message", "{}"), ("MessageId", "3"), ("Subject", "x"), ("Signature", "AAAA"), ("Signature", "%")]
    forged: list[Payload] = [{**signed(), name: value} for name, value in changes]
    forged.append(signed(SigningCertURL=EXPIRED))
    assert [(await scene.send(payload)).status_code for payload in forged] == [401] * 6
    assert await scene.served.alerts() == []


async def test_without_its_certificate_sns_is_to_come_again(scene: Scene) -> None:
    """An answer that does not come proves nothing: 503, and nothing wrong is kept."""
    page = scene.amazon.pages.pop(CERTIFICATE)
    assert (await scene.send(signed())).status_code == 503
    scene.amazon.pages[CERTIFICATE] = b"no certificate"
    assert (await scene.send(signed())).status_code == 503
    scene.amazon.pages[CERTIFICATE] = page
    assert (await scene.send(signed())).status_code == 202


async def test_a_subscription_is_confirmed_for_declared_topics(scene: Scene) -> None:
    """By the address that SNS sent and signed, if it is SNS's own and for this topic."""
    scene.amazon.pages[SUBSCRIBE] = b"<ConfirmSubscriptionResponse/>"
    answer = await scene.send(confirmation())
    assert (answer.status_code, answer.json()["note"]) == (200, f"the subscription to {TOPIC} is confirmed")
    assert scene.amazon.asked == [CERTIFICATE, SUBSCRIBE]
    elsewhere_ = SUBSCRIBE.replace("sns.us-east-1.amazonaws.com", "169.254.169.254")
    for url in (elsewhere_, SUBSCRIBE.replace(TOPIC, "arn:other"), SUBSCRIBE.replace("Confirm", "Un")):
        assert (await scene.send(confirmation(SubscribeURL=url))).status_code == 401
    assert scene.amazon.asked == [CERTIFICATE, SUBSCRIBE]
    unsubscribed = await scene.send(confirmation(Type="UnsubscribeConfirmation"))
    assert unsubscribed.json()["note"] == f"{TOPIC} delivers here no more"


async def test_version_1_counts_where_the_file_asks_for_it(site: Site) -> None:
    """Older topics sign with SHA-1 until somebody changes that."""
    endpoint = {"source": "sns", "name": "prod", "auth": {"sns": {"topics": [TOPIC], "sha1": True}}}
    async with AsyncExitStack() as stack:
        amazon = await stack.enter_async_context(elsewhere())
        amazon.pages[CERTIFICATE] = certificate(datetime.now(UTC) + timedelta(days=1))
        served = await serving(stack, site, [endpoint], amazon.transport)
        sent = [signed(SignatureVersion="1"), {**signed(SignatureVersion="1"), "MessageId": "3"}]
        answers = [await served.send("sns", json.dumps(payload)) for payload in sent]
        assert [answer.status_code for answer in answers] == [202, 401]
