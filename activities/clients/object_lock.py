"""Whether an S3 bucket keeps what is written to it: its default retention (Object Lock), asked through boto3. Blocks.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html
"""

import os
from typing import Any, NamedTuple

ASKED = "s3:GetBucketObjectLockConfiguration"
"""The permission that it needs."""
_WITHIN = 3.0
_DAY, _YEAR = 86400.0, 365 * 86400.0


class RetentionUnknownError(Exception):
    """It cannot be told; the sentence says why."""


class Retention(NamedTuple):
    """What is written is kept so long. `mode` COMPLIANCE: nobody can remove it; GOVERNANCE: who is privileged can."""

    mode: str
    seconds: float


def default_retention(bucket: str) -> Retention | None:
    """The bucket's own, which holds for every object that is written without one; None: it has none.

    How S3 is reached is what the environment says, as for the copies themselves (`audit/store.py`).
    Raises RetentionUnknownError.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra, and half a second
        from botocore.config import Config  # noqa: PLC0415 - as above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        message = "S3 is asked for it by the packages of evac[aws]: pip install 'evac[aws]'"
        raise RetentionUnknownError(message) from None
    bounds = Config(
        connect_timeout=_WITHIN, read_timeout=_WITHIN, retries={"mode": "standard", "total_max_attempts": 1}
    )
    try:
        client = boto3.client("s3", region_name=os.environ.get("AWS_REGION"), config=bounds)
        found: Any = client.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "ObjectLockConfigurationNotFoundError":
            return None
        message = f"S3 answers {code} for the bucket {bucket} (the permission is {ASKED})"
        raise RetentionUnknownError(message) from None
    except (BotoCoreError, ValueError) as error:
        message = f"S3 cannot be asked about the bucket {bucket}: {' '.join(str(error).split())}"
        raise RetentionUnknownError(message) from None
    rule = found.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
    if not rule:
        return None
    return Retention(str(rule.get("Mode", "")), rule.get("Days", 0) * _DAY + rule.get("Years", 0) * _YEAR)
