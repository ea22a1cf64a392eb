"""Signing a digest by KMS: moto takes it for a message, and hashes it once more."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.kms.exceptions import NotFoundException

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_DIGEST, _MOST = 32, 4096


class FakeSigning(Fake):
    """With moto's own keys, a digest as such: moto hashes it once more."""

    service = "kms"

    def sign(
        self,
        region: str,
        KeyId: str,  # noqa: N803 - boto3's own spelling
        Message: bytes,  # noqa: N803
        SigningAlgorithm: str,  # noqa: N803
        MessageType: str = "RAW",  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """ECDSA on P-256 only."""
        try:
            key = backend("kms", region).describe_key(KeyId)
        except NotFoundException as error:
            code = "NotFoundException"
            raise Refusal(code, error.message) from None
        if not key.enabled:
            code = "DisabledException"
            raise Refusal(code, f"{key.arn} is disabled.")
        private = getattr(key.private_key, "private_key", None)
        if SigningAlgorithm != "ECDSA_SHA_256" or not isinstance(private, EllipticCurvePrivateKey):
            code, message = "InvalidKeyUsageException", f"{SigningAlgorithm} is not supported by the key"
            raise Refusal(code, message)
        if len(Message) != _DIGEST if MessageType == "DIGEST" else len(Message) > _MOST:
            code, message = "ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256."
            raise Refusal(code, message)
        how = ECDSA(Prehashed(SHA256()) if MessageType == "DIGEST" else SHA256())
        return {"KeyId": key.arn, "Signature": private.sign(Message, how), "SigningAlgorithm": SigningAlgorithm}
