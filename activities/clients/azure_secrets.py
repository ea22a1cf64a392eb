"""Secrets that Azure Key Vault keeps. It blocks: call it in a thread.

https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
"""

from typing import Any

from activities.clients import azure_errors
from activities.clients.azure_credential import BlockingCredential
from activities.clients.kept_secrets import had
from activities.errors import StepError
from runbooks.references import READ_VAULT, InVault
from runbooks.steps import ErrorType

_CONNECT, _READ, _TRIES = 2.0, 3.0, 1
"""A secret is asked for before anything is done: who waits for it waits seconds, not minutes."""
_MEANINGS = {"SecretNotFound": ErrorType.NOT_FOUND}
_FORBIDDEN = 403


def fetch(secret: InVault) -> str:
    """The secret's text. Raises NoSecretError, which names the reference, and never a value."""
    return had(secret, lambda: _asked(secret))


def _asked(secret: InVault) -> str:
    try:
        from azure.keyvault.secrets import SecretClient  # noqa: PLC0415 - an extra: only where Azure is asked
    except ModuleNotFoundError:
        raise StepError(
            ErrorType.BAD_SETTINGS, "It needs the packages of evac[azure]: pip install 'evac[azure]'."
        ) from None
    way = {"connection_timeout": _CONNECT, "read_timeout": _READ, "retry_total": _TRIES, "user_agent": "evac"}
    try:
        with SecretClient(secret.url, BlockingCredential(None), **way) as client:
            found = client.get_secret(secret.name, secret.version).value
    except Exception as error:  # noqa: BLE001 - whatever azure-core raises: answers, the way, credentials
        raise _meaning(error, secret) from None  # the cause may quote what was sent
    return str(found or "")


def _meaning(error: Exception, secret: InVault) -> StepError:
    answer = getattr(error, "response", None)
    if getattr(answer, "status_code", None) == _FORBIDDEN and (refusal := _refusal(error, secret)) is not None:
        return refusal
    found = azure_errors.of_exception(error, READ_VAULT, _MEANINGS)
    return found or StepError(ErrorType.UNREACHABLE, f"Azure could not be asked for it ({type(error).__name__}).")


def _refusal(error: Any, secret: InVault) -> StepError | None:  # noqa: ANN401 - azure-core is an extra
    """403 is also what a vault says of a secret that is disabled, and to whom its firewall keeps out."""
    inner = getattr(getattr(error, "error", None), "innererror", None) or {}
    code = str(inner.get("code") or "")
    if code == "SecretDisabled":
        return StepError(ErrorType.WRONG_STATE, "It is disabled in its vault, or not of today: enable it.")
    if code == "ForbiddenByFirewall":
        sentence = f"The firewall of the vault {secret.vault} keeps this worker out: let its address or network in."
        return StepError(ErrorType.DENIED, sentence)
    return None
