"""S3's replication rules as they were given: moto forgets most of each, and copies nothing (S3 alone does)."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_UNVERSIONED = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
_TWICE = {
    "ID": "Rule Id must be unique. Found same Id for more than one rule",
    "Priority": "Found duplicate rule priority",
}
_ABSENT = "Destination bucket must exist."


class FakeReplication(Fake):
    """`put_bucket_replication` refuses what S3 would: buckets without versions, two rules of one priority or name."""

    service = "s3"

    def reset(self) -> None:
        """No bucket is replicated."""
        self._rules: dict[str, dict[str, Any]] = {}
        self._unreachable: set[str] = set()

    def told(self, what: Mapping[str, Any]) -> Any:
        """`unreachable`: buckets in a region that does not answer; `rules`: of a bucket, by hand."""
        self._unreachable.update(what.get("unreachable", ()))
        self._rules.update(what.get("rules", {}))

    def get_bucket_replication(self, region: str, Bucket: str) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        """As it was put."""
        _bucket(region, Bucket)
        if Bucket not in self._rules:
            code, message = "ReplicationConfigurationNotFoundError", "The replication configuration was not found"
            raise Refusal(code, message)
        return {"ReplicationConfiguration": self._rules[Bucket]}

    def put_bucket_replication(
        self,
        region: str,
        Bucket: str,  # noqa: N803
        ReplicationConfiguration: dict[str, Any],  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """In place of what there was."""
        rules = ReplicationConfiguration["Rules"]
        if _bucket(region, Bucket).versioning_status != "Enabled":
            raise _wrong(_UNVERSIONED)
        for key in ("ID", "Priority"):
            if len({rule[key] for rule in rules}) < len(rules):
                raise _wrong(_TWICE[key])
        for rule in rules:
            name = rule["Destination"]["Bucket"].rpartition(":")[2]
            if name in self._unreachable or name not in _all_buckets():
                raise _wrong(_ABSENT)
        self._rules[Bucket] = ReplicationConfiguration
        return {}


def _all_buckets() -> Any:
    return backend("s3", "aws").buckets


def _bucket(region: str, name: str) -> Any:
    bucket = _all_buckets().get(name)
    if bucket is None:
        code, message = "NoSuchBucket", "The specified bucket does not exist"
        raise Refusal(code, message)
    if bucket.region_name != region:
        code, message = "PermanentRedirect", "The bucket must be addressed in its own region"
        raise Refusal(code, message)
    return bucket


def _wrong(message: str) -> Refusal:
    return Refusal("InvalidRequest", message)
