"""The fake of PostgreSQL flexible servers refuses what the service would, and moves what a promotion moves."""

import time
from datetime import UTC, datetime

import pytest

from tests.azure.arm import Answer, Body, Refusal, taken_apart
from tests.azure.databases import POSTGRES, server, servers, stand_backups, stand_postgres
from tests.azure.world import HERE, THERE, AzureWorld


def asked(azure: AzureWorld, method: str, region: str, body: Body, tail: str = "") -> Answer:
    """One request to that region's server."""
    path = azure.id_of(POSTGRES, f"llm-{region}", region=region)
    return azure.arm.serve(taken_apart(method, f"{path}{tail}", {"api-version": "2026-10-01"}, {}, body))


def promotion(mode: str = "Switchover", option: str = "Forced") -> Body:
    """A PATCH that promotes."""
    return {"properties": {"replica": {"promoteMode": mode, "promoteOption": option}}}


def ended(azure: AzureWorld) -> None:
    """Whatever goes on comes to its end."""
    for operation in azure.arm.operations.values():
        while not operation.over:
            operation.look()


@pytest.mark.parametrize(
    ("region", "body", "code"),
    [
        (HERE, promotion(), "InvalidPromoteTarget"),
        (THERE, promotion("Sideways"), "InvalidParameterValue"),
        (THERE, {"properties": {"surprise": 1}}, "InvalidRequestContent"),
        (THERE, {"surprise": 1}, "InvalidRequestContent"),
    ],
)
def test_what_cannot_be_is_refused(azure: AzureWorld, region: str, body: Body, code: str) -> None:
    """A primary is no target; what is unknown is no part of a server."""
    stand_postgres(azure, "llm")
    with pytest.raises(Refusal) as caught:
        asked(azure, "PATCH", region, body)
    assert caught.value.code == code


def test_a_switchover_wants_a_virtual_endpoint(azure: AzureWorld) -> None:
    """Standalone does not."""
    stand_postgres(azure, "llm", endpoint=False)
    with pytest.raises(Refusal) as caught:
        asked(azure, "PATCH", THERE, promotion())
    assert caught.value.code == "VirtualEndpointRequired"
    assert asked(azure, "PATCH", THERE, promotion("Standalone")).status == 202


def test_both_servers_are_busy_until_it_ends(azure: AzureWorld) -> None:
    """Neither takes another change; then their roles and the endpoints have changed places."""
    stand_postgres(azure, "llm")
    asked(azure, "PATCH", THERE, promotion())
    for region in (HERE, THERE):
        with pytest.raises(Refusal) as caught:
            asked(azure, "PATCH", region, {"tags": {}})
        assert caught.value.code == "ServerIsBusy"
    ended(azure)
    roles = [server(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE)]
    endpoints = asked(azure, "GET", THERE, {}, "/virtualendpoints").body
    assert roles == ["GeoAsyncReplica", "Primary"]
    assert endpoints is not None
    assert [one["name"] for one in endpoints["value"]] == ["llm"]


def test_only_a_forced_promotion_does_without_the_primary(azure: AzureWorld) -> None:
    """In an outage its state does not matter."""
    stand_postgres(azure, "llm")
    server(azure, "llm", HERE)["properties"]["state"] = "Inaccessible"
    with pytest.raises(Refusal) as caught:
        asked(azure, "PATCH", THERE, promotion(option="Planned"))
    assert caught.value.code == "ServerIsBusy"
    assert asked(azure, "PATCH", THERE, promotion()).status == 202


def restoring(mode: str, ago: float, **more: str) -> Body:
    """A PUT that restores the primary, as it was so many seconds ago."""
    point = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    source = {"sourceServerResourceId": f"SOURCE-{HERE}", "pointInTimeUTC": point}
    return {"properties": {"createMode": mode, **source, **more}}


@pytest.mark.parametrize(
    ("region", "body", "code"),
    [
        (THERE, restoring("PointInTimeRestore", 60), "InvalidParameterValue"),
        (HERE, restoring("GeoRestore", 60), "InvalidParameterValue"),
        (HERE, restoring("PointInTimeRestore", 30 * 86400), "InvalidPointInTimeUTC"),
        (HERE, restoring("PointInTimeRestore", -86400), "InvalidPointInTimeUTC"),
        (HERE, restoring("PointInTimeRestore", 60, surprise="1"), "NotInTheFake"),
        (THERE, restoring("GeoRestore", 60), "GeoRestoreNotEnabled"),
    ],
)
def test_only_what_is_kept_is_restored(azure: AzureWorld, region: str, body: Body, code: str) -> None:
    """In its own region by one mode and elsewhere by the other, within what there is."""
    stand_postgres(azure, "llm")
    stand_backups(azure, "llm", geo="Disabled")
    assert _restored(azure, region, body) == code


def _restored(azure: AzureWorld, region: str, body: Body) -> str:
    """The code of its refusal."""
    source = server(azure, "llm", HERE)["id"]
    whole = {"location": region, "properties": {**body["properties"], "sourceServerResourceId": source}}
    path = azure.id_of(POSTGRES, "aside", region=region)
    with pytest.raises(Refusal) as caught:
        azure.arm.serve(taken_apart("PUT", path, {"api-version": "2026-10-01"}, {}, whole))
    return caught.value.code


def test_a_server_with_replicas_is_not_deleted(azure: AzureWorld) -> None:
    """The replica itself is, and then the primary could be."""
    stand_postgres(azure, "llm")
    with pytest.raises(Refusal) as caught:
        asked(azure, "DELETE", HERE, {})
    assert caught.value.code == "ServerHasReplicas"
    asked(azure, "DELETE", THERE, {})
    ended(azure)
    assert servers(azure) == [f"llm-{HERE}"]
