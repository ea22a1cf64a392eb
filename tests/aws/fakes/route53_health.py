"""Route 53's health checks over moto's: a change must name the version that it was made for."""

from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_FIELDS = {"Disabled": "disabled", "Inverted": "inverted", "Port": "port", "IPAddress": "ip_address"}


class FakeChecks(Fake):
    """`update_health_check` with versions, which moto neither counts nor compares."""

    service = "route53"

    def update_health_check(self, region: str, **asked: Any) -> dict[str, Any]:
        """By compare and set."""
        del region
        name = asked.pop("HealthCheckId")
        check = backend("route53", "aws").health_checks.get(name)
        if check is None:
            code = "NoSuchHealthCheck"
            raise Refusal(code, f"A health check with id {name} does not exist.")
        version = asked.pop("HealthCheckVersion", check.health_check_version)
        if version != check.health_check_version:
            code = "HealthCheckVersionMismatch"
            raise Refusal(code, f"The health check {name} has version {check.health_check_version}, not {version}.")
        for key, value in asked.items():
            setattr(check, _FIELDS[key], value)
        check.health_check_version += 1
        shown = {"Type": check.type_, "Disabled": check.disabled, "Inverted": check.inverted}
        return {
            "HealthCheck": {
                "Id": name,
                "CallerReference": check.caller_reference,
                "HealthCheckConfig": shown,
                "HealthCheckVersion": check.health_check_version,
            }
        }
