"""The key that signs records: by reference, and never in the way of a record."""

import base64
import json
import logging
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from activities.sealing import sealed_by, written
from audit.bundle import read
from audit.seal import envelope_text
from audit.signing import generate, pem_of
from audit.verify import verify
from tests.audit.bundles import bundle
from tests.aws.world import THERE, World

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_a_record_is_signed_with_the_key_behind_the_reference(tmp_path: Path) -> None:
    """And verifies with its public half."""
    private, public = generate()
    (tmp_path / "key").write_text(private)
    found = verify(read(bundle(tmp_path / "records", sealing=sealed_by(f"file://{tmp_path}/key"))), public)
    assert found.trusted


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be used on this worker"), ("a secret that is no key", "is not an unencrypted Ed25519 private key")],
)
def test_a_key_that_cannot_be_used_leaves_a_record_unsigned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | None, why: str
) -> None:
    """Its journal says why, the log too, and neither has the secret."""
    if content is not None:
        (tmp_path / "key").write_text(content)
    with caplog.at_level(logging.WARNING):
        folder = bundle(tmp_path / "records", sealing=sealed_by(f"file://{tmp_path}/key"))
    last = list(read(folder).journal())[-1].body
    assert last["signed"] is False
    assert why in str(last["text"])
    assert why in caplog.text
    assert "a secret" not in (folder / "journal.jsonl").read_text() + caplog.text
    assert verify(read(folder)).intact


def test_without_a_reference_it_is_unsigned_and_says_so() -> None:
    """That is no fault: nothing is logged."""
    assert sealed_by(None).why_not == "there is no signing key (EVAC_SIGNING_KEY)"


async def test_a_record_is_signed_by_a_key_of_kms(aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is never here; the record verifies with no cloud, by the public half that is in it, or is given."""
    reference, public = kms(aws, monkeypatch)
    folder = await written(reference, lambda sealing: bundle(tmp_path / "records", sealing=sealing))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert verify(read(folder)).signed_by
    assert verify(read(folder), public).trusted
    assert public == (folder / "signer.pem").read_text()


@pytest.mark.parametrize("name", ["alias/evac", "arn"])
def test_a_key_of_kms_is_named_in_two_ways(aws: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """By its ARN, or by region and alias."""
    arn, public = kms(aws, monkeypatch)
    reference = arn if name == "arn" else f"awskms://eu-west-1/{name}"
    seal = sealed_by(reference).seal
    assert seal is not None
    assert seal.public == public


@pytest.mark.parametrize(
    ("bend", "why"),
    [
        ("kms:GetPublicKey", "AWS denies kms:GetPublicKey: give this worker's role that permission"),
        ("kms:Sign", "AWS denies kms:Sign: give this worker's role that permission"),
    ],
)
async def test_a_key_of_kms_that_may_not_be_used_leaves_a_record_unsigned(
    aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bend: str, why: str
) -> None:
    """The record says why, and is whole."""
    reference, _ = kms(aws, monkeypatch)
    aws.bend(bend, "deny")
    folder = await written(reference, lambda sealing: bundle(tmp_path / "records", sealing=sealing))
    last = list(read(folder).journal())[-1].body
    assert (last["signed"], why in str(last["text"])) == (False, True)
    assert verify(read(folder)).intact


def test_a_key_of_another_kind_is_refused(aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not sign, or nobody could verify it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    made = aws.client("kms", THERE).create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P384")
    why = sealed_by(f"awskms:///{made['KeyMetadata']['Arn']}").why_not
    assert why.endswith("one of ECC_NIST_P256 for SIGN_VERIFY is needed")


async def test_the_same_signature_in_other_numbers_is_a_change(
    aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECDSA has two forms of each signature; anyone could write the other one."""
    reference, public = kms(aws, monkeypatch)
    folder = await written(reference, lambda sealing: bundle(tmp_path / "records", sealing=sealing))
    document = json.loads((folder / "signature.json").read_text())
    r, s = decode_dss_signature(base64.b64decode(document["signatures"][0]["sig"]))
    document["signatures"][0]["sig"] = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
    (folder / "signature.json").write_text(envelope_text(document))
    (fault,) = verify(read(folder), public).faults
    assert "its signature is written in another way" in fault.what


def kms(aws: World, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A key of KMS: its reference, and its public half."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    client = aws.client("kms", THERE)
    arn = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    client.create_alias(AliasName="alias/evac", TargetKeyId=arn)
    return f"awskms:///{arn}", pem_of(client.get_public_key(KeyId=arn)["PublicKey"])
