"""Steps of a runbook's own on AWS: what is wrong with their settings is found, and their texts are filled in."""

import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from runbooks.faults import RunbookError
from runbooks.load import loads
from runbooks.models import Procedure
from runbooks.paper.cases import cases
from runbooks.schema import runbook_schema
from tests.runbooks.documents import spoilt
from tests.runbooks.json_schema import Judge

STEP = """\
steps:
  - name: drain
    uses: run.aws_lambda
    before: cut_over
    settings:
      aws_region: "{region}"
      function: drain
      payload: {group: "llm-{site}", keep: "{not} {region"}
"""


def book(step: str = STEP) -> str:
    """The small runbook with that step."""
    return spoilt(("checks:", f"{step}checks:"))


def faults(text: str) -> list[str]:
    """Every fault, as it is printed."""
    with pytest.raises(RunbookError) as caught:
        loads(text)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("function: drain", "fonction: drain"),
            "unknown key `fonction` in steps[0].settings; did you mean `function`",
        ),
        (('aws_region: "{region}"', "aws_region: Ireland"), "steps[0].settings.aws_region must match"),
        (('aws_region: "{region}"', 'aws_region: "{regoin}"'), "`{regoin}` stands for nothing here; did you mean `reg"),
        (("      function: drain\n", ""), "steps[0].settings.function is missing"),
        (("run.aws_lambda", "run.lambda"), "`run.lambda` cannot be used here; did you mean `run.aws_lambda`"),
        (("function: drain", "function: drain\n      wait: maybe"), "steps[0].settings.wait must be true or false"),
    ],
)
def test_mistakes_are_found_with_their_place(change: tuple[str, str], sentence: str) -> None:
    """Each with line and column."""
    (found,) = faults(book(STEP.replace(*change)))
    place, _, said = found.partition(": ")
    assert said.startswith(sentence)
    assert all(part.isdecimal() for part in place.rsplit(":", 2)[-2:])


def test_a_command_runs_on_machines_by_id_or_by_tags() -> None:
    """Neither is nowhere, and both are a contradiction."""
    given = (
        "steps: [{name: a, uses: run.ssm_command, before: cut_over, settings: {aws_region: eu-west-1, document: d}}]\n"
    )
    (found,) = faults(book(given))
    assert found.endswith("steps[0].settings: give either `instances` or `tags`: the machines that it runs on")


def test_its_texts_are_filled_in_when_it_is_planned() -> None:
    """The step's region, and the region's own texts; braces that are none of ours stay."""
    (case,) = (case for case in cases(loads(book()).runbook) if case.procedure is Procedure.SWITCHOVER)
    assert case.plan is not None
    (step,) = (step for step in case.plan.steps if step.uses == "run.aws_lambda")
    assert step.settings["aws_region"] == "eu-west-1"
    assert step.settings["payload"] == {"group": "llm-euw1", "keep": "{not} {region"}


def test_a_command_is_handed_over_as_it_is() -> None:
    """Braces in a program's arguments are its own."""
    step = "steps: [{name: a, uses: run.command, before: cut_over, settings: {argv: ['echo', '{region}']}}]\n"
    (case,) = (case for case in cases(loads(book(step)).runbook) if case.procedure is Procedure.SWITCHOVER)
    assert case.plan is not None
    (own,) = (step for step in case.plan.steps if step.uses == "run.command")
    assert own.settings["argv"] == ["echo", "{region}"]


def test_an_editor_knows_them_too() -> None:
    """The schema takes the step, and underlines the same mistakes of form."""
    judge = Judge(json.loads(json.dumps(runbook_schema())))
    assert judge.accepts(data_of(book()))
    for change in (("function: drain", "fonction: drain"), ('"{region}"', "Ireland"), ("      function: drain\n", "")):
        assert not judge.accepts(data_of(book(STEP.replace(*change))))


def data_of(text: str) -> Any:
    """The text as an editor's own YAML reader sees it."""
    return YAML(typ="safe", pure=True).load(text)
