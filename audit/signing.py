"""Keys that sign records, and DSSE envelopes, by securesystemslib. Its packages are an extra: imported when needed.

Ed25519 keys are in files; a key of a cloud (ECDSA on P-256) never leaves it, and is asked to sign.

KeyFault    a key cannot be used; the message says why and what to do
"""

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from audit.seal import PAYLOAD_TYPE, envelope_text
from runbooks.values import Model

EXTRA = "signatures need the packages of evac[audit]: pip install 'evac[audit]'"


class KeyFault(ValueError):  # noqa: N818 - what is wrong with a key, as in runbooks/faults.py
    """A key cannot be used."""


class SigningKey:
    """A private key that signs records."""

    def __init__(self, signer: Any, public: str) -> None:  # noqa: ANN401 - a securesystemslib CryptoSigner
        self._signer = signer
        self._public = public

    @property
    def public(self) -> str:
        """The public key as PEM."""
        return self._public

    def envelope(self, payload: bytes) -> str:
        """The signed payload as JSON."""
        from securesystemslib.dsse import Envelope  # noqa: PLC0415 - an extra

        made = Envelope(payload, PAYLOAD_TYPE, {})
        made.sign(self._signer)
        return envelope_text(made.to_dict())


class RemoteKey:
    """A private key that somebody else keeps and signs with: a signature in DER of ECDSA on P-256 with SHA-256."""

    def __init__(self, public: str, sign: Callable[[bytes], bytes]) -> None:
        self._public = public
        self._sign = sign

    @property
    def public(self) -> str:
        """The public key as PEM."""
        return self._public

    def envelope(self, payload: bytes) -> str:
        """The signed payload as JSON. Raises KeyFault when it cannot be signed now."""
        key = _public(self._public)
        from securesystemslib.dsse import Envelope  # noqa: PLC0415 - an extra
        from securesystemslib.signer import Signature  # type: ignore[attr-defined]  # noqa: PLC0415 - as above

        made = Envelope(payload, PAYLOAD_TYPE, {})
        signature = _lower(self._sign(made.pae()))
        made.signatures[key.keyid] = Signature(key.keyid, signature.hex())
        return envelope_text(made.to_dict())


def pem_of(der: bytes) -> str:
    """A public key in DER as PEM. Raises KeyFault."""
    try:
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
            Encoding,
            PublicFormat,
            load_der_public_key,
        )
    except ModuleNotFoundError:
        raise KeyFault(EXTRA) from None
    found = load_der_public_key(der)
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: `s` and `order - s` are both good, so anyone can write one signature as another one."""


def _lower(signature: bytes) -> bytes:
    """The one of the two that has the lower `s`: the only one that is taken here."""
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415 - an extra
        decode_dss_signature,
        encode_dss_signature,
    )

    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _ORDER - s))


def signing_key(pem: str) -> SigningKey:
    """The private key in the PEM text. Raises KeyFault; the text is never repeated."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
            Encoding,
            PublicFormat,
            load_pem_private_key,
        )
        from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        raise KeyFault(EXTRA) from None
    try:
        private = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        message = "the signing key is not an unencrypted Ed25519 private key in PEM: `evac audit keygen` makes one"
        raise KeyFault(message)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(CryptoSigner(private), public.decode())


def generate() -> tuple[str, str]:
    """A new key pair: the private and the public key as PEM. Raises KeyFault."""
    try:
        from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise KeyFault(EXTRA) from None
    private = CryptoSigner.generate_ed25519().private_bytes.decode()
    return private, signing_key(private).public


def key_id(public: str) -> str:
    """The public key's id, as it stands in envelopes. Raises KeyFault."""
    return str(_public(public).keyid)


class _Signature(Model):
    keyid: str
    sig: str


class _Envelope(Model):
    payload: str
    payloadType: str  # noqa: N815 - DSSE calls it so
    signatures: tuple[_Signature, ...]


def unsigned_because(text: str, payload: bytes, public: str) -> str | None:
    """Why the envelope is not a good signature of the payload by that key; None when it is. Raises KeyFault.

    Any other text of the same envelope is a change, too: base64 and JSON have several.
    """
    key = _public(public)
    from securesystemslib.dsse import Envelope  # noqa: PLC0415 - an extra
    from securesystemslib.exceptions import VerificationError  # noqa: PLC0415 - as above

    try:
        document = json.loads(text)
        _Envelope.model_validate(document)
        envelope = Envelope.from_dict(json.loads(text))
        again = envelope_text(envelope.to_dict())
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError):
        return "it cannot be read as a DSSE envelope"
    if again != text or envelope.payload_type != PAYLOAD_TYPE:
        return "it was changed"
    if envelope.payload != payload:
        return "it signs other files than those of this record"
    if set(envelope.signatures) != {key.keyid}:
        return f"it was signed with another key ({', '.join(envelope.signatures) or 'none'})"
    try:
        envelope.verify([key], 1)
    except VerificationError:
        return "the signature is not that of its key"
    signature = bytes.fromhex(envelope.signatures[key.keyid].signature)
    if key.keytype == "ecdsa" and _lower(signature) != signature:
        return "it was changed: its signature is written in another way than Evac writes it"
    return None


def _public(pem: str) -> Any:  # noqa: ANN401 - a securesystemslib key
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ec import (  # noqa: PLC0415 - as above
            SECP256R1,
            EllipticCurvePublicKey,
        )
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - as above
        from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        raise KeyFault(EXTRA) from None
    try:
        found = load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    curved = isinstance(found, EllipticCurvePublicKey) and isinstance(found.curve, SECP256R1)
    if found is None or not (curved or isinstance(found, Ed25519PublicKey)):
        message = "it is not an Ed25519 public key in PEM, nor one of ECDSA on P-256"
        raise KeyFault(message)
    return SSlibKey.from_crypto(found)
