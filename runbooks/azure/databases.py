"""The kinds of resource: databases on Azure, with replicas in other regions."""

from typing import Literal

from pydantic import Field

from runbooks.azure.access import AzureSettings, ResourceId
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Seconds


class AzurePostgresSettings(AzureSettings):
    """An Azure Database for PostgreSQL flexible server in one region: the primary, or a read replica of it.

    A promotion swaps the roles of both. For that Azure wants virtual endpoints whose reader is the replica, and both
    servers of the same tier and storage.
    """

    server: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")
    near: Seconds = Field(default=60.0, gt=0)
    """A standby that is no further behind has the rest in a moment: a planned move may stop the writes then.

    A replica of an idle primary is as far behind in Azure's eyes as its newest transaction is old.
    """
    standalone: bool = False
    """Promote the replica to a server of its own: without virtual endpoints, and with servers that differ.

    The former primary then stays apart. Azure makes no replica of a server that exists: somebody must delete it.
    """
    delegated_subnet: ResourceId | None = None
    """For a new replica here: the subnet, where the servers are in virtual networks."""
    private_dns_zone: ResourceId | None = None
    """For a new replica here, with the subnet."""
    restore_group: str | None = Field(default=None, pattern=r"^[\w.()-]{1,90}$")
    """For a restore test: the resource group in which the backup is restored; None: the server's own.

    Whoever makes servers there deletes them there, too: in a group of its own that right touches nothing else.
    """

    @property
    def server_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.DBforPostgreSQL/flexibleServers", self.server)


class AzureSqlSettings(AzureSettings):
    """A failover group of Azure SQL Database, on the logical server of one region.

    Azure has no command that only stops writes: the fence proves that Azure will demote the former primary, and a
    planned failover moves the writer when nothing is missing. Its control plane does not tell how far it is behind.
    """

    server: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    failover_group: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")

    @property
    def server_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Sql/servers", self.server)

    @property
    def epoch_tag(self) -> str:
        """The server's tag for decisions on this group."""
        return f"evac-epoch-{self.failover_group}"


class CosmosDbSettings(AzureSettings):
    """A Cosmos DB account with one write region, seen in one of its regions.

    The account is one resource: its group is the same in every region. Azure has no command that only stops writes: the
    fence proves that Azure will make a read region of the former write region.
    """

    account: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=50)

    @property
    def account_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.DocumentDB/databaseAccounts", self.account)


class AzureStorageSettings(AzureSettings):
    """A geo-redundant storage account, seen in one of its two regions.

    The account is one resource: its group is the same in both regions. Azure has no command that only stops writes; it
    takes them in one region alone.
    """

    account: str = Field(pattern=r"^[a-z0-9]{3,24}$")
    sku: Literal["Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"] = "Standard_RAGRS"
    """What it becomes again in a reseed: a forced failover leaves it in one region."""

    @property
    def account_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Storage/storageAccounts", self.account)


class AzureRedisSettings(AzureSettings):
    """A cache of Azure Cache for Redis (Premium), geo-replicated (passively) with the one of the other region.

    Azure has one failover, which makes the primary of the secondary, and a secondary of the former primary; it wants
    caches of one size. It has no command that only stops writes (access keys cannot be disabled while caches are
    linked): the fence proves that Azure will demote the former primary. A planned move cannot promise that nothing is
    lost: before the promotion it waits until replication is quick, and then for a person, who skips that step when the
    cache may lose its last moments.
    """

    cache: str = Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=63)
    near: Seconds = Field(default=15.0, gt=0)
    """Replication that lags no more than this is quick."""

    @property
    def cache_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Cache/redis", self.cache)


def _handed(name: str, settings: type[AzureSettings], *identity: str) -> Kind:
    """What Azure moves in one operation, in each region another one by its `identity`."""
    verbs = frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED})
    return Kind(name, verbs, settings, abilities=frozenset({"metered"}), identity=identity, name_of=identity[-1:])


KINDS: tuple[Kind, ...] = (
    _handed("azure_redis", AzureRedisSettings, "cache"),
    _handed("azure_sql", AzureSqlSettings, "server"),
    _handed("azure_storage", AzureStorageSettings, "account", "azure_region"),
    _handed("cosmosdb", CosmosDbSettings, "account", "azure_region"),
    Kind(
        "azure_postgres",
        frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED, Verb.RESTORE}),
        AzurePostgresSettings,
        abilities=frozenset({"metered"}),
        identity=("server",),
        name_of=("server",),
        undoes=frozenset({Verb.FENCE}),
    ),
)
