"""Documents of AWS Systems Manager: what may be run, and where it is named.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeDocument.html
"""

from typing import Any

from activities.aws import account_of
from activities.clients.aws import Aws
from activities.errors import StepError
from runbooks.aws.access import AwsSettings
from runbooks.steps import ErrorType

MEANINGS = {
    "AutomationDefinitionNotFoundException": ErrorType.NOT_FOUND,
    "AutomationDefinitionVersionNotFoundException": ErrorType.NOT_FOUND,
    "AutomationExecutionLimitExceededException": ErrorType.BUSY,
    "InvalidAutomationExecutionParametersException": ErrorType.BAD_SETTINGS,
    "InvalidDocument": ErrorType.NOT_FOUND,
    "InvalidDocumentVersion": ErrorType.NOT_FOUND,
    "InvalidInstanceId": ErrorType.WRONG_STATE,
}
"""Where the words of Systems Manager mean something else than elsewhere: an unknown document is an invalid one."""


async def fitting_document(there: Aws, name: str, version: str | None, wanted: str) -> None:
    """Raises StepError unless the document is there, is active, and is of the wanted type."""
    asked: dict[str, Any] = {"Name": name} | ({"DocumentVersion": version} if version else {})
    shown = (await there.read("ssm", "describe_document", meanings=MEANINGS, **asked))["Document"]
    if shown["DocumentType"] != wanted:
        sentence = f"The document {name} is one for {shown['DocumentType']}, and here one for {wanted} is needed."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    if shown.get("Status", "Active") not in ("Active", "Updating"):
        raise StepError(ErrorType.WRONG_STATE, f"The document {name} is {shown['Status']}: it cannot be run.")


def document_arn(settings: AwsSettings, name: str) -> str:
    """The ARN of a document of this account, of AWS's own, or of the account that its ARN names."""
    if name.startswith("arn:"):
        return name
    account = "" if name.startswith("AWS") else account_of(settings)
    return f"arn:aws:ssm:{settings.aws_region}:{account}:document/{name}"
