"""Reading the server's file, as strictly as a runbook: every fault at once, each with its line and column.

RunbookError     the only error that leaves this module
"""

from pathlib import Path

from runbooks.faults import RunbookError
from runbooks.placing import bare, mapping, placed, text_of
from runbooks.reader import read
from runbooks.shape import fit
from triggers.serve.config import VERSION, ServeConfig
from triggers.serve.rules import check


def load(path: str | Path) -> ServeConfig:
    """The server's file. Raises RunbookError."""
    return loads(text_of(path), str(path), Path(path).parent)


def loads(text: str, name: str = "<text>", folder: Path = Path()) -> ServeConfig:
    """The text of a server's file in that folder; `name` is what faults call it. Raises RunbookError."""
    document = read(bare(text, name))
    data = mapping(document, name, "a server's file", VERSION)
    config, findings = fit(ServeConfig, data)
    if config is not None:
        findings = check(config)
    if config is None or findings or document.flaws:
        raise RunbookError(placed(document, name, findings))
    return config.model_copy(update={"runbooks": tuple(str(folder.resolve() / one) for one in config.runbooks)})
