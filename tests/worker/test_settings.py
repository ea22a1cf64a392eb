import pytest
from pydantic import ValidationError

from worker.settings import Settings

ARN = "arn:aws:kms:eu-west-1:123456789012:key/77012fb0-e2fb-450c-b893-985dd3dd58dc"


@pytest.mark.parametrize(
    "reference",
    [
        "file:///run/key",
        "env://KEY",
        "aws-ssm://eu-west-1/evac/key",
        f"awskms:///{ARN}",
        "awskms://eu-west-1/alias/evac",
    ],
)
def test_every_way_to_name_a_signing_key(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """A reference to an Ed25519 key, or a key of KMS."""
    monkeypatch.setenv("EVAC_SIGNING_KEY", reference)
    assert Settings().signing_key == reference


@pytest.mark.parametrize("reference", ["hunter2", "awskms:///alias/evac", "awskms:///arn:aws:s3:::b", "awskms://evac"])
def test_a_signing_key_that_names_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """With the forms that there are."""
    monkeypatch.setenv("EVAC_SIGNING_KEY", reference)
    with pytest.raises(ValidationError, match="a key of AWS KMS is given as awskms:///ARN or awskms://REGION/alias/N"):
        Settings()
