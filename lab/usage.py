"""Using the lab from outside: what the client load is told, and its report in words."""

from lab.client import LoadConfig
from lab.journal import read_journal
from lab.outage import Loss, Report
from lab.stores import losses
from lab.topology import Lab


def load_config(lab: Lab) -> LoadConfig:
    """A new client of this lab; its journal and its report are kept in `HOME/load`."""
    config = LoadConfig(
        name=lab.public_name,
        port=lab.public_port,
        servers=(f"{lab.dns_address}:{lab.dns_port}",),
        journal=lab.home / "load" / "journal.jsonl",
    )
    folder = lab.home / "load"
    return config.model_copy(
        update={"journal": folder / f"{config.client}.jsonl", "report": folder / f"{config.client}.json"}
    )


async def lost(lab: Lab, config: LoadConfig) -> tuple[Loss, ...]:
    """What each store's primary of now does not have of the rows that were acknowledged to this client."""
    return await losses(lab, read_journal(config.journal), config.client)


def report_text(report: Report) -> str:
    """The report, as a person reads it."""
    lines = [
        f"{report.attempted} rows written, {report.acknowledged} acknowledged; {report.answered} questions answered",
        f"longest time without a write   {_seconds(report.seconds_without_writes)}",
        f"longest time without an answer {_seconds(report.seconds_without_inference)}",
    ]
    for loss in report.lost:
        what = f"{loss.missing} of {loss.acknowledged} acknowledged rows are missing in {loss.store}"
        lines.append(f"{what}: {', '.join(map(str, loss.numbers))}" if loss.missing else what)
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "there was none" if value is None else f"{value:.2f} s"
