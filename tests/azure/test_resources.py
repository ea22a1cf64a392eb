"""The fake of deployments refuses what Azure would, and knows what would change."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.azure.arm import Answer, Refusal, taken_apart
from tests.azure.templates import SCALE_SET, written
from tests.azure.world import AzureWorld

_VERSION = {"api-version": "2026-06-01"}


def _asked(azure: AzureWorld, folder: Path, method: str = "PUT", tail: str = "", **more: Any) -> Answer:
    template = json.loads(Path(written(folder)).read_text())
    properties = {"mode": "Incremental", "template": template, "parameters": {"standbySize": {"value": 2}}, **more}
    path = azure.id_of("Microsoft.Resources/deployments", "standby") + tail
    return azure.arm.serve(taken_apart(method, path, _VERSION, {}, {"properties": properties}))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"mode": "complete"}, "InvalidRequestContent"),
        ({"template": {"resources": []}}, "InvalidTemplate"),
        ({"parameters": {}}, "InvalidTemplate"),
        ({"parameters": {"standbySize": {"value": 1}, "colour": {"value": 1}}}, "InvalidTemplate"),
    ],
)
def test_what_cannot_be_is_refused(azure: AzureWorld, tmp_path: Path, more: dict[str, Any], code: str) -> None:
    """And nothing is deployed."""
    with pytest.raises(Refusal) as caught:
        _asked(azure, tmp_path, **more)
    assert caught.value.code == code


def test_one_deployment_of_a_name_at_a_time(azure: AzureWorld, tmp_path: Path) -> None:
    """The second is refused while the first goes on; what-if changes nothing and is not."""
    _asked(azure, tmp_path)
    with pytest.raises(Refusal) as caught:
        _asked(azure, tmp_path)
    assert caught.value.code == "DeploymentActive"
    settings = {"whatIfSettings": {"resultFormat": "FullResourcePayloads"}}
    answer = _asked(azure, tmp_path, "POST", "/whatIf", **settings)
    assert (answer.status, "/operationresults/" in answer.headers["Location"]) == (202, True)
    assert azure.id_of(SCALE_SET, "llm").lower() not in azure.arm.resources
