"""A workspace of HCP Terraform: its runs plan and apply there, its policies are checked there.

What only looks is a run that can plan only: it locks nothing. An apply is a run of its own, which is confirmed only if
it would change what was judged here. https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from activities.clients.terraform_errors import error_of
from activities.clients.terraform_events import Events, errors_in
from activities.clients.terraform_hcp_api import Api
from activities.clients.terraform_plan import Changes, Planned, changes_in, drift_in
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.terraform import Hcp, TerraformSettings

_JUDGED = frozenset({"planned", "cost_estimated", "policy_checked", "post_plan_completed", "planned_and_saved"})
"""The run waits for somebody to confirm it, once it has nothing else to do by itself (`actions.is-confirmable`)."""
_SOFT = frozenset({"policy_override", "policy_soft_failed", "post_plan_awaiting_decision"})
_ENDED = frozenset({"applied", "errored", "canceled", "force_canceled", "discarded", "planned_and_finished"})
_APPLYING = frozenset({"confirmed", "apply_queued", "applying", "queuing_apply"})


class Workspace:
    """One workspace."""

    def __init__(self, job: Job[Any]) -> None:
        assert job.settings.hcp is not None
        self._job = job
        self._settings: TerraformSettings = job.settings
        self._hcp: Hcp = job.settings.hcp
        self._api = Api(self._hcp.address, job.secrets.reveal(self._hcp.token), job.allowed)
        self._id = ""

    async def outputs(self) -> dict[str, JsonValue]:
        """The outputs that the state has now, but for the sensitive ones. Raises StepError."""
        found = await self._api.ask("GET", f"workspaces/{await self._workspace()}/current-state-version-outputs")
        told = (one["attributes"] for one in (found or {}).get("data", ()))
        return {one["name"]: one["value"] for one in told if not one["sensitive"]}

    async def plan(self, more: Mapping[str, JsonValue] | None = None, *, refresh_only: bool = False) -> Planned:
        """What would be changed, by a run that cannot apply. Raises StepError."""
        made = await self._begin({"plan-only": True, "refresh-only": refresh_only}, more or {})
        run = await self._until_judged(made)
        shown = await self._shown(run)
        outputs = shown.get("planned_values", {}).get("outputs", {})
        return Planned(
            changes_in(shown),
            {name: one.get("value") for name, one in outputs.items() if not one.get("sensitive")},
            drift=drift_in(shown) if refresh_only else (),
            notes=await self._cost(run),
            given=dict(more or {}),
        )

    async def apply(self, planned: Planned) -> Events:
        """Let a run change that, and no other. Raises StepError; what it has begun is cancelled with the step."""
        await self._clear_up()
        made = await self._begin({"auto-apply": False}, planned.given)
        events = Events(total=len(planned.changes.resources))
        try:
            run = await self._until_judged(made)
            if run["attributes"]["status"] == "planned_and_finished":
                return events
            await self._same(run, planned.changes)
            await self._api.act(made, "apply", self._message())
            return await self._until_applied(made, events)
        except (StepError, asyncio.CancelledError):
            await asyncio.shield(self._give_up(made))
            raise

    async def _workspace(self) -> str:
        if not self._id:
            where = f"organizations/{self._hcp.organization}/workspaces/{self._hcp.workspace}"
            found = await self._api.ask("GET", where)
            if found is None:
                raise StepError(
                    ErrorType.NOT_FOUND,
                    f"HCP Terraform shows no workspace {self._settings.named} to this token: look at both.",
                )
            self._id = found["data"]["id"]
        return self._id

    def _message(self) -> str:
        call = self._job.call
        return f"evac {call.runbook}: {call.step} of run {call.run}, decision {call.epoch}"

    async def _begin(self, kind: dict[str, bool], more: Mapping[str, JsonValue]) -> str:
        """Ask for a run; its id."""
        values = {**self._settings.variables, **more}
        attributes: dict[str, Any] = {
            **kind,
            "message": self._message(),
            "variables": [{"key": name, "value": json.dumps(value)} for name, value in values.items()],
        }
        if self._settings.targets:
            attributes["target-addrs"] = list(self._settings.targets)
        workspace = {"data": {"type": "workspaces", "id": await self._workspace()}}
        data = {"type": "runs", "attributes": attributes, "relationships": {"workspace": workspace}}
        found = await self._api.ask("POST", "runs", {"data": data})
        if found is None:
            raise StepError(ErrorType.DENIED, f"The token may not begin runs of {self._settings.named}: let it.")
        return str(found["data"]["id"])

    async def _until_judged(self, run_id: str) -> dict[str, Any]:
        """The run as soon as it waits for a confirmation, or is over. Raises StepError for what speaks against it."""
        while True:
            run = await self._run(run_id)
            status, actions = run["attributes"]["status"], run["attributes"].get("actions", {})
            self._job.progress.text = f"{self._settings.named}: {status.replace('_', ' ')}"
            if status in _SOFT or status == "errored":
                raise await self._refused(run)
            if status in _ENDED:
                if status == "planned_and_finished":
                    return run
                raise StepError(
                    ErrorType.WRONG_STATE, f"The run {run_id} was {status} by somebody: ask why, then retry."
                )
            if status in _JUDGED and (actions.get("is-confirmable") or run["attributes"].get("plan-only")):
                return run
            await asyncio.sleep(self._hcp.every)

    async def _until_applied(self, run_id: str, events: Events) -> Events:
        known = 0
        while True:
            run = await self._run(run_id)
            status = run["attributes"]["status"]
            log = await self._api.log("applies", run)
            for line in log[known:].splitlines() if log.endswith("\n") else ():
                events.line(line)
            known = len(log) if log.endswith("\n") else known
            self._job.progress.text = events.text or status.replace("_", " ")
            if status == "applied":
                return events
            if status in _ENDED:
                failure = error_of(f"The run {run_id} of {self._settings.named}", events.errors, log[-2000:] or status)
                failure.evidence.update(seconds=dict(events.done), failed=list(events.failed))
                raise failure
            await asyncio.sleep(self._hcp.every)

    async def _run(self, run_id: str) -> dict[str, Any]:
        found = await self._api.ask("GET", f"runs/{run_id}")
        if found is None:
            raise StepError(ErrorType.NOT_FOUND, f"The run {run_id} is gone: retry.")
        run: dict[str, Any] = found["data"]
        return run

    async def _shown(self, run: dict[str, Any]) -> dict[str, Any]:
        """The plan as `terraform show -json` gives it."""
        found = await self._api.ask("GET", f"plans/{run['relationships']['plan']['data']['id']}/json-output")
        if found is None:
            raise StepError(ErrorType.DENIED, "The token may not read the run's plan: it needs admin access to it.")
        return found

    async def _same(self, run: dict[str, Any], judged: Changes) -> None:
        now = changes_in(await self._shown(run))
        beyond = now.beyond(judged.approved())
        if beyond:
            sentence = f"Meanwhile it would change something else ({beyond[0]}): it is planned anew."
            raise StepError(ErrorType.CONFLICT, sentence)

    async def _refused(self, run: dict[str, Any]) -> StepError:
        """Which policies failed; or the plan's own errors."""
        found = await self._api.ask("GET", f"runs/{run['id']}/policy-checks")
        checks = (found or {}).get("data", ())
        failed = [one for one in checks if one["attributes"]["status"] in ("soft_failed", "hard_failed", "errored")]
        if not failed:
            log = await self._api.log("plan", run)
            return error_of(f"The run {run['id']} of {self._settings.named}", errors_in(log), log[-2000:])
        soft = all(one["attributes"]["status"] == "soft_failed" for one in failed)
        how = "which somebody who may could override in HCP Terraform" if soft else "which nobody can override"
        names = ", ".join(_policies(one) or one["id"] for one in failed)
        return StepError(
            ErrorType.WRONG_STATE,
            f"{self._settings.named} must not be changed so: {names} failed, {how}. Nothing was applied.",
            {"run": run["id"], "policies": names},
        )

    async def _cost(self, run: dict[str, Any]) -> tuple[str, ...]:
        estimate = run["relationships"].get("cost-estimate", {}).get("data")
        found = None if estimate is None else await self._api.ask("GET", f"cost-estimates/{estimate['id']}")
        told = {} if found is None else found["data"]["attributes"]
        if told.get("status") != "finished":
            return ()
        return (f"cost: {told['proposed-monthly-cost']} USD a month, {told['delta-monthly-cost']} more than before",)

    async def _clear_up(self) -> None:
        """What an earlier try has begun (its worker died): one that waits is discarded, one that applies is awaited."""
        found = await self._api.ask("GET", f"workspaces/{await self._workspace()}/runs?page%5Bsize%5D=20")
        for run in (found or {}).get("data", ()):
            told = run["attributes"]
            if told["message"] != self._message() or told["status"] in _ENDED or told.get("plan-only"):
                continue
            if told["status"] in _APPLYING:
                await self._until_applied(run["id"], Events())
                raise StepError(ErrorType.CONFLICT, f"An earlier try applied by run {run['id']}: it is planned anew.")
            await self._give_up(run["id"])

    async def _give_up(self, run_id: str) -> None:
        """Discard it while it waits, cancel it while it works; what is over is left."""
        actions = (await self._run(run_id))["attributes"].get("actions", {})
        for able, word in (("is-discardable", "discard"), ("is-cancelable", "cancel")):
            if actions.get(able):
                await self._api.act(run_id, word, self._message())
                return


def _policies(check: Mapping[str, Any]) -> str:
    """The names of the policies that failed, as Sentinel tells them."""
    found = check["attributes"].get("result", {}).get("sentinel", {}).get("data", {})
    failed = [
        policy["policy"]["name"] if isinstance(policy["policy"], dict) else policy["policy"]
        for group in found.values()
        for policy in group.get("policies", ())
        if not policy["result"]
    ]
    return ", ".join(f"the policy {name}" for name in failed)
