"""What `evac doctor` says of the key that signs records, and of the store that they are copied to."""

from pathlib import Path

import pytest

from audit.signing import generate
from runbooks.readiness import Grade
from tests.activities.test_sealing import kms
from tests.audit.bundles import bundle
from tests.aws.world import World
from triggers.doctor import evidence
from triggers.doctor.findings import Case, Finding
from worker.settings import Settings


async def signing(reference: str | None) -> Finding:
    """What is found of that key."""
    (found,) = await evidence.signing(Case(Settings(signing_key=reference)))
    return found


async def store(url: str | None, home: Path) -> Finding:
    """What is found of that store."""
    (found,) = await evidence.copies(Case(Settings(home=home, records_store=url)))
    return found


async def test_a_key_that_signs_is_good(tmp_path: Path, aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in a file, and one of KMS; without one nothing is signed, which is said."""
    (tmp_path / "key").write_text(generate()[0])
    for reference in (f"file://{tmp_path}/key", kms(aws, monkeypatch)[0]):
        found = await signing(reference)
        assert (found.grade, found.sentence.startswith("Records are signed with the key ")) == (Grade.OK, True)
    assert (await signing(None)).sentence == "Records are not signed (EVAC_SIGNING_KEY is not set)."


async def test_a_key_that_cannot_sign_is_bad(tmp_path: Path, aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With why, before a run finds out."""
    found = await signing(f"file://{tmp_path}/none")
    assert (found.grade, "make that file on this worker's machine" in found.sentence) == (Grade.BAD, True)
    reference, _ = kms(aws, monkeypatch)
    aws.bend("kms:Sign", "deny")
    found = await signing(reference)
    assert found.grade is Grade.BAD
    assert "would be written unsigned: AWS denies kms:Sign: give this worker's role" in found.sentence


async def test_a_store_answers_or_does_not(tmp_path: Path, aws: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, a bucket, a bucket that is not there, and none."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    aws.client("s3").create_bucket(Bucket="records")
    assert (await store(None, tmp_path)).grade is Grade.OK
    for url in (f"file://{tmp_path}/there", "s3://records/evac"):
        found = await store(url, tmp_path)
        assert (found.grade, found.sentence) == (Grade.OK, f"{url} answers, and every record is there.")
    assert not (tmp_path / "there").exists()
    missing = await store("s3://none/evac", tmp_path)
    assert (missing.grade, missing.sentence.startswith("Records cannot be copied: s3://none/evac")) == (Grade.BAD, True)


async def test_records_that_are_not_there_yet_are_counted(tmp_path: Path) -> None:
    """With the command that copies them."""
    bundle(tmp_path / "records")
    found = await store(f"file://{tmp_path}/there", tmp_path)
    assert (found.grade, found.advice) == (Grade.WARN, "evac audit push")
    assert "1 record is not there yet" in found.sentence
