from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import POSTGRES, postgres, server, stand_postgres
from tests.azure.world import HERE, THERE, AzureWorld


async def left(azure: AzureWorld, *, fenced: bool = True, **more: Any) -> dict[str, Any]:
    """After a failover: the settings of the former primary, and its upstream's."""
    stand_postgres(azure, "llm")
    if fenced:
        await perform("fence.azure_postgres", postgres(azure, "llm", HERE), within=20)
    there = postgres(azure, "llm", THERE, **more)
    await perform("promote.azure_postgres", there, within=20)
    return postgres(azure, "llm", HERE, upstream=there)


async def test_after_a_switchover_azure_has_made_it_a_replica(azure: AzureWorld) -> None:
    """Its parameter is given back: as a replica it takes no writes anyway."""
    settings = await left(azure)
    result = await perform("reseed.azure_postgres", settings, epoch=8, within=20)
    now = server(azure, "llm", HERE)
    assert result.reason == (f"llm-{HERE} is a replica of llm-{THERE}: Azure has made it one; its fence was lifted.")
    assert now["parameters"]["default_transaction_read_only"] == "off"
    assert now["tags"] == {"team": "llm", "evac-epoch": "8"}


async def test_its_region_comes_back_late(azure: AzureWorld) -> None:
    """While Azure reconfigures it nothing is done but wait."""
    settings = await left(azure)
    replica = server(azure, "llm", HERE)["properties"]["replica"]
    replica["replicationState"] = "Reconfiguring"
    sentence = await refused("reseed.azure_postgres", settings, ErrorType.NOT_YET, within=4)
    assert sentence == f"llm-{HERE} is Ready (Reconfiguring) after 4 s: look at its activity log."


async def test_a_server_of_its_own_is_kept(azure: AzureWorld) -> None:
    """Azure makes no replica of it: nobody's data are destroyed."""
    settings = await left(azure, standalone=True)
    sentence = await refused("reseed.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence == (
        f"llm-{HERE} in eu-west-1 is a server of its own, and Azure makes no replica of it: keep what only it has, "
        "delete it, and say retry: a new replica is made."
    )
    assert server(azure, "llm", HERE)["properties"]["replicationRole"] == "None"


async def test_a_new_replica_is_made_where_there_is_none(azure: AzureWorld) -> None:
    """Its owner has deleted the former one; in a virtual network it gets its subnet."""
    settings = await left(azure, fenced=False, standalone=True)
    where = azure.id_of(POSTGRES, f"llm-{HERE}")
    del azure.arm.resources[where.lower()]
    subnet = f"{where.rpartition('/providers/')[0]}/providers/Microsoft.Network/virtualNetworks/llm/subnets/db"
    result = await perform("reseed.azure_postgres", {**settings, "delegated_subnet": subnet}, within=20)
    made = server(azure, "llm", HERE)
    assert result.reason == f"llm-{HERE} is a replica of llm-{THERE}: it was made anew."
    assert made["location"] == HERE
    assert made["properties"]["network"] == {"delegatedSubnetResourceId": subnet}
    assert made["properties"]["replicationRole"] == "GeoAsyncReplica"
    assert made["tags"] == {"evac-epoch": "7"}


async def test_broken_replication_needs_a_person(azure: AzureWorld) -> None:
    """Azure does not mend it."""
    settings = await left(azure)
    server(azure, "llm", HERE)["properties"]["replica"]["replicationState"] = "Broken"
    sentence = await refused("reseed.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"The replication of llm-{HERE} in eu-west-1 is broken, and Azure does not mend it")


async def test_nothing_follows_a_replica(azure: AzureWorld) -> None:
    """The writer is elsewhere."""
    stand_postgres(azure, "llm")
    settings = postgres(azure, "llm", HERE, upstream=postgres(azure, "llm", THERE))
    sentence = await refused("reseed.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence == f"llm-{THERE} is no primary: nothing can follow it. Look where the writer is."
