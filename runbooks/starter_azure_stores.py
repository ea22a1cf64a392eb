"""What a first runbook says of each kind of database on Azure; `starter_parts.py` says what its words stand for."""

from runbooks.starter_part import Part, What

_COMMON = """\
subscription: 11111111-2222-3333-4444-555555555555 # yours
read_timeout: 10s # how long Azure may take for one answer
# identity: 11111111-2222-3333-4444-555555555555 # the client id of a user-assigned managed identity
"""
_REGIONAL = """\
azure_region: westeurope # Azure's name of $region
resource_group: "$place"
"""

_POSTGRES = Part(
    "azure_postgres",
    What.DATABASE,
    "The data, in PostgreSQL flexible servers: the old primary is fenced, and changes places with its replica.",
    f"{_COMMON}# standalone: true # promote without virtual endpoints: the former primary then stays apart\n",
    f'{_REGIONAL}server: "$place"\n',
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 5432} # a name of yours for each server\n',
)

_REDIS = Part(
    "azure_redis",
    What.DATABASE,
    "The cache, in Azure Cache for Redis (Premium) with passive geo-replication: Azure swaps the two caches.",
    _COMMON,
    f'{_REGIONAL}cache: "$place"\n',
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 6380} # a name of yours for each cache\n',
)

_SQL = Part(
    "azure_sql",
    What.DATABASE,
    "The data, in a failover group of Azure SQL: Azure moves the writer, and makes a secondary of the former one.",
    f'{_COMMON}failover_group: "$name"\n',
    f'{_REGIONAL}server: "$place"\n',
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 1433} # a name of yours for each server\n',
)

_COSMOS = Part(
    "cosmosdb",
    What.DATABASE,
    "The data, in a Cosmos DB account with one write region: Azure moves it to another region.",
    f'{_COMMON}account: rows # yours: one for all regions\nresource_group: "$name"\n',
    "azure_region: region$number # Azure's name of $region, such as westeurope: Cosmos DB has one account for all\n",
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 443} # a name of yours for each region\n',
)

_STORAGE = Part(
    "azure_storage",
    What.DATABASE,
    "The files, in a geo-redundant storage account: Azure swaps its two regions.",
    f'{_COMMON}account: files # yours, of small letters and digits: one for both regions\nresource_group: "$name"\n',
    "azure_region: region$number # Azure's name of $region, such as westeurope: one of the account's pair\n",
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 443} # a name of yours for each region\n',
)

PARTS = (_POSTGRES, _REDIS, _SQL, _STORAGE, _COSMOS)
"""Every database on Azure that a first runbook can have."""
