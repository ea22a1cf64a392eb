"""The quotas of EC2, of which moto knows none: large ones, until a test says otherwise."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal

_LARGE = 100_000.0


class FakeQuotas(Fake):
    """`get_service_quota` for EC2."""

    service = "service-quotas"

    def reset(self) -> None:
        """All are large."""
        self._quotas: dict[str, float] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`quotas`: values by code; None: there is no such quota."""
        self._quotas.update(what["quotas"])

    def get_service_quota(self, region: str, ServiceCode: str, QuotaCode: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """One quota."""
        value = self._quotas.get(QuotaCode, _LARGE)
        if ServiceCode != "ec2" or value is None:
            code, message = "NoSuchResourceException", "The specified resource does not exist."
            raise Refusal(code, message)
        arn = f"arn:aws:servicequotas:{region}:123456789012:ec2/{QuotaCode}"
        return {
            "Quota": {"ServiceCode": "ec2", "QuotaCode": QuotaCode, "QuotaArn": arn, "Value": value, "Unit": "None"}
        }
