"""Technologies that need no cloud."""

from typing import Any

from activities.catch_up.nats import CatchUpNats
from activities.catch_up.postgres import CatchUpPostgres
from activities.catch_up.postgres_logical import CatchUpPostgresLogical
from activities.catch_up.valkey import CatchUpValkey
from activities.compare.nats import CompareNats
from activities.compare.postgres import ComparePostgres
from activities.compare.postgres_logical import ComparePostgresLogical
from activities.compare.valkey import CompareValkey
from activities.contract import Technology
from activities.cut_over.rfc2136 import CutOverRfc2136
from activities.detect.http import DetectHttp
from activities.detect.nats import DetectNats
from activities.detect.postgres import DetectPostgres
from activities.detect.postgres_logical import DetectPostgresLogical
from activities.detect.process import DetectProcess
from activities.detect.rfc2136 import DetectRfc2136
from activities.detect.tcp import DetectTcp
from activities.detect.valkey import DetectValkey
from activities.fence.nats import FenceNats
from activities.fence.postgres import FencePostgres
from activities.fence.postgres_logical import FencePostgresLogical
from activities.fence.valkey import FenceValkey
from activities.notify.apprise import NotifyApprise
from activities.notify.log import NotifyLog
from activities.notify.slack import NotifySlack
from activities.promote.nats import PromoteNats
from activities.promote.postgres import PromotePostgres
from activities.promote.postgres_logical import PromotePostgresLogical
from activities.promote.valkey import PromoteValkey
from activities.rehearse.postgres import RehearsePostgres
from activities.reseed.nats import ReseedNats
from activities.reseed.postgres import ReseedPostgres
from activities.reseed.postgres_logical import ReseedPostgresLogical
from activities.reseed.valkey import ReseedValkey
from activities.restore.postgres import RestorePostgres
from activities.run.command import RunCommand
from activities.salvage.nats import SalvageNats
from activities.salvage.postgres import SalvagePostgres
from activities.salvage.postgres_logical import SalvagePostgresLogical
from activities.scale.process import ScaleProcess
from activities.verify.dns import VerifyDns
from activities.verify.http import VerifyHttp
from activities.verify.inference import VerifyInference
from activities.verify.nats import VerifyNats
from activities.verify.postgres import VerifyPostgres
from activities.verify.sql import VerifySql
from activities.verify.tcp import VerifyTcp
from activities.verify.valkey import VerifyValkey

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectHttp,
    DetectNats,
    DetectPostgres,
    DetectPostgresLogical,
    DetectProcess,
    DetectRfc2136,
    DetectTcp,
    FenceNats,
    DetectValkey,
    FencePostgres,
    FencePostgresLogical,
    FenceValkey,
    ScaleProcess,
    CatchUpNats,
    CatchUpPostgres,
    CatchUpPostgresLogical,
    CatchUpValkey,
    PromoteNats,
    PromotePostgres,
    PromotePostgresLogical,
    PromoteValkey,
    CutOverRfc2136,
    SalvageNats,
    SalvagePostgres,
    SalvagePostgresLogical,
    ReseedNats,
    ReseedPostgres,
    ReseedPostgresLogical,
    ReseedValkey,
    CompareNats,
    ComparePostgres,
    ComparePostgresLogical,
    CompareValkey,
    RestorePostgres,
    RehearsePostgres,
    VerifyDns,
    VerifyHttp,
    VerifyInference,
    VerifyNats,
    VerifyPostgres,
    VerifySql,
    VerifyTcp,
    VerifyValkey,
    NotifyApprise,
    NotifyLog,
    NotifySlack,
    RunCommand,
)

TESTED_AGAINST = {
    "apprise": "HTTP and SMTP servers",
    "command": "programs",
    "dns": "the lab's name server",
    "http": "HTTP servers",
    "inference": "SmolLM2 by llama.cpp",
    "kubernetes": "a fake of the Kubernetes API",
    "log": "files",
    "nats": "NATS 2.15",
    "postgres": "PostgreSQL 18",
    "postgres_logical": "PostgreSQL 18",
    "process": "the lab's agents and processes",
    "rfc2136": "the lab's name server",
    "slack": "a fake of Slack over HTTP",
    "sql": "PostgreSQL 18",
    "tcp": "TCP servers",
    "terraform": "Terraform 1.11",
    "terraform_drift": "Terraform 1.11",
    "valkey": "Valkey 8.1",
}
"""What the tests of these run them on, by what follows the verb in the name."""
