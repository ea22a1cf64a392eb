"""ARC Region switch, which moto has not got: plans that a test tells, and executions that go on at each look.

https://docs.aws.amazon.com/r53recovery/latest/dg/region-switch.html
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.aws.fake import Fake, Refusal

_ENDED = frozenset({"completed", "completedWithExceptions", "canceled", "failed", "planExecutionTimedOut"})
_ARN = re.compile(r"arn:aws[a-zA-Z-]*:arc-region-switch::[0-9]{12}:plan/[A-Za-z0-9-]{1,32}:[a-z0-9]{6}")


class FakeRegionSwitch(Fake):
    """One plan has one execution at a time; a token is taken once; manual steps wait for their approval."""

    service = "arc-region-switch"

    def reset(self) -> None:
        """No plans."""
        self._plans: dict[str, dict[str, Any]] = {}
        self._executions: list[dict[str, Any]] = []

    def told(self, what: Mapping[str, Any]) -> Any:
        """`plan`: its ARN, with `steps` (those that begin with `approve` are manual) and `regions`; `ends`: how."""
        if "plan" in what:
            given = {"steps": ["scale"], "regions": ["us-east-1", "eu-west-1"], "ends": "completed"}
            self._plans[what["plan"]] = {**given, **what}
        elif "resumed" in what:
            for one in self._executions:
                one["ends"] = "completed"
        elif "executions" in what:
            keys = ("executionRegion", "executionAction", "mode", "executionState", "approved")
            return [{key: one[key] for key in keys} for one in self._executions]
        else:
            raise NotImplementedError(what)
        return None

    def get_plan_in_region(self, region: str, arn: str) -> dict[str, Any]:
        """In any region's data plane."""
        del region
        plan = self._plan(arn)
        name = arn.partition("/")[2].partition(":")[0]
        return {
            "plan": {
                "arn": arn,
                "name": name,
                "regions": plan["regions"],
                "workflows": [],
                "executionRole": "arn:aws:iam::123456789012:role/region-switch",
                "recoveryApproach": "activePassive",
                "owner": "123456789012",
            }
        }

    def start_plan_execution(  # noqa: PLR0913, PLR0917 - as many as AWS takes
        self,
        region: str,
        planArn: str,  # noqa: N803 - boto3's own spelling
        targetRegion: str,  # noqa: N803
        action: str,
        mode: str = "graceful",
        comment: str = "",
        clientToken: str = "",  # noqa: N803
        latestVersion: str = "true",  # noqa: N803
    ) -> dict[str, Any]:
        """Refused while another one goes on."""
        plan = self._plan(planArn)
        again = [one for one in self._executions if one["token"] == clientToken != ""]
        if again:
            return self._started(again[0])
        if targetRegion not in plan["regions"] or latestVersion not in ("true", "false"):
            code, message = "IllegalArgumentException", "the region is none of the plan's"
            raise Refusal(code, message)
        if any(one["planArn"] == planArn and one["executionState"] not in _ENDED for one in self._executions):
            code, message = "IllegalStateException", "another execution of the plan is in progress"
            raise Refusal(code, message)
        made = {
            "planArn": planArn,
            "executionId": f"{region}/{len(self._executions):016x}",
            "startTime": datetime.now(UTC) + timedelta(milliseconds=len(self._executions)),
            "comment": comment,
            "mode": mode,
            "executionAction": action,
            "executionRegion": targetRegion,
            "executionState": "inProgress",
            "token": clientToken,
            "left": list(plan["steps"]),
            "ends": plan["ends"],
            "approved": [],
        }
        self._executions.append(made)
        return self._started(made)

    def list_plan_executions(self, region: str, planArn: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Each goes on by a step whenever it is looked at."""
        del region
        self._plan(planArn)
        found = [one for one in self._executions if one["planArn"] == planArn]
        for one in found:
            self._go_on(one)
        return {"items": [_shown(one) for one in found]}

    def get_plan_execution(self, region: str, planArn: str, executionId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """With the states of its steps."""
        del region
        one = self._execution(planArn, executionId)
        waiting = {"pendingManualApproval": "pendingApproval", "pausedByFailedStep": "failed"}
        states = [{"name": name, "status": "notStarted"} for name in one["left"]]
        if states:
            states[0]["status"] = waiting.get(one["executionState"], "running")
        return {**_shown(one), "stepStates": states}

    def approve_plan_execution_step(  # noqa: PLR0913, PLR0917 - as many as AWS takes
        self,
        region: str,
        planArn: str,  # noqa: N803
        executionId: str,  # noqa: N803
        stepName: str,  # noqa: N803
        approval: str,
        comment: str = "",
    ) -> dict[str, Any]:
        """Only of the step that waits."""
        del region, comment
        one = self._execution(planArn, executionId)
        if one["executionState"] != "pendingManualApproval" or one["left"][:1] != [stepName]:
            code, message = "ResourceNotFoundException", f"no step {stepName} waits for approval"
            raise Refusal(code, message)
        if approval == "decline":
            one["executionState"] = "canceled"
            return {}
        one["approved"].append(one["left"].pop(0))
        one["executionState"] = "inProgress"
        return {}

    def _go_on(self, one: dict[str, Any]) -> None:
        if one["executionState"] in _ENDED:
            return
        if one["left"] and one["left"][0].startswith("approve"):
            one["executionState"] = "pendingManualApproval"
        elif one["ends"].startswith("paused"):
            one["executionState"] = one["ends"]
        elif one["left"]:
            one["left"].pop(0)
            one["executionState"] = "inProgress"
        else:
            one["executionState"] = one["ends"]

    def _plan(self, arn: str) -> dict[str, Any]:
        if not _ARN.fullmatch(arn):
            code, message = "ValidationException", "the ARN is malformed"
            raise Refusal(code, message)
        if arn not in self._plans:
            code, message = "ResourceNotFoundException", "the plan does not exist"
            raise Refusal(code, message)
        return self._plans[arn]

    def _execution(self, plan: str, name: str) -> dict[str, Any]:
        self._plan(plan)
        found = [one for one in self._executions if (one["planArn"], one["executionId"]) == (plan, name)]
        if not found:
            code, message = "ResourceNotFoundException", "the execution does not exist"
            raise Refusal(code, message)
        return found[0]

    @staticmethod
    def _started(one: dict[str, Any]) -> dict[str, Any]:
        return {"executionId": one["executionId"], "plan": one["planArn"], "planVersion": "1"}


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    keys = ("planArn", "executionId", "startTime", "comment", "mode", "executionState", "executionAction")
    return {key: one[key] for key in (*keys, "executionRegion")}
