"""The table of technologies for the docs: `python -m activities.table > docs/technologies.md`."""

import sys

from activities.catalog import CATALOG
from runbooks.steps import Verb

_HEAD = """\
# Technologies

Made from the catalog by `python -m activities.table`; a test holds it to the code. Each is the activity of that name,
and each has a read-only twin, `<name>.check`, that says beforehand whether it could be done.

| verb | technology | what it does | permissions that it needs | tested against |
|---|---|---|---|---|
"""


def table() -> str:
    """The whole page, in Markdown."""
    order = {verb: number for number, verb in enumerate(Verb)}
    rows = sorted(CATALOG.values(), key=lambda row: (order[row.verb], row.uses))
    return _HEAD + "".join(
        f"| {row.verb} | `{row.uses}` | {_does(row.technology)} | {_cell('; '.join(row.permissions))} "
        f"| {_cell(row.tested_against)} |\n"
        for row in rows
    )


def _does(technology: type) -> str:
    return _cell((technology.__doc__ or "").strip().splitlines()[0])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(table())
