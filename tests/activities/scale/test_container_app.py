"""Container Apps: revisions, who serves, and what stops a wait."""

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.fakes.app import app_body, replica
from tests.azure.fakes.insights import Insights
from tests.azure.world import HERE, THERE, AzureWorld

_KIND = "Microsoft.App/containerApps"
_SIZE = "Microsoft.App/containerApps/write"
WITHIN = 20.0


def stand(azure: AzureWorld, least: int = 2, most: int = 10, region: str = THERE, **more: Any) -> dict[str, Any]:
    """An app, and the settings that name it."""
    azure.put(_KIND, "llm", region=region, **app_body(least, most, **more))
    return azure.settings(region, app="llm")


def app(azure: AzureWorld) -> dict[str, Any]:
    """What is there."""
    return azure.arm.resource(azure.id_of(_KIND, "llm", region=THERE))


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform("scale.container_app", settings, within=WITHIN, **more)


async def test_a_new_size_is_a_new_revision(azure: AzureWorld) -> None:
    """With a suffix of its own; a smaller maximum is raised, and an undo brings back both numbers."""
    settings = {**stand(azure, 2, 3, suffix="blue"), "replicas": 5}
    done = await scale(settings)
    assert done.reason == "5 replicas are ready; before there were 2."
    assert (done.before["revision"], done.after["revision"]) == ("llm--blue", "llm--0000002")
    assert app(azure)["properties"]["template"]["scale"] == {"minReplicas": 5, "maxReplicas": 5}
    assert app(azure)["properties"]["template"]["containers"] == [{"name": "llm"}]
    await perform("scale.container_app.undo", settings, within=WITHIN, before=done.before)
    assert app(azure)["properties"]["template"]["scale"] == {"minReplicas": 2, "maxReplicas": 3}


async def test_a_replica_serves_when_all_its_containers_do(azure: AzureWorld) -> None:
    """Of three replicas one runs with a container that is not ready."""
    settings = stand(azure, 3)
    name = app(azure)["properties"]["latestRevisionName"]
    app(azure)["revisions"][name]["replicas"][1] = replica(1, ready=False)
    seen = await perform("detect.container_app", settings)
    assert seen.reading is not None
    assert seen.reading.values == {"desired": 3, "ready": 2}
    sentence = await refused("scale.container_app", {**settings, "replicas": 3}, ErrorType.NOT_YET, within=1.5)
    assert sentence.startswith("2 of 3 replicas of it in eu-west-1 are ready after")


async def test_a_revision_that_fails_ends_the_wait(azure: AzureWorld) -> None:
    """With what Azure says of it; the detector sees it, too."""
    settings = stand(azure)
    app(azure)["broken"] = "ImagePullBackOff: the image cannot be pulled."
    sentence = await refused("scale.container_app", {**settings, "replicas": 4}, ErrorType.WRONG_STATE, within=WITHIN)
    assert sentence == (
        "The revision llm--0000002 does not serve (ImagePullBackOff: the image cannot be pulled): mend that, then say "
        "retry."
    )
    seen = await perform("detect.container_app", settings)
    assert seen.reading is not None
    assert seen.reading.state == "unhealthy"


@pytest.mark.parametrize("latest", [True, False])
async def test_a_revision_that_would_get_no_traffic_is_refused(azure: AzureWorld, latest: bool) -> None:  # noqa: FBT001
    """Several revisions at a time: the latest must have some of it."""
    weights = [{"latestRevision": True, "weight": 100}] if latest else [{"revisionName": "llm--blue", "weight": 100}]
    configuration = {"activeRevisionsMode": "Multiple", "ingress": {"traffic": weights}}
    settings = {**stand(azure, configuration=configuration), "replicas": 3}
    if latest:
        assert (await scale(settings)).changed is True
        return
    sentence = await refused("scale.container_app", settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert "would serve nobody" in sentence
    assert azure.asked(changes=True) == []


async def test_what_is_under_way_comes_first(azure: AzureWorld) -> None:
    """A worker that dies after its order: the next one waits for what goes on, and orders nothing."""
    settings = {**stand(azure), "replicas": 4}
    azure.bend(_SIZE, "lose", times=1)
    with pytest.raises(ApplicationError):
        await scale(settings)
    assert (await scale(settings)).after["ready"] == 4
    assert azure.asked(changes=True) == [_SIZE]


async def test_a_lock_forbids_it(azure: AzureWorld) -> None:
    """The check says so, and the act changes nothing."""
    settings = {**stand(azure), "replicas": 4}
    azure.arm.locks[azure.id_of(_KIND, "llm", region=THERE)] = "ReadOnly"
    check = await perform("scale.container_app.check", settings, within=WITHIN)
    assert check.proved is False
    await refused("scale.container_app", settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize(
    ("of", "counted", "says"),
    [
        ("running", [], "100% of what eastus runs is 4 (4 there)."),
        ("24h-maximum", [6.0, 7.0, None], "100% of what eastus ran at most within 24 hours is 7 (7 there)."),
        ("24h-maximum", [], "is not known: nothing has counted it."),
    ],
)
async def test_it_may_be_sized_by_what_the_other_region_runs(
    azure: AzureWorld, of: str, counted: list[float | None], says: str
) -> None:
    """Now, or at most within a day by what Azure Monitor has counted."""
    upstream = stand(azure, 4, region=HERE)
    azure.arm.provider(Insights).counted[(azure.id_of(_KIND, "llm", region=HERE), "Replicas")] = counted
    done = await scale({**stand(azure), "replicas": 3, "match": {"of": of}, "upstream": upstream})
    assert done.reason.endswith(says)
