"""How Azure is reached: what every kind, check and step on Azure has in its settings."""

from typing import Annotated

from pydantic import Field

from runbooks.values import Model, Seconds

_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
Uuid = Annotated[str, Field(pattern=_UUID)]
ResourceId = Annotated[str, Field(pattern=r"^/subscriptions/[0-9a-fA-F-]{36}/.+[^/]$")]
"""An ARM resource's whole id."""


class AzureSettings(Model):
    """A resource group in one subscription of Azure, and as whom it is asked.

    Credentials are those of azure-identity's DefaultAzureCredential, of which the worker's environment must name one
    (`AZURE_TOKEN_CREDENTIALS`, such as ManagedIdentityCredential or WorkloadIdentityCredential): none is guessed.
    """

    subscription: Uuid
    resource_group: str = Field(pattern=r"^[\w.()-]{1,90}$")
    azure_region: str = Field(pattern=r"^[a-z][a-z0-9]+$", description="such as westeurope")
    identity: Uuid | None = None
    """The client id of the user-assigned managed identity; None: the one that the worker has."""
    endpoint: str = Field(
        default="https://management.azure.com",
        pattern=r"^(https://[^\s/]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)$",
    )
    """Azure Resource Manager's; another one in a sovereign cloud. Tokens are never sent without TLS beyond loopback."""
    connect_timeout: Seconds = Field(default=2.0, gt=0)
    read_timeout: Seconds = Field(default=10.0, gt=0)

    @property
    def group_id(self) -> str:
        """The resource group's id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    def id_of(self, kind: str, *names: str) -> str:
        """The id of what is in the group: `id_of("Microsoft.DBforPostgreSQL/flexibleServers/databases", "a", "b")`."""
        namespace, *types = kind.split("/")
        pairs = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"{self.group_id}/providers/{namespace}/{pairs}"
