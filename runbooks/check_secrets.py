"""Advice on secrets: what one region needs should not be kept in another one, which may be the one that fails."""

from collections.abc import Iterator

from pydantic import JsonValue

from runbooks.faults import DocumentPath, Finding
from runbooks.models import Runbook
from runbooks.references import on_aws
from runbooks.secret_refs import texts


def secret_advice(runbook: Runbook) -> Iterator[Finding]:
    """Each secret of AWS that a resource needs in a region, and that another region of the runbook keeps."""
    for name, resource in runbook.resources.items():
        for region in runbook.regions:
            for place in _abroad(runbook, runbook.settings_of(name, region), region):
                path: DocumentPath = ("resources", name, "settings", region)
                own = region in resource.settings
                sentence = (
                    f"{name} needs a secret in {region} that {place} keeps, which may be the region that fails: "
                    f"replicate it, and refer to the one in {region}"
                )
                yield Finding(path if own else ("resources", name), sentence)
    for number, notice in enumerate(runbook.notify):
        for place in _abroad(runbook, notice.settings, ""):
            sentence = f"this notice needs a secret that {place} keeps: when that region fails nobody is told by it"
            yield Finding(("notify", number), sentence)


def _abroad(runbook: Runbook, settings: JsonValue, region: str) -> list[str]:
    """Other regions of the runbook that keep a secret of these settings."""
    found = (on_aws(text) for text in texts(settings))
    return sorted({one.region for one in found if one is not None and one.region in runbook.regions} - {region})
