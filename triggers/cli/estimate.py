"""`evac estimate`: how long a procedure will take, by the records of past runs, and which step to speed up first."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from activities.planning import answer as planned
from audit.durations import past_durations
from runbooks.durations import duration
from runbooks.estimate import Past
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Role
from runbooks.plan import Plan
from runbooks.runs import PlanCall, RunInput
from runbooks.simulation import ROUNDS, SEED, Simulation, simulate
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import File, Target
from triggers.cli.out import Format, Output, Refusal, document
from triggers.cli.plan import Planned
from triggers.cli.request import run_input
from triggers.cli.screen import console
from triggers.cli.session import settings
from worker.observe import plan_now
