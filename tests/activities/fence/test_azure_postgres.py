from pathlib import Path

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import POSTGRES, postgres, server, stand_postgres
from tests.azure.world import HERE, THERE, AzureWorld

_QUICK = {"connect_timeout": 0.5, "read_timeout": 0.5}
_SET = f"{POSTGRES}/configurations/write"


async def test_a_fenced_server_was_restarted_behind_its_parameter(azure: AzureWorld) -> None:
    """What it was before is in a tag, by which it is undone; other tags stay."""
    stand_postgres(azure, "llm")
    result = await perform("fence.azure_postgres", postgres(azure, "llm", HERE), within=20)
    now = server(azure, "llm", HERE)
    assert result.proved
    assert result.reason == f"llm-{HERE} is fenced: its transactions are read-only, and it was restarted behind that."
    assert (now["parameters"]["default_transaction_read_only"], now["restarts"]) == ("on", 1)
    assert (now["tags"]["team"], now["tags"]["evac-fence-of"], now["tags"]["evac-epoch"]) == ("llm", "off", "7")
    undone = await perform("fence.azure_postgres.undo", postgres(azure, "llm", HERE), within=20)
    now = server(azure, "llm", HERE)
    assert undone.changed
    assert now["parameters"]["default_transaction_read_only"] == "off"
    assert now["tags"] == {"team": "llm", "evac-epoch": "7"}


async def test_a_region_whose_control_plane_is_silent_is_no_proof(azure: AzureWorld) -> None:
    """Refusing or hanging: the recovery goes on, and a person or a policy says whether it may."""
    stand_postgres(azure, "llm")
    for mode in ("refuse", "hang"):
        azure.bend(f"@{HERE}", mode)
        result = await perform("fence.azure_postgres", {**postgres(azure, "llm", HERE), **_QUICK}, within=20)
        azure.straighten()
        assert (result.changed, result.proved) == (False, False)
        assert result.reason.startswith("It could not be fenced in eu-west-1, and may still take writes.")


async def test_what_stays_apart_is_not_proved_to_take_no_writes(azure: AzureWorld) -> None:
    """With `standalone` nothing makes a replica of it, and a client may ask for READ WRITE: a person decides."""
    stand_postgres(azure, "llm")
    settings = postgres(azure, "llm", HERE, standalone=True)
    result = await perform("fence.azure_postgres", settings, within=20)
    again = await perform("fence.azure_postgres", settings, within=20)
    assert [(one.changed, one.proved) for one in (result, again)] == [(True, False), (False, False)]
    assert "but for a client that asks for READ WRITE itself" in result.reason
    server(azure, "llm", HERE)["properties"]["state"] = "Stopped"
    assert (await perform("fence.azure_postgres", settings, within=20)).proved


async def test_a_replica_needs_no_fence(azure: AzureWorld) -> None:
    """It takes no writes."""
    stand_postgres(azure, "llm")
    result = await perform("fence.azure_postgres", postgres(azure, "llm", THERE), within=20)
    assert (result.changed, result.proved) == (False, True)
    assert result.reason == f"llm-{THERE} is a replica: it takes no writes."


async def test_a_stopped_server_takes_no_writes(azure: AzureWorld) -> None:
    """It is said how long that lasts."""
    stand_postgres(azure, "llm")
    server(azure, "llm", HERE)["properties"]["state"] = "Stopped"
    result = await perform("fence.azure_postgres", postgres(azure, "llm", HERE), within=20)
    assert (result.changed, result.proved) == (False, True)
    assert "after seven days" in result.reason


async def test_an_operation_that_fails_leaves_no_proof(azure: AzureWorld) -> None:
    """The parameter could not be set: that is said with Azure's own words, and the next attempt goes on."""
    stand_postgres(azure, "llm")
    settings = postgres(azure, "llm", HERE)
    where = azure.id_of(POSTGRES, f"llm-{HERE}")
    await perform("fence.azure_postgres.check", settings, within=20)
    azure.arm.fail_next(where, "Canceled", "The operation was canceled by a user.")
    sentence = await refused("fence.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert "canceled by a user" in sentence
    assert (await perform("fence.azure_postgres", settings, within=20)).proved


async def test_a_fence_of_a_newer_decision_is_left(azure: AzureWorld) -> None:
    """An undo that comes late lifts nothing."""
    stand_postgres(azure, "llm")
    settings = postgres(azure, "llm", HERE)
    await perform("fence.azure_postgres", settings, epoch=8, within=20)
    sentence = await refused("fence.azure_postgres.undo", settings, ErrorType.STALE_EPOCH, epoch=7, within=20)
    assert sentence.startswith(f"llm-{HERE} in eu-west-1 was changed by decision 8")


async def test_a_worker_that_dies_while_the_parameter_is_set(azure: AzureWorld, tmp_path: Path) -> None:
    """Without its heartbeat the next one waits until the server is Ready, and sets nothing again."""
    stand_postgres(azure, "llm")
    settings = postgres(azure, "llm", HERE)
    azure.arm.looks = 4
    await Attempt("fence.azure_postgres", settings).killed_when(lambda: _SET in azure.asked(), tmp_path)
    result = await Attempt("fence.azure_postgres", settings).run(tmp_path)
    assert result.proved
    assert azure.asked(changes=True).count(_SET) == 1
