"""Bedrock's models, which moto does not let converse: they say what a test has told them."""

import time
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal

MODELS = frozenset({"amazon.nova-lite-v1:0", "eu.amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0"})


class FakeModels(Fake):
    """`converse`."""

    service = "bedrock-runtime"

    def reset(self) -> None:
        """They say that two and two are four."""
        self._says: list[dict[str, Any]] = [{"text": "2 + 2 = "}, {"text": "4"}]
        self._slow = 0.0
        self._asked: list[dict[str, Any]] = []

    def told(self, what: Mapping[str, Any]) -> Any:
        """`says` (the content of the message), `slow` (seconds); gives what was asked so far."""
        self._says, self._slow = what.get("says", self._says), what.get("slow", self._slow)
        return self._asked

    def converse(self, region: str, modelId: str, messages: list[Any], **asked: Any) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        """Only with models that there are; the last word must be the user's."""
        del region
        code = "ValidationException"
        if modelId not in MODELS:
            raise Refusal(code, "The provided model identifier is invalid.")
        if not messages or messages[-1]["role"] != "user":
            raise Refusal(code, "A conversation must end with a user message. Try again with a conversation that does.")
        self._asked.append({"modelId": modelId, "messages": messages, **asked})
        time.sleep(self._slow)
        return {
            "output": {"message": {"role": "assistant", "content": self._says}},
            "stopReason": "end_turn" if self._says else "max_tokens",
            "usage": {"inputTokens": 4, "outputTokens": 6, "totalTokens": 10},
            "metrics": {"latencyMs": 30},
        }
