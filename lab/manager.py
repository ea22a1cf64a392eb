"""Brings a lab up and takes it down again, leaving no process and no file.

    async with running(LabSpec(home=folder)) as lab: ...

`up` starts side by side whatever can start side by side. When it fails or is interrupted, it takes down what it
has built; a lab whose `up` was killed can be taken down by `down` all the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lab.demolition import demolish
from lab.layout import lay_out
from lab.parts import Builder
from lab.topology import Lab, LabSpec

Say = Callable[[str], None]
"""Takes one line of progress."""


def silent(_line: str) -> None:
    """Say nothing."""


async def up(spec: LabSpec, say: Say = silent) -> Lab:
    """Build the lab and wait until every part of it is ready. Raises LabError; nothing is left then."""
    began = time.monotonic()

    def tell(line: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {line}")

    lab = lay_out(spec)
    try:
        await Builder(lab, tell).build()
    except BaseException:
        # Without an await: a second interruption must not stop the cleaning.
        demolish(lab)
        raise
    return lab


async def down(home: Path) -> None:
    """End everything that belongs to the lab of that home, and remove its files. Raises NoLabError."""
    await asyncio.to_thread(demolish, Lab.load(home))


@asynccontextmanager
async def running(spec: LabSpec, say: Say = silent) -> AsyncIterator[Lab]:
    """A lab for as long as the block lasts."""
    lab = await up(spec, say)
    try:
        yield lab
    finally:
        demolish(lab)
