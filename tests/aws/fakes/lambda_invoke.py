"""Invoking a function of Lambda, which moto does in Docker only: here it answers what a test says."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend


class FakeInvocations(Fake):
    """Of moto's own functions, which moto runs in Docker only: they return their event, or raise what a test says."""

    service = "lambda"

    def reset(self) -> None:
        """Every function returns its event."""
        self._invoked: list[dict[str, Any]] = []
        self._fails: dict[str, dict[str, str]] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`fails`: what a function raises, by name; `state`: of a function, by name; `invoked`: what was."""
        if "fails" in what:
            self._fails.update(what["fails"])
        elif "state" in what:
            for name, (region, state) in what["state"].items():
                backend("lambda", region).get_function(name).state = state
        elif "invoked" in what:
            return self._invoked
        else:
            raise NotImplementedError(what)
        return None

    def invoke(  # noqa: PLR0913, PLR0917 - as many as AWS takes
        self,
        region: str,
        FunctionName: str,  # noqa: N803 - boto3's own spelling
        InvocationType: str = "RequestResponse",  # noqa: N803
        LogType: str = "None",  # noqa: N803
        Payload: Any = b"{}",  # noqa: N803
        Qualifier: str | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """The event comes back, or the error that it was told to raise."""
        name = FunctionName
        try:
            known = backend("lambda", region).get_function(name, Qualifier)
        except UnknownFunctionException:
            code = "ResourceNotFoundException"
            raise Refusal(code, f"Function not found: {name}") from None
        raw = Payload if isinstance(Payload, bytes | str) else Payload.read()
        event = json.loads(raw)
        self._invoked.append(
            {"function": known.function_name, "event": event, "type": InvocationType, "region": region}
        )
        if InvocationType == "Event":
            return {"StatusCode": 202, "Payload": b""}
        log = {"LogResult": base64.b64encode(b"START\nthe end of the log\n").decode()} if LogType == "Tail" else {}
        found = {"StatusCode": 200, "ExecutedVersion": "$LATEST", **log}
        error = self._fails.get(known.function_name)
        if error is not None:
            return {**found, "FunctionError": "Unhandled", "Payload": json.dumps(error).encode()}
        return {**found, "Payload": json.dumps(event).encode()}
