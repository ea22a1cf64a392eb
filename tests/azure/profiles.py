"""A Traffic Manager profile for tests, as somebody has made it."""

from typing import Any

from tests.azure.arm import Body
from tests.azure.world import AzureWorld

KIND = "Microsoft.Network/trafficmanagerprofiles"


def put_profile(azure: AzureWorld, name: str, method: str = "Weighted", **endpoints: tuple[str, int]) -> Body:
    """Each endpoint with its status and weight; their priorities are in their order."""
    made = [
        _endpoint(azure.id_of(KIND, name), word, number, status)
        for number, (word, status) in enumerate(endpoints.items(), 1)
    ]
    properties = {
        "profileStatus": "Enabled",
        "trafficRoutingMethod": method,
        "dnsConfig": {"relativeName": name, "fqdn": f"{name}.trafficmanager.net", "ttl": 30},
        "monitorConfig": {"protocol": "HTTPS", "port": 443, "path": "/healthz", "profileMonitorStatus": "Online"},
        "endpoints": made,
    }
    return azure.put(KIND, name, location="global", tags={"team": "llm"}, properties=properties)


def endpoints_of(azure: AzureWorld, name: str) -> dict[str, Any]:
    """Each endpoint's status and weight now."""
    found = azure.arm.resource(azure.id_of(KIND, name))["properties"]["endpoints"]
    return {each["name"]: (each["properties"]["endpointStatus"], each["properties"]["weight"]) for each in found}


def _endpoint(profile: str, word: str, number: int, state: tuple[str, int]) -> Body:
    status, weight = state
    kind = "externalEndpoints"
    own = {"target": f"{word}.example.com", "endpointStatus": status, "weight": weight, "priority": number}
    return {
        "id": f"{profile}/{kind}/{word}",
        "name": word,
        "type": f"Microsoft.Network/trafficManagerProfiles/{kind}",
        "properties": {**own, "endpointMonitorStatus": "Online" if status == "Enabled" else "Disabled"},
    }
