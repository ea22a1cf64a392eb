"""An Azure Container App: how many replicas its newest revision keeps at least, and how many of them serve.

https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps
https://learn.microsoft.com/azure/container-apps/revisions (a change of its scale makes a new revision)
"""

from typing import Any

from activities.acting import View
from activities.azure import tag_epoch, tagged
from activities.clients.azure import Answer, Azure
from activities.clients.azure_locks import refuse_locked
from activities.errors import StepError
from runbooks.azure.scaling import ContainerAppSettings
from runbooks.steps import ErrorType

_UPDATE = "container_apps.begin_update"
_MOST = 10
"""Replicas at most, where the app does not say."""


class ContainerAppView(View):
    """As ARM shows it."""

    desired: int
    """The least that it keeps."""
    ready: int
    """Replicas of the newest revision that run with all their containers ready."""
    largest: int
    state: str
    """`InProgress`, `Succeeded`, `Failed` or `Canceled`: how its last change ended."""
    revision: str
    trouble: str = ""
    """What Azure says is wrong with that revision."""
    epoch: int | None = None


async def read_app(there: Azure, settings: ContainerAppSettings) -> ContainerAppView:
    """Look. Raises StepError, also when it is stopped, or a new revision would get no traffic."""
    where = (settings.resource_group, settings.app)
    found = await there.read("appcontainers", "container_apps.get", *where)
    properties = found["properties"]
    _refuse_wrong(settings, properties)
    revision = str(properties.get("latestRevisionName") or "")
    replicas, trouble = [], ""
    if revision:
        said = await there.read("appcontainers", "container_apps_revisions.get_revision", *where, revision)
        replicas = await _replicas(there, where, revision)
        trouble = _trouble(said["properties"])
    scale = (properties.get("template") or {}).get("scale") or {}
    return ContainerAppView(
        desired=scale.get("minReplicas") or 0,
        ready=sum(_serves(one) for one in replicas),
        largest=scale.get("maxReplicas") or _MOST,
        state=properties["provisioningState"],
        revision=revision,
        trouble=trouble,
        epoch=tag_epoch(found),
    )


async def size_app(there: Azure, settings: ContainerAppSettings, wanted: int, largest: int, epoch: int) -> None:
    """Order the least number of replicas, and note the decision, in one request: the API knows no condition.

    Waits until Azure has done it. Raises StepError: BUSY while it takes no change.
    """
    where = (settings.resource_group, settings.app)
    await refuse_locked(there, settings.app_id)
    found = await there.read("appcontainers", "container_apps.get", *where)
    scale: dict[str, Any] = {"minReplicas": wanted, "maxReplicas": max(largest, wanted, 1)}
    # A suffix of its own would be that of the revision which is there: Azure finds another one.
    template = {"revisionSuffix": None, "scale": scale}
    patch = {"location": found["location"], "tags": tagged(found, epoch), "properties": {"template": template}}
    await there.operate("appcontainers", _UPDATE, *where, patch)


async def resume_sizing(there: Azure, settings: ContainerAppSettings) -> None:
    """Wait for what an earlier attempt has ordered, if one has. Raises StepError, as `size_app`."""
    await there.resume("appcontainers", _UPDATE, settings.resource_group, settings.app, {})


async def _replicas(there: Azure, where: tuple[str, str], revision: str) -> list[Answer]:
    asked = "container_apps_revision_replicas.list_replicas"
    found: list[Answer] = (await there.read("appcontainers", asked, *where, revision)).get("value") or []
    return found


def _serves(replica: Answer) -> bool:
    properties = replica["properties"]
    containers = properties.get("containers") or ()
    ready = bool(containers) and all(one.get("ready") for one in containers)
    return ready and properties.get("runningState") == "Running"


def _trouble(revision: dict[str, Any]) -> str:
    said = str(revision.get("provisioningError") or "").strip().rstrip(".")
    if revision.get("provisioningState") == "Failed" or revision.get("runningState") == "Failed":
        return said or "it has failed"
    return f"it is unhealthy{f' ({said})' if said else ''}" if revision.get("healthState") == "Unhealthy" else ""


def _refuse_wrong(settings: ContainerAppSettings, properties: dict[str, Any]) -> None:
    """Raises StepError."""
    name = f"The container app {settings.app} ({settings.azure_region})"
    if properties.get("runningStatus") == "Stopped":
        raise StepError(ErrorType.WRONG_STATE, f"{name} is stopped: start it, then say retry.")
    configuration = properties.get("configuration") or {}
    if configuration.get("activeRevisionsMode") != "Multiple":
        return
    traffic = (configuration.get("ingress") or {}).get("traffic") or ()
    if any(one.get("latestRevision") and one.get("weight") for one in traffic):
        return
    sentence = (
        f"{name} has several revisions at a time, and none of its traffic goes to the latest: the one that a new size "
        "makes would serve nobody. Give the latest revision its traffic, or have a single one."
    )
    raise StepError(ErrorType.WRONG_STATE, sentence)
