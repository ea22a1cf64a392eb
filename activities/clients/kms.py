"""A key of AWS KMS that signs records. It never leaves KMS; its public half goes into each record. It blocks.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

import hashlib
from typing import Any

from activities.clients import aws_errors
from activities.clients.aws_session import session
from audit.signing import EXTRA, KeyFault, RemoteKey, pem_of
from runbooks.references import KmsKey

_CONNECT, _READ, _TRIES = 2.0, 5.0, 3
_SPEC, _ALGORITHM = "ECC_NIST_P256", "ECDSA_SHA_256"


def kms_signing_key(key: KmsKey) -> RemoteKey:
    """The key, with its public half. Raises KeyFault, also later on, when it is asked to sign."""
    client = _client(key)
    found = _asked("kms:GetPublicKey", lambda: client.get_public_key(KeyId=key.name))
    spec = found.get("KeySpec") or found.get("CustomerMasterKeySpec")  # its name of before 2021
    if found["KeyUsage"] != "SIGN_VERIFY" or spec != _SPEC:
        message = f"it is of the kind {spec} for {found['KeyUsage']}: one of {_SPEC} for SIGN_VERIFY is needed"
        raise KeyFault(message)

    def sign(payload: bytes) -> bytes:
        asked = {"Message": hashlib.sha256(payload).digest(), "MessageType": "DIGEST", "SigningAlgorithm": _ALGORITHM}
        answer = _asked("kms:Sign", lambda: client.sign(KeyId=found["KeyId"], **asked))
        return bytes(answer["Signature"])

    return RemoteKey(pem_of(found["PublicKey"]), sign)


def _client(key: KmsKey) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    try:
        from botocore.config import Config  # noqa: PLC0415 - an extra: only where AWS is asked
    except ModuleNotFoundError:
        message = f"{EXTRA}; a key of KMS needs evac[aws] besides"
        raise KeyFault(message) from None
    retries = {"mode": "standard", "total_max_attempts": _TRIES}
    config = Config(connect_timeout=_CONNECT, read_timeout=_READ, retries=retries, user_agent_extra="evac")
    return _asked("kms:GetPublicKey", lambda: session(region_name=key.region).client("kms", config=config))


def _asked(permission: str, ask: Any) -> Any:  # noqa: ANN401 - as above
    try:
        return ask()
    except Exception as error:
        found = aws_errors.of_exception(error, permission, {})
        if found is None:
            raise
        raise KeyFault(found.sentence.rstrip(".")) from None
