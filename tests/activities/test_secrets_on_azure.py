"""Secrets that Azure Key Vault keeps, by Azure's own library: its challenge, its TLS, its errors."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.errors import NoSecretError
from activities.secrets import Secrets, resolve
from runbooks.references import in_vault, is_reference
from runbooks.steps import ErrorType
from tests.activities.calls import perform
from tests.azure.vault import Vault, vault_of
from tests.azure.world import AzureWorld

PASSWORD = "azure-keyvault://evac-kv/db#password"


@pytest.fixture
def vault(azure: AzureWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """A vault with two secrets, reached as behind a company's proxy."""
    with vault_of(azure, "evac-kv", tmp_path) as made:
        monkeypatch.setenv("HTTPS_PROXY", made.proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.trust))
        made.keep("db", json.dumps({"password": "s3cr3t-one"}), json.dumps({"password": "s3cr3t-two", "port": 5432}))
        made.keep("plain", "s3cr3t-plain")
        yield made


def test_they_are_resolved(vault: Vault) -> None:
    """Whole, by key, and by version."""
    old, _ = vault.keep("token", "s3cr3t-old", "s3cr3t-new")
    told = {
        PASSWORD: "s3cr3t-two",
        "azure-keyvault://evac-kv/db#port": "5432",
        "azure-keyvault://evac-kv/plain": "s3cr3t-plain",
        "azure-keyvault://evac-kv.vault.azure.net/token": "s3cr3t-new",
        f"azure-keyvault://evac-kv/token/{old}": "s3cr3t-old",
    }
    assert {reference: resolve(reference).get_secret_value() for reference in told} == told


@pytest.mark.parametrize(
    ("reference", "kind", "words"),
    [
        ("azure-keyvault://evac-kv/none", ErrorType.NOT_FOUND, "Azure answers SecretNotFound"),
        ("azure-keyvault://evac-kv/db#user", ErrorType.BAD_SETTINGS, "It has no key user"),
        ("azure-keyvault://evac-kv/plain#user", ErrorType.BAD_SETTINGS, "It is no JSON object"),
        ("azure-keyvault://evac-kv/off", ErrorType.WRONG_STATE, "It is disabled in its vault"),
        ("azure-keyvault://other/db", ErrorType.UNREACHABLE, "Azure cannot be reached"),
    ],
)
def test_what_cannot_be_had_is_named(vault: Vault, reference: str, kind: ErrorType, words: str) -> None:
    """The reference and what is wrong; never a value."""
    vault.keep("off", "s3cr3t-off")
    vault.disabled.add("off")
    with pytest.raises(NoSecretError) as caught:
        resolve(reference)
    assert caught.value.kind is kind
    assert reference in caught.value.sentence
    assert words in caught.value.sentence
    assert "s3cr3t" not in str(caught.value) + str(caught.value.evidence)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("rbac", "Azure denies Microsoft.KeyVault/vaults/secrets/getSecret/action: give this worker's identity a role"),
        ("firewall", "The firewall of the vault evac-kv keeps this worker out"),
    ],
)
def test_two_kinds_of_no_are_told_apart(vault: Vault, refusal: str, words: str) -> None:
    """A missing role, and a firewall: both are 403."""
    vault.refusal = refusal
    with pytest.raises(NoSecretError) as caught:
        resolve(PASSWORD)
    assert caught.value.kind is ErrorType.DENIED
    assert words in caught.value.sentence


def test_no_credentials_are_said_to_be_missing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is guessed."""
    monkeypatch.setattr("activities.clients.azure_credential._TOKENS", {})
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    with pytest.raises(NoSecretError, match="This worker has no Azure credentials"):
        resolve(PASSWORD)
    assert vault.asked == []


async def test_a_vault_that_hangs_costs_seconds(vault: Vault) -> None:
    """And is an error only for who needs it."""
    vault.refusal = "hang"
    had = Secrets()
    await had.prepare({"password": PASSWORD}, 0.5)
    with pytest.raises(NoSecretError, match=r"no answer within 0\.5 s"):
        had.reveal(PASSWORD)


async def test_a_step_gets_it_and_its_answer_does_not_show_it(vault: Vault, tmp_path: Path) -> None:
    """The program has the value, the record has not."""
    settings = {"argv": ["sh", "-c", "echo got $TOKEN"], "secrets": {"TOKEN": PASSWORD}}
    result = await perform("run.command", settings, home=tmp_path, within=10.0)
    assert result.after["marker"]["output"] == "got [secret]\n"  # type: ignore[call-overload, index]
    assert vault.asked == ["/secrets/db/"]


@pytest.mark.parametrize(
    "text",
    [
        "azure-keyvault://kv/db",  # shorter than a vault's name can be
        "azure-keyvault://evac-kv.example.com/db",
        "azure-keyvault://evac-kv/db/7",
        "azure-keyvault://evac-kv/d_b",
        "azure-keyvault://evac-kv",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    """A token must not be sent to any other host, and a version is 32 digits."""
    assert (in_vault(text), is_reference(text)) == (None, False)


def test_other_clouds_of_azure_have_hosts_of_their_own() -> None:
    """They are given whole."""
    found = in_vault("azure-keyvault://evac-kv.vault.azure.cn/db")
    assert found is not None
    assert (found.vault, found.url) == ("evac-kv", "https://evac-kv.vault.azure.cn")
