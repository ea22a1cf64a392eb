"""Starts a former primary so that only the administrator can look at it: for salvage, never as a second writer."""

from datetime import UTC, datetime

from lab.database_look import look
from lab.disk import rebuilding, role_on_disk
from lab.errors import RefusedError
from lab.postgres_conf import fenced_hba, fenced_settings
from lab.postgres_programs import Programs, Say
from lab.postgres_servers import Servers
from lab.topology import Lab, LabRegion


async def isolate(lab: Lab, region: LabRegion, epoch: int, say: Say) -> str:
    """Do it, and say so. Raises LabError, also for a standby and for a primary that takes writes."""
    pgdata = lab.pgdata(region.name)
    here = await look(lab.dsn(region.name, dbname="postgres"))
    if here is not None and here.writable:
        message = f"{region.database} is a primary that takes writes: fence it first."
        raise RefusedError(message)
    if here is not None and not here.standby:
        return "It is up and fenced already."
    if rebuilding(pgdata).exists() or role_on_disk(pgdata).role != "primary":
        message = f"{region.database} is no former primary any more: nothing of its own is left to look at."
        raise RefusedError(message)
    programs, servers = Programs(lab, region.name), Servers(lab)
    await servers.stop(region)  # one that lives and does not answer
    auto, hba = pgdata / "postgresql.auto.conf", pgdata / "pg_hba.conf"
    programs.write(auto, fenced_settings(auto.read_text()))
    programs.write(hba, fenced_hba(hba, epoch, datetime.now(UTC).isoformat()))
    say("it is started, fenced")
    await servers.start(region, fenced=True)
    return "It is up, and lets in the administrator alone."
