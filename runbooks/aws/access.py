"""How AWS is reached: what every kind, check and step on AWS has in its settings."""

from typing import Annotated

from pydantic import Field

from runbooks.values import Model, Seconds, SecretRef

_ENDPOINT = r"^https?://[^\s]+$"
Endpoint = Annotated[str, Field(pattern=_ENDPOINT)]


class AwsSettings(Model):
    """A region of AWS, and as whom it is asked.

    The region is always said: nothing is taken from the environment of whoever starts a worker. Credentials come
    from boto3's own chain (environment, profile, instance or pod), and from there into `role`, when there is one.
    """

    aws_region: str = Field(pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$", description="such as us-east-1")
    role: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")
    """A role to take on, in this account or another; its session is named after the run."""
    external_id: SecretRef | None = None
    """What the role's trust policy demands besides."""
    profile: str | None = None
    """A profile of the worker's AWS configuration, in place of the default one."""
    endpoint: Endpoint | None = None
    """Where every service is asked, in place of AWS's public addresses."""
    endpoints: dict[str, Endpoint] = {}
    """The same for single services, by boto3's name of them: VPC endpoints, for one."""
    connect_timeout: Seconds = Field(default=2.0, gt=0)
    read_timeout: Seconds = Field(default=10.0, gt=0)
