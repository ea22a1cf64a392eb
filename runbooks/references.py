"""How a secret is named, in each of the ways that there are. Pure.

env://NAME                                            the environment of the worker
file:///path                                          a file on the worker's machine
aws-secretsmanager://REGION/NAME[?version=V][#KEY]    AWS Secrets Manager; NAME may be an ARN; V is a stage or an id;
                                                      KEY is one of those of a secret that is a JSON object
aws-ssm://REGION/NAME[?version=V]                     a parameter of AWS Systems Manager: `prod/db` is `/prod/db`
azure-keyvault://VAULT/NAME[/VERSION][#KEY]           Azure Key Vault; VAULT is its name, or its host where that ends
                                                      otherwise than in vault.azure.net
"""

import re
from dataclasses import dataclass

SCHEMES = ("env", "file", "aws-secretsmanager", "aws-ssm", "azure-keyvault")
_ON_AWS = re.compile(
    r"(?P<scheme>aws-secretsmanager|aws-ssm)://(?P<region>[a-z]{2}(-[a-z0-9]+)+-[0-9])/(?P<name>[\w/+=.@:-]+)"
    r"(\?version=(?P<version>[\w./:-]+))?(#(?P<key>.+))?"
)


@dataclass(frozen=True)
class OnAws:
    """A secret that AWS keeps."""

    reference: str
    scheme: str
    region: str
    name: str
    version: str | None
    key: str | None

    @property
    def arn(self) -> str:
        """What a policy names: an unknown account is `*`, and Secrets Manager adds six characters to a name."""
        if self.name.startswith("arn:"):
            return self.name
        if self.scheme == "aws-ssm":
            return f"arn:aws:ssm:{self.region}:*:parameter/{self.name.lstrip('/')}"
        return f"arn:aws:secretsmanager:{self.region}:*:secret:{self.name}-??????"

    @property
    def permission(self) -> str:
        """What reading it needs; one that is encrypted with a key of one's own needs `kms:Decrypt` besides."""
        return "ssm:GetParameter" if self.scheme == "aws-ssm" else "secretsmanager:GetSecretValue"


def on_aws(reference: str) -> OnAws | None:
    """The parts of a reference to AWS; None when it is another one, or none at all."""
    found = _ON_AWS.fullmatch(reference)
    if found is None or (found["scheme"] == "aws-ssm" and found["key"]):
        return None
    name = found["name"]
    if found["scheme"] == "aws-ssm" and "/" in name and not name.startswith(("/", "arn:")):
        name = f"/{name}"  # a name with a path must begin at the root, and a plain one must not
    return OnAws(reference, found["scheme"], found["region"], name, found["version"], found["key"])


_IN_VAULT = re.compile(
    r"azure-keyvault://(?P<vault>[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9])"
    r"(?P<cloud>\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net))?/(?P<name>[A-Za-z0-9-]{1,127})"
    r"(/(?P<version>[0-9a-f]{32}))?(#(?P<key>.+))?"
)
READ_VAULT = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
"""The permission that reading a secret needs: one on data, at the vault."""


@dataclass(frozen=True)
class InVault:
    """A secret that Azure Key Vault keeps."""

    reference: str
    vault: str
    url: str
    name: str
    version: str | None
    key: str | None


def in_vault(reference: str) -> InVault | None:
    """The parts of a reference to Azure Key Vault; None when it is another one, or none at all."""
    found = _IN_VAULT.fullmatch(reference)
    if found is None:
        return None
    url = f"https://{found['vault']}{found['cloud'] or '.vault.azure.net'}"
    return InVault(reference, found["vault"], url, found["name"], found["version"], found["key"])


def is_remote(text: str) -> bool:
    """It names a secret that a cloud keeps."""
    return on_aws(text) is not None or in_vault(text) is not None


_KMS = re.compile(
    r"awskms:///(?P<arn>arn:aws[a-z-]*:kms:(?P<home>[a-z0-9-]+):[0-9]{12}:(key|alias)/[\w/-]+)"
    r"|awskms://(?P<region>[a-z]{2}(-[a-z0-9]+)+-[0-9])/(?P<name>(alias/)?[\w/-]+)"
)


@dataclass(frozen=True)
class KmsKey:
    """A key of AWS KMS, by its ARN, or by its region and its id or alias. No secret: it never leaves KMS."""

    region: str
    name: str


def kms_key(reference: str) -> KmsKey | None:
    """`awskms:///ARN` or `awskms://REGION/alias/NAME`; None when it is neither."""
    found = _KMS.fullmatch(reference)
    return KmsKey(found["home"] or found["region"], found["arn"] or found["name"]) if found else None


def is_reference(text: str) -> bool:
    """It names a secret."""
    scheme, separator, rest = text.partition("://")
    if not separator or not rest or scheme not in SCHEMES:
        return False
    return scheme in {"env", "file"} or is_remote(text)


def why_none(text: str) -> str:
    """The sentence that says how a secret is given; the text is never repeated, as it may be the secret itself."""
    scheme = text.partition("://")[0]
    if scheme == "aws-secretsmanager":
        return "a secret of AWS is given as aws-secretsmanager://REGION/NAME, with ?version= and then #KEY if need be"
    if scheme == "aws-ssm":
        return "a parameter of AWS is given as aws-ssm://REGION/NAME, with ?version= if need be"
    if scheme == "azure-keyvault":
        return "a secret of Azure is given as azure-keyvault://VAULT/NAME, with /VERSION and then #KEY if need be"
    known = ", ".join(f"{name}://" for name in SCHEMES)
    return f"a secret is given by reference ({known}), never by value"
