"""Azure Automation: https://learn.microsoft.com/rest/api/automation/job."""

from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_KIND = "automationAccounts/*/jobs"


class Automation(Provider):
    """A job goes on by being looked at. One of a name that is there already is not made again."""

    namespace = "Microsoft.Automation"
    versions = frozenset({"2024-10-23"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Every job ends well at the second look."""
        self.looks = 2
        self.ends: dict[str, Any] = {"status": "Completed"}
        """What the next jobs come to: status, and exception."""
        self.output = "all drained"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Runbooks, jobs, and what jobs have written."""
        return {
            ("GET", "automationAccounts/*/runbooks/*"): self._get,
            ("GET", _KIND): self._list,
            ("GET", f"{_KIND}/*"): self._job,
            ("PUT", f"{_KIND}/*"): self._create,
            ("GET", f"{_KIND}/*/output"): self._output,
        }

    def jobs(self, arm: Arm) -> list[Body]:
        """All that were ever made."""
        with arm.lock:
            return [one for path, one in arm.resources.items() if "/jobs/" in path]

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        arm.must(asked, asked.path.partition("/runbooks/")[0])
        return Answer(200, arm.must(asked))

    def _list(self, arm: Arm, asked: Asked) -> Answer:
        arm.must(asked, asked.path.partition("/jobs")[0])
        before, _, name = asked.query.get("$filter", "").rpartition(" eq ")
        if before != "properties/runbook/name":
            raise Refusal(501, "NotInTheFake", f"jobs by {asked.query}")
        under = f"{asked.path}/".lower()
        with arm.lock:
            found = [one for path, one in arm.resources.items() if path.startswith(under)]
        wanted = [one for one in found if one["properties"]["runbook"]["name"] == name.strip("'")]
        return Answer(200, {"value": [_shown(one) for one in wanted]})

    def _job(self, arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        found["looks"] -= 1
        if found["looks"] <= 0:
            found["properties"] |= found["ends"]
        return Answer(200, _shown(found))

    def _create(self, arm: Arm, asked: Asked) -> Answer:
        account = asked.path.partition("/jobs/")[0]
        arm.must(asked, account)
        properties = asked.body.get("properties", {})
        if set(asked.body) != {"properties"} or set(properties) - {"runbook", "parameters", "runOn"}:
            raise Refusal(400, "BadRequest", "The body has members that no job has.")
        if not all(isinstance(value, str) for value in properties.get("parameters", {}).values()):
            raise Refusal(400, "BadRequest", "Parameters are texts.")
        runbook = arm.must(asked, f"{account}/runbooks/{properties['runbook']['name']}")
        if runbook["properties"]["state"] == "New":
            raise Refusal(400, "BadRequest", "The runbook has no published version.")
        if asked.path.lower() in arm.resources:
            raise Refusal(409, "Conflict", "A job of that name is there already.")
        arm.put(asked.path, {"properties": {**properties, "status": "New"}, "looks": self.looks, "ends": self.ends})
        return Answer(201, _shown(arm.resource(asked.path)))

    def _output(self, arm: Arm, asked: Asked) -> Answer:
        arm.must(asked, asked.path.rpartition("/")[0])
        return Answer(200, text=self.output)


def _shown(job: Body) -> Body:
    return {key: job[key] for key in ("id", "name", "type", "properties")}
