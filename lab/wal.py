"""What a server's log holds behind a point: the transactions that were committed there. Works on a dead one as well."""

import re

from pydantic import BaseModel, ConfigDict, Field

from lab.postgres_programs import Programs
from lab.topology import Lab, LabRegion

_COMMIT = re.compile(r"^rmgr: Transaction\s.*?\btx:\s+(\d+),.*?\bdesc: COMMIT(?:_PREPARED)? (.*)$", re.MULTILINE)
_SUBTRANSACTIONS = re.compile(r"subxacts: ([\d ]+)")


class LogQuestion(BaseModel):
    """Which part of the log: all of that timeline from there on."""

    model_config = ConfigDict(frozen=True)

    timeline: int = Field(ge=1)
    after: str = Field(pattern=r"^[0-9A-F]+/[0-9A-F]+$")


async def commits_after(lab: Lab, region: LabRegion, question: LogQuestion) -> dict[str, object]:
    """How many, and the ids of all their rows' writers (of subtransactions, too)."""
    folder = lab.pgdata(region.name) / "pg_wal"
    where = ("--path", str(folder), "--timeline", str(question.timeline), "--start", question.after)
    # It ends with an error where the log ends, which is right here: there is no other end.
    said = await Programs(lab, region.name).run("pg_waldump", *where, "--rmgr=Transaction", strict=False)
    found = _COMMIT.findall(said)
    ids = [int(own) for own, _ in found]
    for _, rest in found:
        below = _SUBTRANSACTIONS.search(rest)
        ids += [int(word) for word in below[1].split()] if below else []
    return {"commits": len(found), "xids": ids}
