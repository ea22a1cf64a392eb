"""Checks that ask a cloud, in a runbook: their texts are filled in for each region, and what is wrong is said there."""

import pytest

from runbooks.faults import RunbookError
from runbooks.load import loads
from runbooks.probes import checks
from tests.runbooks.documents import SMALL, spoilt

ARN = "arn:aws:elasticloadbalancing:{region}:123456789012:targetgroup/{site}/0123456789abcdef"

AZURE = "subscription: 11111111-2222-3333-4444-555555555555"
TARGET = "Microsoft.Compute/virtualMachineScaleSets/llm"
OF = f"target: {TARGET}"
TARGETS = f"targets: [{TARGET}]"


def with_check(line: str) -> str:
    """The small system with one more check."""
    return f"{SMALL}  - {line}\n"


def test_their_texts_are_filled_in_for_each_region() -> None:
    """AWS's region is what the runbook calls it, if nothing else is said; lists are filled in, too."""
    line = (
        '{kind: cloudwatch, alarms: ["{site}-errors", latency], timeout: 4s, '
        'role: "arn:aws:iam::123456789012:role/{site}"}'
    )
    (probe,) = (
        one for one in checks(loads(with_check(line)).runbook, "eu-west-1", "detect") if one.technology != "http"
    )
    assert probe.technology == "cloudwatch"
    assert probe.settings == {
        "aws_region": "eu-west-1",
        "alarms": ["euw1-errors", "latency"],
        "role": "arn:aws:iam::123456789012:role/euw1",
        "timeout": 4.0,
        "read_timeout": 4.0,
    }


@pytest.mark.parametrize(
    "line",
    [
        f'{{kind: target_group, target_group: "{ARN}", minimum: 2}}',
        f'{{kind: target_group, target_group: "{ARN}", minimum: 75%, use: [verify]}}',
        "{kind: aws_health, services: [EC2]}",
        f"{{kind: azure_service_health, {AZURE}, azure_region: '{{site}}'}}",
        f"{{kind: azure_resource_health, {AZURE}, azure_region: '{{site}}', resource_group: '{{site}}', {TARGETS}}}",
    ],
)
def test_they_are_checks_like_others(line: str) -> None:
    """Valid as they stand."""
    assert len(loads(with_check(line)).runbook.checks) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{kind: cloudwatch, alarms: [a], aws_region: eu}", "in us-east-1 it is `eu`, which AWS does not take"),
        ("{kind: cloudwatch, alarms: [a], aws_region: eu-west-1}", "every region would be asked of the same"),
        ('{kind: cloudwatch, alarms: ["{nothing}"]}', "`{nothing}` is not in the vars of us-east-1, eu-west-1"),
        ("{kind: cloudwatch, alarms: [a], use: [verify]}", "a check of kind cloudwatch can only detect"),
        ('{kind: target_group, target_group: "{site}"}', "in us-east-1 it is `use1`, which AWS does not take"),
        (f'{{kind: target_group, target_group: "{ARN}", minimum: 101%}}', "minimum"),
        (
            f"{{kind: azure_monitor, {AZURE}, azure_region: '{{site}}', resource_group: g, metric: m, {OF}}}",
            "give `at_most`, `at_least`, or both",
        ),
        (f"{{kind: azure_service_health, {AZURE}}}", "in us-east-1 it is `us-east-1`, which Azure does not take"),
        (f"{{kind: azure_service_health, {AZURE}, azure_region: eastus}}", "every region would be asked of the same"),
        (f"{{kind: azure_service_health, {AZURE}, use: [verify]}}", "azure_service_health can only"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(line: str, words: str) -> None:
    """Once, however many regions there are."""
    with pytest.raises(RunbookError) as caught:
        loads(with_check(line))
    assert words in str(caught.value)
    assert max(str(caught.value).count(f"which {cloud} does not take") for cloud in ("AWS", "Azure")) <= 1


def test_aws_alone_can_tell_that_a_region_is_dead() -> None:
    """A system may have nothing that could be asked from outside."""
    text = spoilt(('{kind: http, url: "http://{site}/healthz"}', "{kind: cloudwatch, alarms: [errors]}"))
    assert loads(text).runbook.checks[0].kind == "cloudwatch"
