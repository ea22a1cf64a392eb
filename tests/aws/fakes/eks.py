"""EKS's node groups over moto's: their updates take effect on Auto Scaling groups, take time, and may fail.

Moto tags clusters only, knows no `DescribeUpdate`, checks no size, and its node groups have no instances: whoever makes
one here makes the Auto Scaling group of the name that `DescribeNodegroup` gives, as EKS would.
"""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeNodegroups(Fake):
    """`update_nodegroup_config`, `describe_update`, `describe_nodegroup` and tags of node groups."""

    service = "eks"

    def reset(self) -> None:
        """Every update is done by the first look after it."""
        self._numbers = itertools.count(1)
        self._updates: dict[str, dict[str, Any]] = {}
        self._ever: dict[tuple[str, str], dict[str, Any]] = {}
        self._told: dict[str, Any] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`slow` (looks during which an update is under way), `most` (instances), `issues`, `fails`, `status`."""
        self._told.update(what)

    def update_nodegroup_config(
        self,
        region: str,
        clusterName: str,  # noqa: N803 - EKS's own names
        nodegroupName: str,  # noqa: N803
        scalingConfig: dict[str, int] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """One update at a time; sizes as EKS checks them."""
        group = _group(region, clusterName, nodegroupName)
        if self._status(group) != "ACTIVE":
            code = "ResourceInUseException"
            raise Refusal(code, f"Nodegroup cannot be updated as it is currently not in Active State ({nodegroupName})")
        sizes = {**group.scaling_config, **(scalingConfig or {})}
        if not sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"] or sizes["maxSize"] < 1:
            code = "InvalidParameterException"
            raise Refusal(code, f"desired capacity {sizes['desiredSize']} must be between minSize and maxSize")
        update = {"id": f"u-{next(self._numbers)}", "type": "ConfigUpdate", "status": "InProgress", "errors": []}
        self._updates[group.arn] = {"update": update, "sizes": sizes, "left": self._told.get("slow", 0)}
        self._ever[group.arn, update["id"]] = update
        return {"update": update}

    def describe_update(self, region: str, name: str, updateId: str, nodegroupName: str) -> dict[str, Any]:  # noqa: N803
        """Each that there was; the newest goes on by a step."""
        group = _group(region, name, nodegroupName)
        self._go_on(region, group)
        known = self._ever.get((group.arn, updateId))
        if known is None:
            code = "ResourceNotFoundException"
            raise Refusal(code, f"No update found for ID: {updateId}")
        return {"update": known}

    def describe_nodegroup(self, region: str, clusterName: str, nodegroupName: str) -> dict[str, Any]:  # noqa: N803
        """As moto knows it; an update goes on by a step with each look."""
        group = _group(region, clusterName, nodegroupName)
        self._go_on(region, group)
        return {
            "nodegroup": {
                "nodegroupName": nodegroupName,
                "nodegroupArn": group.arn,
                "clusterName": clusterName,
                "status": self._status(group),
                "scalingConfig": group.scaling_config,
                "resources": {"autoScalingGroups": group.resources["autoScalingGroups"]},
                "health": {"issues": self._told.get("issues", [])},
                "tags": group.tags,
            }
        }

    def describe_cluster(self, region: str, name: str) -> dict[str, Any]:
        """As moto knows it, at the endpoint that a test says (`endpoints`, `authorities`, by its name)."""
        found = backend("eks", region).clusters.get(name)
        if found is None:
            code = "ResourceNotFoundException"
            raise Refusal(code, f"No cluster found for name: {name}.")
        endpoint = self._told.get("endpoints", {}).get(name, found.endpoint)
        authority = {"data": self._told.get("authorities", {}).get(name)}
        shown = {"name": name, "arn": found.arn, "status": found.status, "endpoint": endpoint}
        return {"cluster": {**shown, "certificateAuthority": authority if authority["data"] else {}}}

    def tag_resource(self, region: str, resourceArn: str, tags: dict[str, str]) -> dict[str, Any]:  # noqa: N803
        """Clusters and node groups."""
        clusters = backend("eks", region).clusters.values()
        for one in itertools.chain(clusters, *(cluster.nodegroups.values() for cluster in clusters)):
            if one.arn == resourceArn:
                one.tags = {**(one.tags or {}), **tags}
                return {}
        code = "NotFoundException"
        raise Refusal(code, f"Resource {resourceArn} was not found")

    def _status(self, group: Any) -> str:
        under_way = self._updates.get(group.arn, {}).get("update", {}).get("status") == "InProgress"
        return str(self._told.get("status") or ("UPDATING" if under_way else "ACTIVE"))

    def _go_on(self, region: str, group: Any) -> None:
        known = self._updates.get(group.arn)
        if known is None or known["update"]["status"] != "InProgress":
            return
        known["left"] -= 1
        if known["left"] >= 0:
            return
        if "fails" in self._told:
            known["update"].update(status="Failed", errors=self._told["fails"])
            return
        known["update"]["status"] = "Successful"
        group.scaling_config = known["sizes"]
        asg = backend("autoscaling", region).autoscaling_groups[group.resources["autoScalingGroups"][0]["name"]]
        asg.min_size, asg.max_size = known["sizes"]["minSize"], known["sizes"]["maxSize"]
        asg.set_desired_capacity(min(known["sizes"]["desiredSize"], self._told.get("most", 1000)))


def _group(region: str, cluster: str, name: str) -> Any:
    found = backend("eks", region).clusters.get(cluster)
    code = "ResourceNotFoundException"
    if found is None:
        raise Refusal(code, f"No cluster found for name: {cluster}.")
    if name not in found.nodegroups:
        raise Refusal(code, f"No node group found for name: {name}.")
    return found.nodegroups[name]
