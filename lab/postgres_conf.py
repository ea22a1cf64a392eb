"""What the lab's PostgreSQL servers are told: `postgresql.conf`, `pg_hba.conf`, and the standby's connection."""

from pathlib import Path

from activities.clients.postgres_hba import BEFORE, MARK, header
from lab.topology import ADMIN, APP, DBNAME, REPLICATOR, Lab, LabRegion

_SETTINGS = """
# -- Evac's lab --
unix_socket_directories = ''
wal_log_hints = on                    # pg_rewind can bring a killed primary back
hot_standby = on
wal_retrieve_retry_interval = '100ms' # a promote signal that arrives just before this sleep waits for its end
wal_keep_size = '256MB'               # instead of slots: the slot of a dead standby keeps WAL for ever
wal_sender_timeout = '5s'
wal_receiver_timeout = '5s'
wal_receiver_status_interval = '1s'
max_wal_senders = 8
max_connections = 60
shared_buffers = '16MB'
min_wal_size = '32MB'
max_wal_size = '256MB'
dynamic_shared_memory_type = mmap     # in the data directory: a killed server leaves nothing elsewhere
password_encryption = 'scram-sha-256'
"""

_OWN = (
    "primary_conninfo",
    "primary_slot_name",
    "synchronous_standby_names",
    "default_transaction_read_only",
    "recovery_",
)

SCRATCH_HBA = f"host all {ADMIN} 127.0.0.0/8 scram-sha-256\n"

HBA = f"""# Evac's lab: its three users by password from this machine, and nobody else.
host  all          {ADMIN}       127.0.0.0/8  scram-sha-256
host  {DBNAME}          {APP}              127.0.0.0/8  scram-sha-256
host  replication  {REPLICATOR}       127.0.0.0/8  scram-sha-256
"""


def configure(pgdata: Path) -> None:
    """Give a fresh data directory the lab's settings; base backups inherit them."""
    with (pgdata / "postgresql.conf").open("a") as file:
        file.write(_SETTINGS)
    (pgdata / "pg_hba.conf").write_text(HBA)


def server_argv(lab: Lab, region: LabRegion) -> list[str]:
    """How a region's server is started.

    What belongs to the region is on the command line, where neither a base backup nor a rewind can overwrite it.
    """
    return [
        str(lab.binaries / "postgres"),
        "-D",
        str(lab.pgdata(region.name)),
        f"--listen_addresses={region.address}",
        f"--port={region.postgres_port}",
        f"--cluster_name={region.database}",
    ]


def primary_conninfo(region: LabRegion, host: str, port: int, passfile: Path) -> str:
    """How a region's standby follows the primary; its name there is the same as everywhere."""
    return (
        f"host={host} port={port} user={REPLICATOR} passfile={passfile} "
        f"application_name={region.database} connect_timeout=2 sslmode=disable gssencmode=disable"
    )


def follower_settings(auto_conf: str, conninfo: str) -> str:
    """The same postgresql.auto.conf for a standby: without what belongs to a primary, a fence or another standby."""
    kept = [line for line in auto_conf.splitlines() if not line.startswith(_OWN)]
    return "\n".join([*kept, f"primary_conninfo = '{conninfo}'", ""])


def copied_settings(auto_conf: str) -> str:
    """The same postgresql.auto.conf for a copy aside, which follows nobody."""
    return "".join(f"{line}\n" for line in auto_conf.splitlines() if not line.startswith(_OWN))


def scratch_argv(lab: Lab, region: LabRegion, pgdata: Path, port: int) -> list[str]:
    """How a copy aside is started: no commit waits for anybody (and its pg_hba.conf lets nobody follow it)."""
    return [
        str(lab.binaries / "postgres"),
        "-D",
        str(pgdata),
        f"--listen_addresses={region.address}",
        f"--port={port}",
        f"--cluster_name={region.database}.scratch",
        "--synchronous_standby_names=",
        "--archive_mode=off",
    ]


def fenced_settings(auto_conf: str) -> str:
    """The same postgresql.auto.conf, with every transaction read-only unless it says otherwise."""
    kept = [line for line in auto_conf.splitlines() if not line.startswith("default_transaction_read_only")]
    return "\n".join([*kept, "default_transaction_read_only = 'on'", ""])


def lift_fence(hba: Path) -> str:
    """The pg_hba.conf as it was before a fence; as it is when there is none. The copy beside it is removed."""
    text = hba.read_text()
    before = hba.with_name(f"{hba.name}{BEFORE}")
    if text.startswith(MARK):
        text = before.read_text() if before.exists() else HBA
    before.unlink(missing_ok=True)
    return text


def fenced_hba(hba: Path, epoch: int, at: str) -> str:
    """A pg_hba.conf that lets in the administrator alone; the one before is kept beside it."""
    before = hba.with_name(f"{hba.name}{BEFORE}")
    text = hba.read_text()
    if not text.startswith(MARK):
        before.write_text(text)
    return f"{header(at, epoch, str(hba))}\nhost all {ADMIN} 127.0.0.0/8 scram-sha-256\n"
