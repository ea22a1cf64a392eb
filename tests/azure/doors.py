"""A Front Door for tests, as somebody has made it."""

from tests.azure.world import AzureWorld

KIND = "Microsoft.Cdn/profiles"
GROUP = "llm"


def put_door(azure: AzureWorld, name: str, **origins: str) -> None:
    """A profile, an origin group, and each origin with its state."""
    sku = {"name": "Standard_AzureFrontDoor"}
    azure.put(KIND, name, location="global", sku=sku, tags={"team": "llm"})
    azure.put(f"{KIND}/originGroups", name, GROUP)
    for word, state in origins.items():
        properties = {
            "hostName": f"{word}.example.com",
            "enabledState": state,
            "priority": 1,
            "weight": 1000,
            "deploymentStatus": "NotStarted",
        }
        azure.put(f"{KIND}/originGroups/origins", name, GROUP, word, properties=properties)


def states(azure: AzureWorld, name: str, *words: str) -> tuple[str, ...]:
    """Each origin's state now."""
    ids = (azure.id_of(f"{KIND}/originGroups/origins", name, GROUP, word) for word in words or ("old", "new"))
    return tuple(str(azure.arm.resource(path)["properties"]["enabledState"]) for path in ids)
