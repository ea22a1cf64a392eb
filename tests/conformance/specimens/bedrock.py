"""A model of Amazon Bedrock (tests/aws/fakes/bedrock.py)."""

from typing import Any

from tests.conformance.specimen import OnAws, Settings

MODEL = "amazon.nova-lite-v1:0"


class VerifyBedrock(OnAws):
    """A question to it."""

    uses = "verify.bedrock"

    async def stand(self) -> Settings:
        """With a question, and the right answer."""
        return self.aws.settings(self.there, model=MODEL, prompt="2+2=", expect="4")

    async def effect(self) -> Any:
        """What the model says: it remembers nothing of what it is asked."""
        question = [{"role": "user", "content": [{"text": "2+2="}]}]
        return self.aws.client("bedrock-runtime", self.there).converse(modelId=MODEL, messages=question)["output"]

    async def absent(self, settings: Settings) -> Settings:
        """Another model."""
        return {**settings, "model": "amazon.none-v1:0"}

    async def spoil(self, settings: Settings) -> Settings:
        """The model is wrong."""
        self.aws.tell("bedrock-runtime", says=[{"text": "five"}])
        return settings
