"""A workflow that does what no workflow may."""

from pathlib import Path

from temporalio import workflow


@workflow.defn
class Peeks:
    """Looks at the disk: a replay would see another one."""

    @workflow.run
    async def run(self, path: str) -> bool:
        """As Temporal asks."""
        return Path(path).exists()  # noqa: ASYNC240 - what it is here for
