"""`evac alerts show`: what fires, and what was made of it."""

import asyncio
import time
import uuid

from runbooks.alerts import Alert, AlertSignal
from runbooks.load import load
from tests.triggers.conftest import Door, end
from triggers import names
from triggers.alarm import hand_over
from worker.settings import Settings

RULE = {"alert": "alertmanager", "match": {"alertname": "RegionDown"}, "from": "{labels.region}"}


def alert(status: str) -> Alert:
    """The source of the tests' world is said to be down, or well again."""
    labels = {"alertname": "RegionDown", "region": "us-east-1"}
    document = {"source": "alertmanager", "name": "prod", "key": "k", "delivery": uuid.uuid4().hex, "status": status}
    more = {"at": time.time(), "received_at": time.time(), "title": "us-east-1 is down", "severity": "critical"}
    return Alert.model_validate({**document, **more, "labels": labels})


async def test_what_fires_is_shown_with_what_was_made_of_it_and_why(door: Door) -> None:
    """The vantage points disagree, so nothing was started; the command that insists stands there."""
    door.world.dead = set()
    read, settings = load(door.file(triggers=[RULE])), Settings(task_queue=door.queue)
    await hand_over(door.client, settings, read, AlertSignal(alerts=(alert("firing"),), proof="bearer token"))
    while not (ran := await door.evac("alerts", "show", door.name, "-o", "json")).document["alerts"]["decisions"]:
        await asyncio.sleep(0.1)
    assert (ran.code, ran.document["alerts"]["decisions"][0]["vetoes"]) == (0, ["unconfirmed"])
    shown = (await door.evac("alerts", "show", door.name)).out
    assert shown.startswith(f"{door.name}  1 alert firing, 1 delivery so far\n")
    assert "VETOED, nothing is started (unconfirmed)" in shown
    told = " ".join(shown.split())
    assert "alertmanager/prod says us-east-1 is down; the vantage points do not confirm it" in told
    assert "`evac failover FILE --from us-east-1 --force`" in told
    of_all = " ".join((await door.evac("status")).out.split())
    assert f"Alerts: {door.name}, 1 alert firing; us-east-1: VETOED, nothing is started (unconfirmed)" in of_all
    mine = [one for one in (await door.evac("status", "-o", "json")).document["alerts"] if one["runbook"] == door.name]
    assert len(mine[0]["state"]["standing"]) == 1
    assert (await door.evac("status", door.name)).out.startswith(f"{door.name}  1 alert firing, 1 delivery so far\n")
    await hand_over(door.client, settings, read, AlertSignal(alerts=(alert("resolved"),), proof="bearer token"))
    assert f"Alerts: {door.name}" not in (await door.evac("status")).out
    await end(door.client, names.alerts_id_of(door.name))


async def test_a_runbook_without_alerts_says_so(lonely_door: Door) -> None:
    """And where to look for those that led to nothing."""
    ran = await lonely_door.evac("alerts", "show", lonely_door.name)
    said = f"no alert for {lonely_door.name} was ever handed over (`evac alerts dead` lists what led to nothing)"
    assert (ran.code, ran.err) == (2, f"evac: {said}\n")
