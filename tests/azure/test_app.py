"""The fake of Container Apps refuses what the service would."""

import pytest

from tests.azure.arm import Body, Refusal, taken_apart
from tests.azure.fakes.app import app_body
from tests.azure.world import AzureWorld


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ({"scale": {"minReplicas": 3}}, "ContainerAppInvalidRevisionSuffix"),
        ({"revisionSuffix": None, "scale": {"minReplicas": 4, "maxReplicas": 3}}, "ContainerAppInvalidScaleSpec"),
    ],
)
def test_what_cannot_be_is_refused(azure: AzureWorld, template: Body, code: str) -> None:
    """A suffix that is there already; fewer at most than at least."""
    path = azure.put("Microsoft.App/containerApps", "llm", **app_body(2, suffix="blue"))["id"]
    body: Body = {"properties": {"template": template}}
    with pytest.raises(Refusal) as caught:
        azure.arm.serve(taken_apart("PATCH", path, {"api-version": "2026-07-01"}, {}, body))
    assert caught.value.code == code


def test_tags_alone_make_no_revision(azure: AzureWorld) -> None:
    """Only the template is versioned."""
    path = azure.put("Microsoft.App/containerApps", "llm", **app_body(2))["id"]
    azure.arm.serve(taken_apart("PATCH", path, {"api-version": "2026-07-01"}, {}, {"tags": {"a": "b"}}))
    assert len(azure.arm.resource(path)["revisions"]) == 1
