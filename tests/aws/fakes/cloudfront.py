"""CloudFront's distributions, whole as they were given, and changed only by whoever names the newest ETag.

moto takes any ETag, never counts a new one, and deploys at once.
"""

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal


class FakeDistributions(Fake):
    """As much of them as switching origins needs."""

    service = "cloudfront"

    def reset(self) -> None:
        """None."""
        self._kept: dict[str, dict[str, Any]] = {}
        self._takes = 0

    def told(self, what: Mapping[str, Any]) -> Any:
        """`takes`: so many looks after a change find it InProgress; `touched`: somebody else has changed that one."""
        self._takes = what.get("takes", self._takes)
        for name in what.get("touched", ()):
            self._kept[name]["etag"] = _etag()

    def create_distribution(self, region: str, **asked: Any) -> dict[str, Any]:
        """A new one."""
        del region
        name = f"E{uuid.uuid4().hex[:13].upper()}"
        config = _checked(asked["DistributionConfig"])
        self._kept[name] = {"config": config, "etag": _etag(), "left": 0, "tags": {}}
        return self._shown(name)

    def get_distribution(self, region: str, **asked: Any) -> dict[str, Any]:
        """All of it."""
        del region
        return self._shown(self._known(asked["Id"]))

    def get_distribution_config(self, region: str, **asked: Any) -> dict[str, Any]:
        """As it would be sent back."""
        del region
        kept = self._kept[self._known(asked["Id"])]
        return {"DistributionConfig": copy.deepcopy(kept["config"]), "ETag": kept["etag"]}

    def update_distribution(self, region: str, **asked: Any) -> dict[str, Any]:
        """By compare and set."""
        del region
        kept = self._kept[self._known(asked["Id"])]
        if not asked.get("IfMatch"):
            code, message = "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource."
            raise Refusal(code, message)
        if asked["IfMatch"] != kept["etag"]:
            code = "PreconditionFailed"
            message = (
                "The request failed because it didn't meet the preconditions in one or more request-header fields."
            )
            raise Refusal(code, message)
        kept.update(config=_checked(asked["DistributionConfig"]), etag=_etag(), left=self._takes)
        return self._shown(asked["Id"])

    def list_tags_for_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """By ARN."""
        del region
        tags = self._tags(asked["Resource"])
        return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}

    def tag_resource(self, region: str, **asked: Any) -> dict[str, Any]:
        """By ARN."""
        del region
        self._tags(asked["Resource"]).update({each["Key"]: each["Value"] for each in asked["Tags"]["Items"]})
        return {}

    def _tags(self, arn: str) -> dict[str, str]:
        name = arn.rpartition("/")[2]
        if name not in self._kept:
            code = "NoSuchResource"
            raise Refusal(code, f"There is no {arn}")
        tags: dict[str, str] = self._kept[name]["tags"]
        return tags

    def _known(self, name: str) -> str:
        if name not in self._kept:
            code, message = "NoSuchDistribution", "The specified distribution does not exist."
            raise Refusal(code, message)
        return name

    def _shown(self, name: str) -> dict[str, Any]:
        kept = self._kept[name]
        status, kept["left"] = "InProgress" if kept["left"] else "Deployed", max(0, kept["left"] - 1)
        shown = {
            "Id": name,
            "ARN": f"arn:aws:cloudfront::123456789012:distribution/{name}",
            "Status": status,
            "DomainName": f"{name.lower()}.cloudfront.net",
            "DistributionConfig": copy.deepcopy(kept["config"]),
        }
        return {"Distribution": shown, "ETag": kept["etag"]}


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    known = {each["Id"] for each in config["Origins"]["Items"]}
    behaviours = [config["DefaultCacheBehavior"], *(config.get("CacheBehaviors", {}).get("Items") or ())]
    for behaviour in behaviours:
        if behaviour["TargetOriginId"] not in known:
            code = "NoSuchOrigin"
            raise Refusal(code, "One or more of your origins or origin groups do not exist.")
    return copy.deepcopy(config)


def _etag() -> str:
    return f"E{uuid.uuid4().hex[:12].upper()}"
