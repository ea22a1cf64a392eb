"""What holds data on Azure: the whole suite, in a process of its own when there are several."""

from tests.conformance.acts import *  # noqa: F403
from tests.conformance.looks import *  # noqa: F403

KINDS = ("azure_postgres", "azure_redis", "azure_sql", "azure_storage", "cosmosdb")
