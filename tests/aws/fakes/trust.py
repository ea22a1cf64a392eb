"""The trust policies of roles, which moto keeps and never reads: here a role is taken on only as its policy says."""

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

from moto.iam.exceptions import NotFoundException

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_WORKER = "arn:aws:iam::123456789012:user/worker"


class FakeTrust(Fake):
    """By the conditions of the role's trust policy, which moto does not read; then as moto does it."""

    service = "sts"

    def told(self, what: Mapping[str, Any]) -> Any:
        """`trust`: the policy (JSON) of a `role` in an `account`, which need not be ours."""
        backend("iam", "aws", what["account"]).create_role(
            role_name=what["role"],
            assume_role_policy_document=what["trust"],
            path="/",
            permissions_boundary=None,
            description="",
            tags=[],
            max_session_duration="3600",
        )

    def assume_role(
        self,
        region: str,
        RoleArn: str,  # noqa: N803 - boto3's own spelling
        RoleSessionName: str,  # noqa: N803
        ExternalId: str | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Refused for a role that is not there, as for one that does not trust us: AWS tells no difference."""
        said = {"sts:ExternalId": ExternalId or "", "sts:RoleSessionName": RoleSessionName}
        account = RoleArn.split(":")[4]
        if not _trusts(RoleArn, account, said):
            message = f"User: {_WORKER} is not authorized to perform: sts:AssumeRole on resource: {RoleArn}"
            code = "AccessDenied"
            raise Refusal(code, message)
        made = backend("sts", "aws").assume_role(
            region_name=region,
            role_session_name=RoleSessionName,
            role_arn=RoleArn,
            policy="",
            duration=3600,
            external_id=ExternalId or "",
        )
        return {
            "Credentials": {
                "AccessKeyId": made.access_key_id,
                "SecretAccessKey": made.secret_access_key,
                "SessionToken": made.session_token,
                "Expiration": made.expiration,
            },
            "AssumedRoleUser": {"AssumedRoleId": made.user_id, "Arn": made.arn},
        }


def _trusts(arn: str, account: str, said: dict[str, str]) -> bool:
    try:
        policy = json.loads(backend("iam", "aws", account).get_role_by_arn(arn).assume_role_policy_document)
    except NotFoundException:
        return False
    return any(
        one["Effect"] == "Allow"
        and one["Action"] == "sts:AssumeRole"
        and all(
            fnmatch.fnmatchcase(said.get(key, ""), pattern)
            for operator, keys in one.get("Condition", {}).items()
            if operator in ("StringEquals", "StringLike")
            for key, pattern in keys.items()
        )
        for one in policy["Statement"]
    )
