"""SageMaker's endpoints over moto's: a change takes time, and may fail; their models answer.

Moto changes an endpoint in no time, loses the weights that are not said, and lets anybody invoke what is not there.
"""

import time
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeEndpoints(Fake):
    """`describe_endpoint` and `update_endpoint_weights_and_capacities`."""

    service = "sagemaker"

    def reset(self) -> None:
        """A change is done by the first look after it."""
        self._changing: dict[str, dict[str, Any]] = {}
        self._told: dict[str, Any] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`slow` (looks during which an endpoint is changing), `fails` (why a change is taken back), `status`."""
        if not set(what) <= {"slow", "fails", "status"}:
            raise NotImplementedError(what)
        self._told.update(what)

    def describe_endpoint(self, region: str, EndpointName: str) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        """As moto knows it; a change goes on by a step with each look."""
        endpoint = find_endpoint(region, EndpointName)
        self._go_on(endpoint)
        shown = endpoint.response_object
        return {
            **{key: shown[key] for key in ("EndpointName", "EndpointArn", "EndpointConfigName", "ProductionVariants")},
            "EndpointStatus": self._status(endpoint),
            "CreationTime": endpoint.creation_time,
            "LastModifiedTime": endpoint.last_modified_time,
            **({"FailureReason": endpoint.failure_reason} if endpoint.failure_reason else {}),
        }

    def update_endpoint_weights_and_capacities(
        self,
        region: str,
        EndpointName: str,  # noqa: N803
        DesiredWeightsAndCapacities: list[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        """One change at a time, of variants that there are, to at least one instance."""
        endpoint = find_endpoint(region, EndpointName)
        code = "ValidationException"
        if self._status(endpoint) != "InService":
            raise Refusal(code, f'Cannot update in-progress endpoint "{endpoint.arn}".')
        known = {one["VariantName"] for one in endpoint.production_variants}
        for asked in DesiredWeightsAndCapacities:
            if asked["VariantName"] not in known:
                message = (
                    f'The variant name(s) "{asked["VariantName"]}" is/are not present within endpoint configuration'
                )
                raise Refusal(code, message)
            if asked.get("DesiredInstanceCount", 1) < 1:
                raise Refusal(code, "DesiredInstanceCount must be at least 1.")
        self._changing[endpoint.arn] = {"left": self._told.get("slow", 0), "asked": DesiredWeightsAndCapacities}
        return {"EndpointArn": endpoint.arn}

    def _status(self, endpoint: Any) -> str:
        return str(self._told.get("status") or ("Updating" if endpoint.arn in self._changing else "InService"))

    def _go_on(self, endpoint: Any) -> None:
        change = self._changing.get(endpoint.arn)
        if change is None:
            return
        change["left"] -= 1
        if change["left"] >= 0:
            return
        del self._changing[endpoint.arn]
        if "fails" in self._told:
            endpoint.failure_reason = self._told["fails"]
            return
        for asked in change["asked"]:
            for variant in endpoint.production_variants:
                if variant["VariantName"] == asked["VariantName"] and "DesiredInstanceCount" in asked:
                    variant["DesiredInstanceCount"] = variant["CurrentInstanceCount"] = asked["DesiredInstanceCount"]


class FakeInvocations(Fake):
    """`invoke_endpoint`: the model says what the test has told it."""

    service = "sagemaker-runtime"

    def reset(self) -> None:
        """It says that two and two are four."""
        self._says = '{"generated_text": "2 + 2 = 4"}'
        self._slow = 0.0
        self._fails = ""
        self._asked: list[dict[str, Any]] = []

    def told(self, what: Mapping[str, Any]) -> Any:
        """`says` (a body), `slow` (seconds), `fails` (the container's error); gives what it has been asked so far."""
        self._says, self._slow = what.get("says", self._says), what.get("slow", self._slow)
        self._fails = what.get("fails", self._fails)
        return self._asked

    def invoke_endpoint(self, region: str, EndpointName: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
        """Only of an endpoint that is there."""
        if EndpointName not in backend("sagemaker", region).endpoints:
            code = "ValidationError"
            raise Refusal(code, f"Endpoint {EndpointName} of account 123456789012 not found.")
        body = asked["Body"]
        self._asked.append({**asked, "Body": body.decode() if isinstance(body, bytes) else body})
        time.sleep(self._slow)
        if self._fails:
            code = "ModelError"
            raise Refusal(code, f"Received server error (500) from primary with message {self._fails}")
        return {
            "Body": self._says.encode(),
            "ContentType": "application/json",
            "InvokedProductionVariant": "AllTraffic",
        }


def find_endpoint(region: str, name: str) -> Any:
    """Moto's own, or what SageMaker says when there is none."""
    endpoints = backend("sagemaker", region).endpoints
    if name not in endpoints:
        code = "ValidationException"
        raise Refusal(code, f'Could not find endpoint "arn:aws:sagemaker:{region}:123456789012:endpoint/{name}".')
    return endpoints[name]
