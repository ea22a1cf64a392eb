"""The runbooks that are checked: each that is shipped, and the lab's own."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.demolition import demolish
from lab.layout import lay_out
from lab.runbook import runbook_text
from lab.topology import LabSpec
from runbooks.load import load, loads
from runbooks.models import Runbook

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
LABS = {
    "lab-2": LabSpec(regions=2, model=False),
    "lab-3": LabSpec(regions=3, model=False, approvals=1),
    "lab-both": LabSpec(regions=3, model=False, topology="active-active"),
}


def names() -> tuple[str, ...]:
    """Every runbook's short name."""
    return (*sorted(path.stem for path in LIBRARY.glob("*.yaml")), *LABS)


@cache
def book(name: str) -> Runbook:
    """The runbook of that name."""
    if name not in LABS:
        return load(LIBRARY / f"{name}.yaml").runbook
    with TemporaryDirectory(prefix="evac-checker-") as folder:
        lab = lay_out(LABS[name].model_copy(update={"home": Path(folder) / "lab"}))
        try:
            return loads(runbook_text(lab)).runbook
        finally:
            demolish(lab)
