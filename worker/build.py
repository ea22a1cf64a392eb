"""The workers: the only place that knows every workflow and activity class."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Interceptor, Worker

from activities import catalog, proving
from activities.announcing import Announcer
from activities.asking import detectors_in
from activities.gate import Gate
from activities.planning import Planner
from activities.recording import Archive, Recorder
from activities.reporting import Reporter
from activities.temporal import Temporal
from activities.watching import Vantage
from activities.weighing import Weighing
from activities.writers import Writers
from runbooks.models import WITNESS
from worker.identity import build, identity
from worker.sandbox import Sandbox
from worker.settings import Settings
from workflows.alerts import Alerts
from workflows.announce import Announce
from workflows.drill import Drill
from workflows.evacuate import Evacuate
from workflows.failback import Failback
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun
from workflows.lock import Lock
from workflows.readiness import Readiness
from workflows.rehearsal import Rehearsal
from workflows.restore_test import RestoreTest
from workflows.scheduled import Scheduled
from workflows.switchover import Switchover
from workflows.watch import Watch

# A waiting run whose worker was killed is handed to another only after this (Temporal's default is 10 s).
_STICKY = timedelta(seconds=1)
# How many steps that begin together start at once in this worker, without a way through the task queue.
_EAGER = 20
_GRACE = timedelta(seconds=5)
_OFTEN = timedelta(seconds=1)

_RUNS = (Failover, Switchover, Failback, Rehearsal)
_MADE_OF_RUNS = (Drill, RestoreTest, Readiness, Evacuate, Scheduled)
WORKFLOWS = (*_RUNS, *_MADE_OF_RUNS, Announce, Watch, Alerts, KillSwitchRun, Lock)
"""Every workflow: what a worker runs, and what a history is replayed on."""


def procedure_worker(
    client: Client,
    settings: Settings,
    interceptors: Sequence[Interceptor] = (),
    kept: Callable[[], None] = lambda: None,
) -> Worker:
    """Runs the procedures and their steps; `interceptors` are Temporal's, for whoever embeds this worker.

    `kept` is called after each record.
    """
    gate = Gate(client)
    archive = Archive(settings.records, settings.signing_key, kept)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        workflow_runner=Sandbox(),
        activities=[
            *catalog.activities(settings.home),
            Planner(settings.records).plan,
            Recorder(client, archive).record,
            gate.gate,
            gate.holder,
            Announcer(client).announce,
            Weighing(gate, detectors_in(settings.home)).weigh,
            *_for_composites(client, archive),
        ],
        interceptors=interceptors,
        identity=identity(),
        build_id=build(),
        sticky_queue_schedule_to_start_timeout=_STICKY,
        max_eager_activity_reservations_per_workflow_task=_EAGER,
        graceful_shutdown_timeout=_GRACE,
        max_heartbeat_throttle_interval=_OFTEN,
        default_heartbeat_throttle_interval=_OFTEN,
    )


def _for_composites(client: Client, archive: Archive) -> list[Callable[..., Any]]:
    """What drills, readiness reports and evacuations ask of the house."""
    reporter, temporal = Reporter(client, archive), Temporal(client)
    return [reporter.report, reporter.past, temporal.going, temporal.follow, temporal.pollers, proving.secrets]


def vantage_worker(client: Client, settings: Settings, vantage: str = WITNESS) -> Worker:
    """Looks at the regions from one vantage point."""
    detectors = detectors_in(settings.home)
    post = Vantage(detectors)
    return Worker(
        client,
        task_queue=settings.vantage_queue(vantage),
        activities=[
            post.watch,
            post.look,
            Writers(detectors).writers,
            proving.secrets,
            proving.Outside(settings.home).public,
        ],
        identity=identity(),
        build_id=build(),
        graceful_shutdown_timeout=timedelta(0),  # a watch never ends by itself: cancel it at once
        max_heartbeat_throttle_interval=_OFTEN,
        default_heartbeat_throttle_interval=_OFTEN,
    )
