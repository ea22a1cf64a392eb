"""Lambda's provisioned concurrency, which moto has not got; its functions and aliases are moto's."""

from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeProvisioned(Fake):
    """What is asked for is there at the next look, or as a test says."""

    service = "lambda"

    def reset(self) -> None:
        """Nothing is provisioned."""
        self._kept: dict[tuple[str, str, str], int] = {}
        self._told: dict[str, Any] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`most` (no more come up), `why` (they do not), `quota` (of one configuration)."""
        if not set(what) <= {"most", "why", "quota"}:
            raise NotImplementedError(what)
        self._told.update(what)

    def put_provisioned_concurrency_config(
        self,
        region: str,
        FunctionName: str,  # noqa: N803 - Lambda's own names
        Qualifier: str,  # noqa: N803
        ProvisionedConcurrentExecutions: int,  # noqa: N803
    ) -> dict[str, Any]:
        """Of a version or an alias, and as much as the account has left."""
        key = _key(region, FunctionName, Qualifier)
        code = "InvalidParameterValueException"
        if Qualifier == "$LATEST":
            raise Refusal(code, "Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        if ProvisionedConcurrentExecutions > self._told.get("quota", 1000):
            message = (
                "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
                "its minimum value of [100]."
            )
            raise Refusal(code, message)
        self._kept[key] = ProvisionedConcurrentExecutions
        return {**self._shown(key), "Status": "IN_PROGRESS", "AvailableProvisionedConcurrentExecutions": 0}

    def get_provisioned_concurrency_config(self, region: str, FunctionName: str, Qualifier: str) -> dict[str, Any]:  # noqa: N803
        """How far it is."""
        return self._shown(self._found(region, FunctionName, Qualifier))

    def delete_provisioned_concurrency_config(self, region: str, FunctionName: str, Qualifier: str) -> dict[str, Any]:  # noqa: N803
        """It is gone at once."""
        del self._kept[self._found(region, FunctionName, Qualifier)]
        return {}

    def _found(self, region: str, function: str, qualifier: str) -> tuple[str, str, str]:
        key = _key(region, function, qualifier)
        if key not in self._kept:
            code = "ProvisionedConcurrencyConfigNotFoundException"
            raise Refusal(code, "No Provisioned Concurrency Config found for this function")
        return key

    def _shown(self, key: tuple[str, str, str]) -> dict[str, Any]:
        wanted = self._kept[key]
        there = min(wanted, self._told.get("most", wanted))
        fails = self._told.get("why")
        status = "READY" if there == wanted else "FAILED" if fails else "IN_PROGRESS"
        shown = {
            "RequestedProvisionedConcurrentExecutions": wanted,
            "AllocatedProvisionedConcurrentExecutions": there,
            "AvailableProvisionedConcurrentExecutions": there,
            "Status": status,
        }
        return {**shown, "StatusReason": fails} if status == "FAILED" else shown


def _key(region: str, function: str, qualifier: str) -> tuple[str, str, str]:
    known = backend("lambda", region)
    names = {one.function_name for one in known.list_functions()}
    arn = f"arn:aws:lambda:{region}:123456789012:function:{function}"
    code = "ResourceNotFoundException"
    if function not in names:
        raise Refusal(code, f"Function not found: {arn}")
    if qualifier not in {alias.name for alias in known.list_aliases(function)} and not qualifier.startswith("$"):
        raise Refusal(code, f"Cannot find alias arn: {arn}:{qualifier}")
    return region, function, qualifier
