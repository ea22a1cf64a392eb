"""What can be said of this machine alone: its records, its extras."""

import importlib.util
import shutil
import tempfile
from pathlib import Path

from activities.clients.object_lock import RetentionUnknownError
from runbooks import terraform
from runbooks.aws.access import AwsSettings
from runbooks.aws.checks import AwsCheck
from runbooks.azure.access import AzureSettings
from runbooks.azure.checks import AzureCheck
from runbooks.durations import duration
from runbooks.kinds import KINDS, STEP_SETTINGS
from runbooks.kubernetes import KubernetesAccess
from runbooks.models import Runbook
from runbooks.references import in_vault, on_aws
from runbooks.secret_refs import references
from runbooks.terraform import TerraformSettings
from triggers.doctor.findings import Case, Finding, aside, bad, ok, unknown, warn
from worker.retention import why_not_locked

_GIGABYTE = 1e9
_LITTLE, _LEAST = 1.0, 0.1
"""Gigabytes: a record is small, but a full disk keeps the embedded server and the database beside it from writing."""

EXTRAS = {
    "serve": ("fastapi", "uvicorn", "joserfc"),
    "slack": ("slack_bolt", "slack_sdk"),
    "notices": ("apprise",),
    "aws": ("boto3",),
    "azure": ("azure",),
    "terraform": ("python_terraform",),
    "kubernetes": ("kubernetes_asyncio",),
    "audit": ("obstore", "securesystemslib", "fpdf"),
}
"""The modules of each extra of this package."""
_NEEDED_BY = {"notify.slack": "slack", "notify.apprise": "notices"}
"""The technologies that need one."""


async def records(case: Case) -> list[Finding]:
    """The records can be written, and there is room for them."""
    folder = case.settings.records
    place = next(place for place in (folder, *folder.parents) if place.exists())

    def _look() -> float:
        with tempfile.TemporaryFile(dir=place):
            return shutil.disk_usage(place).free / _GIGABYTE

    try:
        free = await aside(_look)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return [bad("records", f"No record can be written in {folder}: {why}.", "Set EVAC_HOME to a folder of yours.")]
    told = f"Records go to {folder}{'' if place == folder else ' (made when needed)'}; {free:.1f} GB free."
    if free < _LEAST:
        return [bad("records", told, "Make room: a record that cannot be written is lost.")]
    return [warn("records", told, "Make room for records.") if free < _LITTLE else ok("records", told)]


async def store(case: Case) -> list[Finding]:
    """Where records are copied to, and whether they are safe there from being removed."""
    url, wanted = case.settings.records_store, case.settings.records_locked
    if url is None and wanted is None:
        return []
    try:
        why = await aside(lambda: why_not_locked(case.settings))
    except RetentionUnknownError as error:
        return [unknown("store", f"Whether {url} keeps records from being removed cannot be told: {error}.")]
    if why is not None:
        told, _, advice = why.rpartition(": ")
        return [bad("store", f"{told[0].upper()}{told[1:]}.", f"{advice[0].upper()}{advice[1:]}.")]
    kept = "nothing is asked of how long they stay there (EVAC_RECORDS_LOCKED)"
    if wanted is not None:
        kept = f"nobody can remove them there for {duration(wanted)}"
    return [ok("store", f"Records are copied to {url}; {kept}.")]


async def extras(case: Case) -> list[Finding]:
    """Which extras are installed, and whether a runbook needs one that is not."""
    there = [name for name, modules in EXTRAS.items() if all(map(importlib.util.find_spec, modules))]
    absent = [name for name in EXTRAS if name not in there]
    told = f"Installed: {', '.join(there) or 'none'}." + (f" Not installed: {', '.join(absent)}." if absent else "")
    missing = _for_records(case) if "audit" in absent else []
    for read in case.books:
        uses = {notice.uses for notice in read.runbook.notify} | {step.uses for step in read.runbook.steps}
        needed = sorted(({_NEEDED_BY.get(name, "") for name in uses} | _asked(read.runbook)) & set(absent))
        missing += [
            bad("extras", f"{read.runbook.name} needs the extra {extra}.", f"pip install 'evac[{extra}]'")
            for extra in needed
        ]
    return [ok("extras", told), *missing]


def _for_records(case: Case) -> list[Finding]:
    """What signs records and copies them is an extra, too: without it they stay unsigned, and on this machine."""
    given = {"EVAC_SIGNING_KEY": case.settings.signing_key, "EVAC_RECORDS_STORE": case.settings.records_store}
    return [
        bad("extras", f"{name} needs the extra audit.", "pip install 'evac[audit]'")
        for name, value in given.items()
        if value is not None
    ]


def _asked(book: Runbook) -> set[str]:
    """The extras of what it asks, or has secrets in."""
    models = [KINDS[book.kind_of(name, region)].settings for name in book.resources for region in book.regions]
    models += [STEP_SETTINGS[step.uses] for step in book.steps if step.uses in STEP_SETTINGS]
    models += [check.asks for check in book.checks if isinstance(check, AwsCheck | AzureCheck)]
    named = references(book)
    aws = any(issubclass(model, AwsSettings) for model in models) or any(map(on_aws, named))
    azure = any(issubclass(model, AzureSettings) for model in models) or any(map(in_vault, named))
    kubernetes = any(issubclass(model, KubernetesAccess) for model in models)
    found = (("aws", aws), ("azure", azure), ("kubernetes", kubernetes), ("terraform", _runs_terraform(book)))
    return {extra for extra, needed in found if needed}


def _runs_terraform(book: Runbook) -> bool:
    """Workers run it themselves; where HCP Terraform does, nothing more is needed."""
    given = [
        book.settings_of(name, region)
        for name in book.resources
        for region in book.regions
        if issubclass(KINDS[book.kind_of(name, region)].settings, TerraformSettings)
    ]
    given += [step.settings for step in book.steps if step.uses in terraform.STEPS]
    return any(settings.get("hcp") is None for settings in given)


def shown(path: Path | str) -> str:
    """The path as a person would say it, from where they are."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return str(path)
