"""Reading the server's file, as strictly as a runbook: every fault at once, each with its line and column.

RunbookError     the only error that leaves this module
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from runbooks.faults import Finding, RunbookError
from runbooks.placing import bare, mapping, placed, text_of
from runbooks.reader import read
from runbooks.shape import fit
from triggers.serve.config import VERSION, ServeConfig
from triggers.serve.rules import check

_STAND_IN: dict[str, JsonValue] = {"source": "eventbridge", "auth": {"bearer": "env://STAND_IN"}}


def load(path: str | Path) -> ServeConfig:
    """The server's file. Raises RunbookError."""
    return loads(text_of(path), str(path), Path(path).parent)


def loads(text: str, name: str = "<text>", folder: Path = Path()) -> ServeConfig:
    """The text of a server's file in that folder; `name` is what faults call it. Raises RunbookError."""
    document = read(bare(text, name))
    data = mapping(document, name, "a server's file", VERSION)
    config, findings = fit(ServeConfig, data)
    found = [*findings, *(check(config) if config is not None else _more(data, findings))]
    if config is None or found or document.flaws:
        raise RunbookError(placed(document, name, found))
    return config.model_copy(update={"runbooks": tuple(str(folder.resolve() / one) for one in config.runbooks)})


def _more(data: dict[str, JsonValue], findings: Iterable[Finding]) -> list[Finding]:
    """What the rules find in the parts that can be understood: stand-ins take the place of the others."""
    copy: dict[str, JsonValue] = {VERSION: 1, "runbooks": ["*"], **data}
    entries = data.get("alerts")
    alerts: list[JsonValue] = list(entries) if isinstance(entries, list) else []
    for finding in findings:
        section, number = (*finding.path, None, None)[:2]
        if section == "alerts" and isinstance(number, int) and number < len(alerts):
            alerts[number] = {**_STAND_IN, "name": f"stand-in-{number}"}
        elif section in (VERSION, "runbooks"):
            copy[str(section)] = 1 if section == VERSION else ["*"]
        else:
            copy.pop(str(section), None)
    config, _ = fit(ServeConfig, {**copy, "alerts": alerts})
    return [] if config is None else [finding for finding in check(config) if finding.path]
