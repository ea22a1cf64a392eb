"""Global tables of DynamoDB, which moto does not know, and resource policies as strict as DynamoDB's."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_MOST = 20 * 1024


class FakeGlobalTables(Fake):
    """`describe_table` with replicas; policies with a real revision, and the block that follows a change of one."""

    service = "dynamodb"

    def reset(self) -> None:
        """No global tables, and no policies."""
        self._replicas: dict[str, dict[str, str]] = {}
        self._strong: set[str] = set()
        self._status: dict[str, str] = {}
        self._policies: dict[str, tuple[str, str]] = {}
        self._blocked = 0
        self._numbers = itertools.count(1700000000001)

    def told(self, what: Mapping[str, Any]) -> Any:
        """`replicas`: a table's regions with their status; `strong`: a table; `blocked`: refuses so many changes."""
        self._replicas.update(what.get("replicas", {}))
        self._strong.update(what.get("strong", ()))
        self._status.update(what.get("status", {}))
        self._blocked = what.get("blocked", self._blocked)

    def describe_table(self, region: str, TableName: str) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        """As moto knows it, with the other regions' replicas."""
        table = _table(region, TableName)
        shown = table.describe("Table")["Table"]
        others = {at: status for at, status in self._replicas.get(TableName, {}).items() if at != region}
        if others:
            shown["GlobalTableVersion"] = "2019.11.21"
            shown["Replicas"] = [{"RegionName": at, "ReplicaStatus": status} for at, status in others.items()]
        if TableName in self._strong:
            shown["MultiRegionConsistency"] = "STRONG"
        shown["TableStatus"] = self._status.get(table.table_arn, shown["TableStatus"])
        return {"Table": shown}

    def get_resource_policy(self, region: str, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        """With its revision."""
        _named(region, ResourceArn)
        if ResourceArn not in self._policies:
            raise _absent(ResourceArn)
        policy, revision = self._policies[ResourceArn]
        return {"Policy": policy, "RevisionId": revision}

    def put_resource_policy(
        self,
        region: str,
        ResourceArn: str,  # noqa: N803
        Policy: str,  # noqa: N803
        ExpectedRevisionId: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Under the expected revision."""
        _named(region, ResourceArn)
        if len(Policy.encode()) > _MOST or not json.loads(Policy).get("Statement"):
            code, message = "ValidationException", "The policy is too large, or has no statement"
            raise Refusal(code, message)
        self._expect(ResourceArn, ExpectedRevisionId)
        self._policies[ResourceArn] = (Policy, str(next(self._numbers)))
        return {"RevisionId": self._policies[ResourceArn][1]}

    def delete_resource_policy(
        self,
        region: str,
        ResourceArn: str,  # noqa: N803
        ExpectedRevisionId: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Under the expected revision; without one, also what is not there."""
        _named(region, ResourceArn)
        self._expect(ResourceArn, ExpectedRevisionId)
        _, revision = self._policies.pop(ResourceArn, ("", ""))
        return {"RevisionId": revision} if revision else {}

    def _expect(self, arn: str, expected: str | None) -> None:
        if self._blocked:
            self._blocked -= 1
            code, message = "LimitExceededException", "The policy of this resource was changed a moment ago"
            raise Refusal(code, message)
        _, present = self._policies.get(arn, ("", "NO_POLICY"))
        if expected is not None and expected != present:
            raise _absent(arn)


def _table(region: str, name: str) -> Any:
    known = backend("dynamodb", region).tables
    if name.rpartition("/")[2] not in known:
        code, message = "ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"
        raise Refusal(code, message)
    return known[name.rpartition("/")[2]]


def _named(region: str, arn: str) -> None:
    if _table(region, arn).table_arn != arn:
        code, message = "ValidationException", "The ARN is not one of this region"
        raise Refusal(code, message)


def _absent(arn: str) -> Refusal:
    return Refusal("PolicyNotFoundException", f"Resource-based policy not found for the provided ResourceArn: {arn}")
