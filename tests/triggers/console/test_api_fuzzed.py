"""The REST API against its own description, by requests that nobody thought of (schemathesis)."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.triggers import samples
from tests.triggers.console.test_works import seeing
from triggers.console import gate
from triggers.console.access import ConsoleRole
from triggers.console.api_tokens import ApiTokens
from triggers.console.routes import routes
from triggers.console.settings import ConsoleSettings

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_as_described(tmp_path: Path, mode: GenerationMode) -> None:
    """With requests that fit the description and such that do not: no other status, form or fault than it names."""
    at = seeing(tmp_path)
    at.state = samples.approving_run()
    app = FastAPI()
    gate.install(app, ConsoleSettings(tokens=True), at.settings)
    app.include_router(routes(at))
    _, text = ApiTokens(tmp_path).create("fuzz", ConsoleRole.ADMIN, 600)
    headers = {"Authorization": f"Bearer {text}", "Host": "localhost"}
    described = openapi.from_asgi("/api/openapi.json", app, headers=headers)
    operations = [found.ok() for found in described.get_all_operations()]
    tried = [_tried(operation, mode, headers) for operation in operations]
    assert (len(operations), sum(tried) > len(operations)) == (21, True)


def _tried(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> int:
    """How many requests were answered as described."""
    count = 0

    @FEW
    @given(operation.as_strategy(generation_mode=mode))
    def answered(case: Case) -> None:
        nonlocal count
        answer = case.call(headers=headers)
        away = answer.status_code == 503  # there is no Temporal here, and that is in the description
        case.validate_response(answer, checks=CHECKS[1:] if away else CHECKS)
        count += 1

    with suppress(Unsatisfiable):  # nothing can be sent wrongly where nothing is sent
        answered()
    return count
