"""The signature of Amazon SNS, versions 1 and 2: no library checks it without being asked to trust too much.

Topic and time are looked at before anything is fetched; certificates come only from SNS itself, over https.
"""

import base64
import binascii
import logging
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from triggers.alerts.endpoints import Sns
from triggers.alerts.fetching import Fetcher
from triggers.alerts.proof import ForgedError, Proof
from triggers.alerts.received import Received, UnreadableError, moment, read_as
from triggers.alerts.sns import Envelope

log = logging.getLogger(__name__)

WINDOW = 3600.0
"""SNS tries for some twenty minutes to deliver a message, whose time stays that of its making."""
_HOST = r"https://sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/[A-Za-z0-9_-]+\.pem")
_SUBSCRIBE = re.compile(_HOST + r"/\?[A-Za-z0-9=&%:._-]+")
_SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SIGNED_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


async def signed(received: Received, fetcher: Fetcher, declared: Sns) -> Proof:
    """The envelope is signed by SNS, of now and of a declared topic; a subscription to that is confirmed.

    Raises ForgedError, UnreachableError.
    """
    try:
        envelope = read_as(Envelope, received.body)
        age = abs(received.at - moment(envelope.timestamp, 0.0))
    except UnreadableError as error:
        message = f"it is no message of SNS: {error}"
        raise ForgedError(message) from None
    why_not = _why_not(envelope, age, declared)
    if why_not is not None:
        raise ForgedError(why_not)
    certificate = await fetcher.kept(envelope.certificate, load_pem_x509_certificate)
    _check(envelope, certificate)
    sentence = f"SNS signature v{envelope.version} of {envelope.topic}"
    if envelope.type == "SubscriptionConfirmation":
        return Proof(sentence, await _confirmed(envelope, fetcher))
    if envelope.type == "UnsubscribeConfirmation":
        log.warning("The topic %s delivers no more to %s", envelope.topic, received.endpoint.path)
        return Proof(sentence, f"{envelope.topic} delivers here no more")
    return Proof(sentence)


def _why_not(envelope: Envelope, age: float, declared: Sns) -> str | None:
    """Why it is not worth a look at the signature."""
    if envelope.topic not in declared.topics:
        return f"the topic {envelope.topic} is none of the declared ones"
    if age > WINDOW:
        return f"it was made {age:.0f} s ago, or will be"
    if envelope.version == "1" and not declared.sha1:
        return "the signature is of version 1 (SHA-1): set SignatureVersion 2 on the topic, or `sha1: true` here"
    if not _CERTIFICATE.fullmatch(envelope.certificate):
        return "the certificate is not where SNS keeps its own"
    return None


def text_to_sign(envelope: Envelope) -> bytes:
    """What SNS signs: names and values on lines of their own, in this order."""
    given = envelope.model_dump(by_alias=True)
    names = _SIGNED if envelope.type == "Notification" else _SIGNED_CONFIRMATION
    return "".join(f"{name}\n{given[name]}\n" for name in names if given[name] is not None).encode()


def _check(envelope: Envelope, certificate: Certificate) -> None:
    """Raises ForgedError."""
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        message = "the certificate is not valid now"
        raise ForgedError(message)
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        message = "the certificate holds no RSA key"
        raise ForgedError(message)
    digest = SHA256() if envelope.version == "2" else SHA1()  # noqa: S303 - only where the file asks for it
    try:
        key.verify(base64.b64decode(envelope.signature, validate=True), text_to_sign(envelope), PKCS1v15(), digest)
    except (InvalidSignature, binascii.Error):
        message = "the signature does not fit"
        raise ForgedError(message) from None


async def _confirmed(envelope: Envelope, fetcher: Fetcher) -> str:
    """Confirm the subscription, at SNS itself and for this topic only. Raises ForgedError, UnreachableError."""
    asked = parse_qs(urlsplit(envelope.subscribe).query)
    right = asked.get("Action") == ["ConfirmSubscription"] and asked.get("TopicArn") == [envelope.topic]
    if not (_SUBSCRIBE.fullmatch(envelope.subscribe) and right):
        message = "the subscription would not be confirmed at SNS"
        raise ForgedError(message)
    await fetcher.get(envelope.subscribe)
    log.info("The subscription to %s is confirmed", envelope.topic)
    return f"the subscription to {envelope.topic} is confirmed"
