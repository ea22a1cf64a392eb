"""The fake of DNS zones and Traffic Manager takes what Azure would, and nothing else."""

from typing import Any

import pytest

from tests.azure.asking import ask, refused
from tests.azure.fakes.network import Network
from tests.azure.profiles import KIND, put_profile
from tests.azure.world import AzureWorld

DNS, TRAFFIC = "2018-05-01", "2026-09-01"
GOOD = {"properties": {"TTL": 60, "ARecords": [{"ipv4Address": "192.0.2.1"}]}}


@pytest.fixture
def record(azure: AzureWorld) -> str:
    """Where a record set of a zone is, that is not there yet."""
    azure.put("Microsoft.Network/dnsZones", "example.com", location="global")
    return azure.id_of("Microsoft.Network/dnsZones/A", "example.com", "api")


def test_a_record_set_is_changed_only_as_it_was_read(azure: AzureWorld, record: str) -> None:
    """By its ETag, or when it must not be there yet."""
    assert refused(azure, "PUT", record, DNS, GOOD, if_match="any") == 412
    made = ask(azure, "PUT", record, DNS, GOOD, if_none_match="*")
    assert made.status == 201
    assert refused(azure, "PUT", record, DNS, GOOD, if_none_match="*") == 412
    old = azure.arm.resource(record)["etag"]
    assert ask(azure, "PUT", record, DNS, GOOD, if_match=old).status == 200
    assert refused(azure, "PUT", record, DNS, GOOD, if_match=old) == 412


@pytest.mark.parametrize(
    "properties",
    [
        {"TTL": 60, "ARecords": [{"ipv4Address": "2001:db8::1"}]},
        {"TTL": 60, "ARecords": [{"ipv4Address": "example.com"}]},
        {"TTL": 0, "ARecords": []},
        {"TTL": 60, "CNAMERecord": {"cname": "example.com"}},
        {"ttl": 60},
    ],
)
def test_a_record_set_that_is_none_is_refused(azure: AzureWorld, record: str, properties: dict[str, Any]) -> None:
    """Another family, no time to live, another type, a key that there is not."""
    assert refused(azure, "PUT", record, DNS, {"properties": properties}) == 400


def test_what_is_not_there(azure: AzureWorld, record: str) -> None:
    """A record set; and a zone."""
    assert refused(azure, "GET", record, DNS) == 404
    assert refused(azure, "GET", record.replace("example.com", "none.com"), DNS) == 404
    assert refused(azure, "DELETE", record, DNS) == 501


def test_an_endpoint_is_probed_after_it_was_enabled(azure: AzureWorld) -> None:
    """It is being checked at first, then well or dead; a disabled one is never probed."""
    put_profile(azure, "llm", old=("Enabled", 1), new=("Disabled", 1))
    path = azure.id_of(KIND, "llm")

    def seen() -> list[str]:
        answer = ask(azure, "GET", path, TRAFFIC).body
        assert answer is not None
        return [one["properties"]["endpointMonitorStatus"] for one in answer["properties"]["endpoints"]]

    assert seen() == ["Online", "Disabled"]
    azure.arm.provider(Network).dead.add("new")
    profile = azure.arm.resource(path)
    endpoints = [{**one, "properties": {**one["properties"]}} for one in profile["properties"]["endpoints"]]
    endpoints[1]["properties"]["endpointStatus"] = "Enabled"
    body = {"location": "global", "properties": {**profile["properties"], "endpoints": endpoints}}
    assert ask(azure, "PUT", path, TRAFFIC, body).status == 200
    assert [seen()[1] for _ in range(3)] == ["CheckingEndpoint", "CheckingEndpoint", "Degraded"]


@pytest.mark.parametrize("change", [{"weight": 0}, {"weight": 1001}, {"endpointStatus": "On"}])
def test_a_profile_that_is_none_is_refused(azure: AzureWorld, change: dict[str, Any]) -> None:
    """Weights are from 1 to 1000."""
    found = put_profile(azure, "llm", old=("Enabled", 1))
    found["properties"]["endpoints"][0]["properties"] |= change
    body = {"location": "global", "properties": found["properties"]}
    assert refused(azure, "PUT", azure.id_of(KIND, "llm"), TRAFFIC, body) == 400


def test_two_endpoints_cannot_have_the_same_priority(azure: AzureWorld) -> None:
    """By priority routing."""
    found = put_profile(azure, "llm", "Priority", old=("Enabled", 1), new=("Enabled", 1))
    found["properties"]["endpoints"][1]["properties"]["priority"] = 1
    body = {"location": "global", "properties": found["properties"]}
    assert refused(azure, "PUT", azure.id_of(KIND, "llm"), TRAFFIC, body) == 400
