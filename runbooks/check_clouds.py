"""Rules for checks that ask a cloud: what comes out of their texts in each region is what the cloud takes."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from runbooks.aws.checks import AwsCheck
from runbooks.azure.checks import AzureCheck
from runbooks.faults import DocumentPath, Finding
from runbooks.models import Runbook
from runbooks.probes import settings_of_check

_ONLY_DETECT = ("aws_health", "azure_monitor", "azure_resource_health", "azure_service_health", "cloudwatch")


def settings(runbook: Runbook) -> Iterator[Finding]:
    """In each region the check can be asked, and never at the same place twice."""
    for number, check in enumerate(runbook.checks):
        if not isinstance(check, AwsCheck | AzureCheck):
            continue
        path: DocumentPath = ("checks", number)
        if check.kind in _ONLY_DETECT and "verify" in check.use:
            yield Finding((*path, "use"), f"a check of kind {check.kind} can only detect; take `verify` away")
        filled = {region: settings_of_check(runbook, check, region) for region in runbook.regions}
        wrong = list(_wrong(check, path, filled))
        yield from wrong
        if not wrong and check.through == "region" and len({repr(one) for one in filled.values()}) < len(filled):
            sentence = "every region would be asked of the same; put `{region}` or a variable of the region into it"
            key = "azure_region" if isinstance(check, AzureCheck) else "aws_region"
            yield Finding((*path, key), sentence, reads=_regions(runbook))


def _wrong(
    check: AwsCheck | AzureCheck, path: DocumentPath, filled: Mapping[str, Mapping[str, object]]
) -> Iterator[Finding]:
    cloud = "Azure" if isinstance(check, AzureCheck) else "AWS"
    seen: set[str] = set()
    for region, given in filled.items():
        try:
            check.asks.model_validate(given)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                key = str(fault["loc"][0]) if fault["loc"] else "kind"
                if key not in seen:
                    seen.add(key)
                    what = given.get(key)
                    sentence = f"in {region} it is `{what}`, which {cloud} does not take ({fault['msg'].casefold()})"
                    yield Finding((*path, key), sentence, reads=(("regions", region),))


def _regions(runbook: Runbook) -> tuple[DocumentPath, ...]:
    return tuple(("regions", region) for region in runbook.regions)


RULES = (settings,)
