"""The command `evac lab demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lab.topology import Topology
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, answer, document, say
from worker.settings import Settings

if TYPE_CHECKING:
    from runbooks.runs import RunState

_WITH_RECORD = (("read it", "audit show"), ("prove it", "audit verify"), ("walk it", "replay --step"))


def demo(  # noqa: PLR0913  (each option is one choice about the demo)
    *,
    mode: Annotated[Literal["sync", "async"], typer.Option(help="Does a commit wait for a standby?")] = "sync",
    regions: Annotated[int, typer.Option(min=2, max=3, help="How many regions.")] = 2,
    topology: Annotated[Topology, typer.Option(help="Does one region serve, or two at once?")] = "active-passive",
    dns: Annotated[Literal["dnspython", "bind"], typer.Option(help="Which name server.")] = "dnspython",
    ask: Annotated[bool, typer.Option("--ask", help="Ask for approval before anything is changed.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    home: Annotated[Path | None, typer.Option(help="The demo's folder.  [default: EVAC_HOME/demo]")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Kill a region for real, and watch Evac bring the system up in the other one."""
    from lab import demo as story  # noqa: PLC0415  (`--help` must not wait for database drivers)
    from lab.demolition import demolish  # noqa: PLC0415  (as above)
    from lab.figures import lines  # noqa: PLC0415  (as above)
    from lab.run import run  # noqa: PLC0415  (as above)
    from lab.topology import LabSpec  # noqa: PLC0415  (as above)
    from triggers.cli.screen import screen  # noqa: PLC0415  (as above)

    folder = (home or Settings().home / "demo").absolute()
    settings = Settings(home=folder / "evac")
    spec = LabSpec(
        name="demo",
        home=folder / "lab",
        regions=regions,
        topology=topology,
        mode="synchronous" if mode == "sync" else "asynchronous",
        dns=dns,
        approvals=int(ask),
    )
    as_json = output is Format.JSON
    told = story.Story(
        spec=spec,
        settings=settings,
        say=say if as_json else answer,
        screen=lambda: screen(answers_json=as_json),
        approve=_approved,
    )
    found, lab = run(lambda: story.tell(told))
    pages = story.pages(settings)
    if not keep:
        demolish(lab)
    if as_json:
        document(
            demo={**found.model_dump(mode="json"), "lost_seconds": found.lost_seconds, "good": found.good},
        )
    else:
        answer(f"\n{found.outcome.upper()}  {lab.active.name} was killed; this is what it took:\n")
        answer("\n".join(lines(found)))
        answer(f"\n  detection   {found.detection_settings}")
        answer(f"  record      {found.record or 'not written'}")
        answer("\n".join(with_record(found.record)))
        answer(_left(folder, pages) if keep else "  everything has been taken down again (--keep leaves it running)")
    if not found.good:
        raise typer.Exit(Exit.FAILED)


def with_record(record: str) -> list[str]:
    """What can be done with the record, which is all that is left."""
    if not record:
        return []
    return [f"  {what:<12}evac {command} {record}" for what, command in _WITH_RECORD]


def _left(folder: Path, pages: str) -> str:
    return "\n".join(
        [
            f"  Temporal    {pages}",
            f"  look        evac lab status --home {folder / 'lab'}",
            f"              EVAC_HOME={folder / 'evac'} evac history",
            f"  end         evac lab down --home {folder / 'lab'}",
        ]
    )


def _approved(state: "RunState") -> bool:
    """Ask the person at the terminal; anything but yes is no."""
    from runbooks.render import plan_lines, text_of  # noqa: PLC0415  (as above)

    assert state.plan is not None
    answer(text_of(plan_lines(state.plan)))
    return str(typer.prompt(f"Approve plan {state.checksum[:8]}? (yes/no)", default="no", err=True)) == "yes"
