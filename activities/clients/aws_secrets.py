"""Secrets that AWS keeps: Secrets Manager, and parameters of Systems Manager. It blocks: call it in a thread.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
"""

from typing import Any

from activities.clients import aws_errors
from activities.clients.aws_session import session
from activities.clients.kept_secrets import had
from activities.errors import StepError
from runbooks.references import OnAws
from runbooks.steps import ErrorType

_CONNECT, _READ, _TRIES = 2.0, 3.0, 2
"""A secret is asked for before anything is done: who waits for it waits seconds, not minutes."""
_MEANINGS = {"ParameterVersionNotFound": ErrorType.NOT_FOUND, "InvalidRequestException": ErrorType.WRONG_STATE}
_DECRYPTION = frozenset({"DecryptionFailure", "KMS.DisabledException", "InvalidKeyId"})


def fetch(secret: OnAws) -> str:
    """The secret's text. Raises NoSecretError, which names the reference, and never a value."""
    return had(secret, lambda: _asked(secret))


def _asked(secret: OnAws) -> str:
    try:
        from botocore.config import Config  # noqa: PLC0415 - an extra: only where AWS is asked
    except ModuleNotFoundError:
        raise StepError(
            ErrorType.BAD_SETTINGS, "It needs the packages of evac[aws]: pip install 'evac[aws]'."
        ) from None
    retries = {"mode": "standard", "total_max_attempts": _TRIES}
    config = Config(connect_timeout=_CONNECT, read_timeout=_READ, retries=retries, user_agent_extra="evac")
    try:
        own = session(region_name=secret.region)
        if secret.scheme == "aws-ssm":
            return _parameter(own.client("ssm", config=config), secret)
        return _secret(own.client("secretsmanager", config=config), secret)
    except StepError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever botocore raises: answers, the way, credentials
        raise _meaning(error, secret.permission) from None  # the cause may quote what was sent


def _parameter(client: Any, secret: OnAws) -> str:  # noqa: ANN401 - boto3 makes its classes at run time
    name = secret.name if secret.version is None else f"{secret.name}:{secret.version}"
    return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def _secret(client: Any, secret: OnAws) -> str:  # noqa: ANN401 - as above
    asked = {"SecretId": secret.name}
    if secret.version is not None:
        asked["VersionId" if _is_id(secret.version) else "VersionStage"] = secret.version
    answer = client.get_secret_value(**asked)
    if "SecretString" in answer:
        return str(answer["SecretString"])
    try:
        return bytes(answer["SecretBinary"]).decode()
    except UnicodeDecodeError:
        raise StepError(ErrorType.BAD_SETTINGS, "It is no text: keep it as a text (SecretString).") from None


def _is_id(version: str) -> bool:
    """A version's id is a UUID; anything else is a stage, such as AWSPREVIOUS."""
    return len(version) == 36 and version.count("-") == 4  # noqa: PLR2004 - the form of a UUID


def _meaning(error: Exception, permission: str) -> StepError:
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and answer.get("Error", {}).get("Code") in _DECRYPTION:
        sentence = "Its key cannot be used to decrypt it: give this worker's role kms:Decrypt on that key."
        return StepError(ErrorType.DENIED, sentence)
    found = aws_errors.of_exception(error, permission, _MEANINGS)
    return found or StepError(ErrorType.UNREACHABLE, f"AWS could not be asked for it ({type(error).__name__}).")
