"""The table of commands. Each is imported only when it is called: `evac --help` needs nothing but this page."""

from dataclasses import dataclass

_BEFORE = "Before"
_RUN = "Run"
_STEER = "Answer a run that waits"
_LOOK = "Look"
_SERVE = "Serve"
PLUGINS = "Plugins"


@dataclass(frozen=True)
class Listed:
    """One command: where its typer app is (`module:attribute`), and its line in the help."""

    name: str
    where: str
    panel: str
    help: str


COMMANDS: tuple[Listed, ...] = (
    Listed("init", "triggers.cli.init:app", _BEFORE, "Write a first runbook, by questions or by options."),
    Listed("validate", "triggers.cli.validate:app", _BEFORE, "Check runbook files: every fault at once."),
    Listed("plan", "triggers.cli.plan:app", _BEFORE, "Show what a procedure would do now, and do nothing."),
    Listed("doctor", "triggers.cli.doctor:app", _BEFORE, "Check this installation, Temporal, and what runbooks need."),
    Listed("schema", "triggers.cli.schema:app", _BEFORE, "Print the JSON schema of runbooks, for editors."),
    Listed("readiness", "triggers.cli.readiness:app", _BEFORE, "Could it be moved now? What was proved, and when."),
    Listed("restore-test", "triggers.cli.restore_test:app", _BEFORE, "Prove that the newest backups can be restored."),
    Listed("schedule", "triggers.cli.schedule:app", _BEFORE, "Keep drills and reports at their times: sync, list."),
    Listed(
        "permissions",
        "triggers.cli.permissions:app",
        _BEFORE,
        "Print the least a worker must be allowed in its clouds.",
    ),
    Listed("docs", "triggers.cli.docs:app", _BEFORE, "Write the procedures down as a document, for auditors."),
    Listed("failover", "triggers.cli.procedures:failover", _RUN, "Leave a dead region, and follow it live."),
    Listed("switchover", "triggers.cli.procedures:switchover", _RUN, "Leave a region that is alive; no write is lost."),
    Listed("failback", "triggers.cli.procedures:failback", _RUN, "Rebuild the former primary, and go home to it."),
    Listed("drill", "triggers.cli.drill:app", _RUN, "Move out and home again, or rehearse aside, and be judged."),
    Listed("evacuate", "triggers.cli.evacuate:app", _RUN, "Move every runbook out of a region, in waves."),
    Listed("detect", "triggers.cli.detect:app", _RUN, "Arm, or stop, the detector that starts failovers."),
    Listed("approve", "triggers.cli.approve:app", _STEER, "Say yes to a plan, by its checksum."),
    Listed("reject", "triggers.cli.decide:reject", _STEER, "Say no to a plan: the run ends, nothing is changed."),
    Listed("veto", "triggers.cli.decide:veto", _STEER, "Stop a plan that would go on by itself (needs a reason)."),
    Listed("accept", "triggers.cli.accept:app", _STEER, "Accept by name a loss, or what could not be proved."),
    Listed("retry", "triggers.cli.decide:retry", _STEER, "Try the step that waits once more."),
    Listed("skip", "triggers.cli.decide:skip", _STEER, "Go on without the step that waits (needs a reason)."),
    Listed("abort", "triggers.cli.decide:abort", _STEER, "Stop the run; what can be taken back is."),
    Listed("hold", "triggers.cli.decide:hold", _STEER, "Start no further step until resumed."),
    Listed("resume", "triggers.cli.decide:resume", _STEER, "Go on after a hold."),
    Listed("confirm", "triggers.cli.decide:confirm", _STEER, "Keep what was moved, before it goes back by itself."),
    Listed("kill-switch", "triggers.cli.kill_switch:app", _STEER, "Stop everything before what cannot be undone."),
    Listed("list", "triggers.cli.listing:app", _LOOK, "List the known runbooks: what goes on, last, scheduled."),
    Listed("status", "triggers.cli.status:app", _LOOK, "Show one runbook, or all that goes on now."),
    Listed("watch", "triggers.cli.watch:app", _LOOK, "Follow a drill or run live until it ends."),
    Listed("history", "triggers.cli.history:app", _LOOK, "List past runs: outcome, and RTO against its objective."),
    Listed("replay", "triggers.cli.replay:app", _LOOK, "Replay past runs from their records, step by step."),
    Listed("estimate", "triggers.cli.estimate:app", _LOOK, "Say how long a procedure will take, and what to speed up."),
    Listed("audit", "triggers.cli.audit:app", _LOOK, "Read, prove and hand on the records of past runs."),
    Listed("alerts", "triggers.cli.alerts:app", _LOOK, "See what was made of alerts, and which led to nothing."),
    Listed("serve", "triggers.cli.serve:app", _SERVE, "Take alerts and commands from Slack; the console."),
    Listed("console", "triggers.cli.console:app", _SERVE, "Make API tokens for the console, and revoke them."),
    Listed("worker", "triggers.cli.worker:app", _SERVE, "Run a worker: it carries out procedures and watches."),
    Listed("completion", "triggers.cli.completion:app", _SERVE, "Print what lets your shell complete evac's words."),
    Listed("help", "triggers.cli.help_:app", _SERVE, "Show all commands, or one of them."),
    Listed("version", "triggers.cli.version:app", _SERVE, "Print the versions of Evac and what it stands on."),
)

SPOKEN = frozenset(
    {
        *("list", "status", "plan", "readiness", "help"),
        *("failover", "switchover", "failback", "drill", "evacuate"),
        *("approve", "reject", "veto", "accept", "retry", "skip", "abort", "hold", "resume", "confirm"),
    }
)
"""The commands that can be said in chat, too, by the same name."""
