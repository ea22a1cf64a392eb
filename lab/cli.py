"""Two or three regions on this machine, from real parts, to fail over for real."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from lab.demo_cli import demo
from lab.errors import NoLabError
from lab.run import run
from lab.status import lab_text, status_text
from lab.topology import OUTSIDE, Lab, LabSpec, Topology
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, Refusal, answer, document, say
from worker.settings import Settings

app = typer.Typer(no_args_is_help=True, help=__doc__, add_completion=False)
app.command()(demo)

Name = Annotated[str, typer.Option(help="The lab's name; labs of different names stand side by side.")]
Home = Annotated[Path | None, typer.Option(help="The lab's one folder.  [default: EVAC_HOME/lab/NAME]")]
Region = Annotated[str, typer.Argument(help="The region's name, such as us-east-1.")]


@app.command()
def up(  # noqa: PLR0913  (each option is one choice about the lab)
    *,
    regions: Annotated[int, typer.Option(min=2, max=3, help="How many regions.")] = 2,
    topology: Annotated[Topology, typer.Option(help="Does one region serve, or two at once?")] = "active-passive",
    mode: Annotated[Literal["sync", "async"], typer.Option(help="Does a commit wait for a standby?")] = "sync",
    dns: Annotated[Literal["dnspython", "bind"], typer.Option(help="Which name server.")] = "dnspython",
    inference: Annotated[bool, typer.Option(help="Load the language model, or answer with passages only.")] = True,
    ask: Annotated[bool, typer.Option("--ask", help="The runbook asks a person before it fails over.")] = False,
    name: Name = "lab",
    home: Home = None,
) -> None:
    """Bring a lab up."""
    from lab.manager import up as bring_up  # noqa: PLC0415  (`--help` must not wait for database drivers)

    spec = LabSpec(
        name=_slug(name),
        home=_home(name, home),
        regions=regions,
        topology=topology,
        mode="synchronous" if mode == "sync" else "asynchronous",
        dns=dns,
        model=inference,
        approvals=int(ask),
    )
    lab = run(lambda: bring_up(spec, say))
    answer(lab_text(lab, flags=_flags(name, home)))


@app.command()
def down(name: Name = "lab", home: Home = None) -> None:
    """End the lab: no process and no file of it is left."""
    from lab.manager import down as take_down  # noqa: PLC0415  (as above)

    folder = _home(name, home)
    run(lambda: take_down(folder))
    answer(f"The lab of {folder} is gone.")


@app.command()
def status(name: Name = "lab", home: Home = None, output: Output = Format.TEXT) -> None:
    """Show how the lab's regions answer now."""
    from lab.look import status as look  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    seen = run(lambda: look(lab))
    if output is Format.JSON:
        document(lab=seen.model_dump(mode="json"))
    else:
        answer(status_text(seen))


@app.command()
def kill(region: Region, name: Name = "lab", home: Home = None) -> None:
    """Kill a region: SIGKILL, at once, to everything in it."""
    from lab.regions import kill as kill_region  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    killed = run(lambda: kill_region(lab, region))
    milliseconds = (killed.gone_at - killed.at) * 1000
    answer(f"{region} is dead: {killed.processes} processes killed within {milliseconds:.0f} ms.")


@app.command()
def heal(region: Region, name: Name = "lab", home: Home = None) -> None:
    """Start a region's machines again, except a database that must not come back."""
    from lab.regions import heal as heal_region  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    for sentence in run(lambda: heal_region(lab, region)):
        answer(sentence)


@app.command()
def partition(
    region: Region,
    *,
    power: Annotated[bool, typer.Option(help="The power controller still reaches the region's machines.")] = True,
    name: Name = "lab",
    home: Home = None,
) -> None:
    """Cut a region off: it lives, and serves its own clients, and nobody outside hears of it."""
    from lab.partition import partition as cut_off  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    run(lambda: cut_off(lab, region, power=power))
    reached = "only the power controller reaches" if power else "nobody reaches"
    answer(f"{region} is cut off; {reached} it. Join it again with `evac lab reconnect {region}{_flags(name, home)}`.")


@app.command()
def reconnect(region: Region, name: Name = "lab", home: Home = None) -> None:
    """Join a region again that was cut off."""
    from lab.partition import reconnect as join_again  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    run(lambda: join_again(lab, region))
    answer(f"{region} is joined again.")


@app.command()
def load(name: Name = "lab", home: Home = None) -> None:
    """Use the lab as its clients do, until Ctrl-C: write rows and ask questions, and count what was lost."""
    from lab.load import serve  # noqa: PLC0415  (as above)
    from lab.outage import Report  # noqa: PLC0415  (as above)
    from lab.processes import Processes  # noqa: PLC0415  (as above)
    from lab.program import stop_signal, write_durably  # noqa: PLC0415  (as above)
    from lab.usage import load_config, lost, report_text  # noqa: PLC0415  (as above)

    lab = _lab(name, home)
    config = load_config(lab)
    kept = config.report
    assert kept is not None
    Processes(lab).attach(OUTSIDE, config.client, os.getpid())  # a client of a lab that is gone has no meaning
    say(f"Client {config.client} uses {lab.public_url}; Ctrl-C ends it.")

    async def use() -> Report:
        await serve(config, stop_signal())
        report = Report.model_validate_json(kept.read_text())
        return report.model_copy(update={"lost": await lost(lab, config)})

    report = run(use)
    write_durably(kept, report.model_dump_json(indent=2) + "\n")
    answer(report_text(report))
    say(f"Journal and report: {kept.parent}")


def _home(name: str, home: Path | None) -> Path:
    return (home or Settings().home / "lab" / _slug(name)).absolute()


def _slug(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name):
        raise Refusal(Exit.USAGE, f"{name!r} cannot name a lab: use up to 40 small letters, digits and inner hyphens.")
    return name


def _lab(name: str, home: Path | None) -> Lab:
    try:
        return Lab.load(_home(name, home))
    except NoLabError as error:
        raise Refusal(Exit.USAGE, str(error)) from None


def _flags(name: str, home: Path | None) -> str:
    """What the next command must say to mean the same lab."""
    if home is not None:
        return f" --home {home}"
    return "" if name == "lab" else f" --name {name}"
