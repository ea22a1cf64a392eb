"""What a runbook says of Terraform: standby capacity that a configuration holds, and steps of its own."""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Model, Seconds, SecretRef

_NAME = r"^[A-Za-z_][A-Za-z0-9_-]*$"


class Backend(Model):
    """Where the state is kept: never in a working copy, since any worker may have to go on with it.

    `config` and `secrets` are what `-backend-config` takes of that backend; a lock is configured here too, such as
    `use_lockfile: true` or `dynamodb_table` of s3. It overrides the backend that the configuration names.
    """

    type: Literal["s3", "azurerm", "gcs", "local"]
    config: dict[str, JsonValue] = Field(min_length=1)
    secrets: dict[str, SecretRef] = {}


class Hcp(Model):
    """A workspace of HCP Terraform, or of Terraform Enterprise: its runs plan and apply there, its policies hold."""

    organization: str = Field(min_length=1)
    workspace: str = Field(min_length=1)
    token: SecretRef
    address: str = "https://app.terraform.io"
    every: Seconds = Field(default=1.0, gt=0)
    """Between two looks at a run: HCP takes 30 requests a second."""


class TerraformSettings(Model):
    """A root module, its state, and what it is given."""

    hcp: Hcp | None = None
    """In place of `directory` and `backend`: the workspace's own configuration and state."""
    directory: str = ""
    """The root module, on the worker's machine. It is copied for each step and never written to."""
    root: str | None = None
    """The folder that is copied, when modules lie beside `directory`; None: `directory` alone."""
    program: str = "terraform"
    """A name on the worker's PATH, or a path: `tofu` works as well."""
    backend: Backend | None = None
    workspace: str = "default"
    variables: dict[str, JsonValue] = {}
    var_files: tuple[str, ...] = ()
    """In `directory`, later ones win; `{region}`, `{runbook}` and `{workspace}` are filled in. `variables` win."""
    secret_variables: dict[str, SecretRef] = {}
    """Given as TF_VAR_<name>."""
    env: dict[str, str] = {}
    secrets: dict[str, SecretRef] = {}
    """More environment: what providers log in with, when it is not in the worker's own."""
    targets: tuple[str, ...] = ()
    """Only these resources, and what they need."""
    allow_delete: bool = False
    """It may delete and replace; without it a plan that would do so is refused, naming what."""
    lock_timeout: Seconds = 10.0
    """How long an apply waits for whoever holds the state; the lock is never broken."""
    grace: Seconds = Field(default=60.0, gt=0)
    """How long an interrupted apply may take to save its state, before it is killed."""

    @property
    def named(self) -> str:
        """What is applied, in words."""
        return self.directory if self.hcp is None else f"{self.hcp.organization}/{self.hcp.workspace}"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        here = bool(self.directory) and self.backend is not None
        if here == (self.hcp is not None) or (self.hcp is not None and (self.directory or self.backend)):
            message = "it has either `directory` and `backend`, or `hcp`"
            raise ValueError(message)
        return self


class TerraformCapacity(TerraformSettings):
    """Capacity whose size is a variable of a root module."""

    size_variable: str = Field(default="standby_size", pattern=_NAME)
    size_output: str | None = Field(default=None, pattern=_NAME)
    """The output that tells the applied size; None: it is called like the variable."""
    ready_output: str | None = Field(default=None, pattern=_NAME)
    """An output that tells how many serve; None: what is applied serves."""

    @property
    def told_by(self) -> str:
        """The output that tells the size."""
        return self.size_output or self.size_variable


KINDS: tuple[Kind, ...] = (
    Kind(
        "terraform",
        frozenset({Verb.DETECT, Verb.SCALE}),
        TerraformCapacity,
        identity=("directory", "workspace", "backend"),
        # Not undone: an abort would apply changes that nobody has been shown.
    ),
)

STEPS: dict[str, type[Model]] = {"run.terraform": TerraformSettings}

DRIFT = "detect.terraform_drift"
"""Asked by a readiness report about each resource of this kind: is it still as it was applied?"""

PREVIEWED = frozenset({"scale.terraform", "run.terraform"})
"""What these would change is found before the approval, and is a part of the plan that is approved."""
