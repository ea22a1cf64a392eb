"""A store that is said to keep records, and does not, is told: by the doctor, and by a worker as it starts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from activities.clients.object_lock import RetentionUnknownError
from audit.pending import pending
from runbooks.readiness import Grade
from tests.audit.bundles import bundle
from tests.aws.world import World
from triggers.doctor import here
from triggers.doctor.findings import Case, Finding
from worker.pushing import Pusher
from worker.retention import why_not_locked
from worker.settings import Settings

DAY = 86400.0


@pytest.fixture
def s3(aws: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Boto3's own client; the environment says how S3 is reached."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return aws.client("s3")


def settings(home: Path, url: str | None, days: float | None = 400.0) -> Settings:
    """Said to be kept so long."""
    return Settings(home=home, records_store=url, records_locked=None if days is None else days * DAY)


def locked(s3: Any, bucket: str, **retention: Any) -> str:
    """A bucket with that default retention; without one, only Object Lock is on."""
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    if retention:
        rule = {"DefaultRetention": retention}
        s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
    return f"s3://{bucket}/evac"


async def found(chosen: Settings) -> Finding:
    """What the doctor says of the store."""
    (one,) = await here.store(Case(chosen))
    return one


async def test_a_bucket_that_keeps_them_is_good(tmp_path: Path, s3: Any) -> None:
    """In days or in years, as long as is said."""
    url = locked(s3, "kept", Mode="COMPLIANCE", Years=2)
    one = await found(settings(tmp_path, url))
    said = f"Records are copied to {url}; nobody can remove them there for 400 d."
    assert (one.grade, one.sentence) == (Grade.OK, said)


@pytest.mark.parametrize(
    ("retention", "why"),
    [
        ({}, "The bucket records has no default retention, and records are to be kept for 400 d."),
        ({"Mode": "COMPLIANCE", "Days": 30}, "keeps records for 30 d only, and records are to be kept for 400 d."),
        ({"Mode": "GOVERNANCE", "Days": 500}, "in the mode GOVERNANCE, and whoever may bypass governance can remove"),
    ],
)
async def test_a_bucket_that_does_not_is_bad(tmp_path: Path, s3: Any, retention: dict[str, Any], why: str) -> None:
    """Each with what to do."""
    one = await found(settings(tmp_path, locked(s3, "records", **retention)))
    assert (one.grade, why in one.sentence) == (Grade.BAD, True), one.sentence
    assert one.advice == "Give the bucket a default retention (S3 Object Lock, mode COMPLIANCE)."


async def test_a_bucket_without_object_lock_keeps_nothing(tmp_path: Path, s3: Any) -> None:
    """Which is no matter as long as nobody says that it does; nor is a folder."""
    s3.create_bucket(Bucket="plain")
    assert (await found(settings(tmp_path, "s3://plain"))).grade is Grade.BAD
    assert (await found(settings(tmp_path, "s3://plain", days=None))).grade is Grade.OK
    assert (await found(settings(tmp_path, f"file://{tmp_path}/store"))).grade is Grade.BAD
    assert await here.store(Case(settings(tmp_path, None, days=None))) == []


async def test_what_cannot_be_asked_is_unknown(
    tmp_path: Path, aws: World, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that is not there or is not ours, a store of another cloud, and S3 out of reach."""
    aws.bend("s3:GetObjectLockConfiguration", "deny")
    denied = await found(settings(tmp_path, locked(s3, "theirs")))
    assert (denied.grade, "s3:GetBucketObjectLockConfiguration" in denied.sentence) == (Grade.UNKNOWN, True)
    aws.straighten()
    assert (await found(settings(tmp_path, "s3://nobody"))).grade is Grade.UNKNOWN
    assert (await found(settings(tmp_path, "gs://records"))).grade is Grade.UNKNOWN
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(RetentionUnknownError, match="S3 cannot be asked about the bucket theirs"):
        why_not_locked(settings(tmp_path, "s3://theirs"))


async def test_a_worker_says_so_once_and_copies_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A copy that can be removed is better than none."""
    url = f"file://{tmp_path}/store"
    chosen = settings(tmp_path, url)
    bundle(chosen.records)
    async with Pusher(chosen):
        while pending(chosen.records, url):
            await asyncio.sleep(0.02)
    assert caplog.text.count("Records can be removed from their store: ") == 1
