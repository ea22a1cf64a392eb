"""A deployment of a template in a resource group: what it would change, how far it is, and the decision in its tags.

https://learn.microsoft.com/rest/api/resources/deployments
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from activities.approving import Changes, hashed
from activities.azure import tag_epoch, tagged
from activities.clients import azure_errors
from activities.clients.azure import NO_MEANINGS, Answer, Azure
from activities.clients.azure_what_if import changes_of
from activities.errors import StepError
from activities.secrets import Secrets
from runbooks.azure.deployments import DeploymentSettings
from runbooks.steps import ErrorType

_DEPLOY, _WHAT_IF = "deployments.begin_create_or_update", "deployments.begin_what_if"
_MEANINGS = {"DeploymentActive": ErrorType.BUSY}
"""Another deployment of that name goes on: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/"""
_GOES_ON = frozenset({"Accepted", "Running", "Creating", "Updating"})
_OK = 200


@dataclass(frozen=True)
class Template:
    """What is deployed: read once, so that what is shown and what is sent are the same."""

    document: Answer
    parameters: dict[str, JsonValue]
    secrets: dict[str, str] = field(repr=False)
    """The values of those parameters that are secrets."""

    @property
    def made_of(self) -> str:
        """Its hash, with the parameters that are no secrets."""
        return hashed([self.document, self.parameters])

    @property
    def given(self) -> dict[str, dict[str, JsonValue]]:
        """All parameters, as Azure takes them."""
        return {name: {"value": value} for name, value in {**self.parameters, **self.secrets}.items()}


@dataclass(frozen=True)
class Deployed:
    """The deployment of that name, as it was made last; all of it empty when it never was."""

    state: str = ""
    outputs: dict[str, JsonValue] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Something is being deployed."""
        return self.state in _GOES_ON

    @property
    def epoch(self) -> int | None:
        """The newest decision that it keeps."""
        return tag_epoch({"tags": self.tags})


def template_of(settings: DeploymentSettings, more: Mapping[str, JsonValue], secrets: Secrets) -> Template:
    """Read it, with its parameters. Raises StepError (bad-settings) when it is none, or wants others."""
    try:
        document = json.loads(Path(settings.template).read_text())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no JSON: write it by `bicep build`"
        raise _bad(settings, f"cannot be read ({why})") from None
    if not isinstance(document, dict) or "resources" not in document:
        raise _bad(settings, "is no template: it has no resources")
    revealed = {name: secrets.reveal(reference) for name, reference in settings.secret_parameters.items()}
    given = {**settings.parameters, **more}
    unknown = sorted({*given, *revealed} - set(document.get("parameters") or {}))
    if unknown:
        raise _bad(settings, f"has no parameter {', '.join(unknown)}")
    return Template(document, given, revealed)


async def read_deployment(there: Azure, settings: DeploymentSettings) -> Deployed:
    """Look at the last one of that name. Raises StepError."""
    try:
        found = await there.read("deployments", "deployments.get", settings.resource_group, settings.deployment)
    except StepError as error:
        if error.evidence.get("code") != "DeploymentNotFound":
            raise
        return Deployed()
    properties = found["properties"]
    outputs = {name: one.get("value") for name, one in (properties.get("outputs") or {}).items()}
    return Deployed(state=properties["provisioningState"], outputs=outputs, tags=found.get("tags") or {})


async def what_if(there: Azure, settings: DeploymentSettings, template: Template) -> Changes:
    """What it would change; nothing is. Raises StepError."""
    asked = {**_properties(settings, template), "whatIfSettings": {"resultFormat": "FullResourcePayloads"}}
    where = (settings.resource_group, settings.deployment)
    answer = await there.operate("deployments", _WHAT_IF, *where, {"properties": asked})
    error = answer.get("error")
    if error:
        said = (str(error.get("code")), str(error.get("message")))
        raise azure_errors.of_answer(_OK, *said, "deployments.whatIf", NO_MEANINGS)
    return changes_of(answer, template.made_of, tuple(template.secrets.values()))


async def deploy(there: Azure, settings: DeploymentSettings, template: Template, was: Deployed, epoch: int) -> None:
    """Deploy it and note the decision, in one request, and wait for its end.

    Raises StepError: BUSY while another one goes on.
    """
    body = {"properties": _properties(settings, template), "tags": tagged({"tags": was.tags}, epoch)}
    where = (settings.resource_group, settings.deployment)
    await there.operate("deployments", _DEPLOY, *where, body, meanings=_MEANINGS)


async def resume_deploying(there: Azure, settings: DeploymentSettings) -> None:
    """Wait for what an earlier attempt has begun, if one has. Raises StepError, as `deploy`."""
    await there.resume("deployments", _DEPLOY, settings.resource_group, settings.deployment, {})


async def cancel(there: Azure, settings: DeploymentSettings) -> None:
    """Have it stop: what was deployed stays. One that has ended meanwhile is left. Raises StepError."""
    await there.change("deployments", "deployments.cancel", settings.resource_group, settings.deployment)


async def progress_of(there: Azure, settings: DeploymentSettings) -> str:
    """How far it is, in words: resources that are done, and those that are being worked on. Raises StepError."""
    where = (settings.resource_group, settings.deployment)
    found = await there.pages("deployments", "deployment_operations.list", *where)
    states: dict[str, str] = {}
    for one in found:
        properties = one.get("properties") or {}
        target = properties.get("targetResource") or {}
        if target.get("resourceType"):
            states[f"{target['resourceType']}/{target.get('resourceName')}"] = str(properties["provisioningState"])
    done = sum(state == "Succeeded" for state in states.values())
    working = [name for name, state in states.items() if state != "Succeeded"]
    more = f"; now {', '.join(working[:3])}" if working else ""
    return f"{done} of {len(states)} resources are deployed{more}"


def _properties(settings: DeploymentSettings, template: Template) -> dict[str, Any]:
    return {"mode": settings.mode.capitalize(), "template": template.document, "parameters": template.given}


def _bad(settings: DeploymentSettings, why: str) -> StepError:
    return StepError(ErrorType.BAD_SETTINGS, f"The template {settings.template} {why}.")
