"""`python -m tests.aws.faked`: the table of fakes in docs/aws.md, made anew from the fakes themselves."""

from pathlib import Path

from botocore import xform_name
from moto.core.utils import get_service_model

from activities.clients.aws_actions import iam_action
from tests.aws.fake import Fake
from tests.aws.fakes import all_fakes

PAGE = Path(__file__).parents[2] / "docs" / "aws.md"
_BEGIN, _END = "<!-- fakes: python -m tests.aws.faked -->\n", "<!-- end of fakes -->\n"


def operations(fake: Fake) -> list[str]:
    """The operations that it serves, in AWS's own spelling."""
    names = get_service_model(fake.service).operation_names
    return sorted(name for name in names if fake.operation(xform_name(name)) is not None)


def actions() -> set[str]:
    """As IAM calls them."""
    return {iam_action(fake.service, name) for fake in all_fakes() for name in operations(fake)}


def table() -> str:
    """A row for each fake."""
    # One that serves nothing until a test has told it something stands in for another fake, which has the row.
    serving = (fake for fake in all_fakes() if operations(fake))
    fakes = sorted(serving, key=lambda fake: (fake.service, type(fake).__name__))
    rows = "".join(f"| {fake.service} | {', '.join(operations(fake))} | {_does(fake)} |\n" for fake in fakes)
    return f"| service | operations | how |\n|---|---|---|\n{rows}"


def page() -> str:
    """docs/aws.md with the table as it should be."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{rest.partition(_END)[2]}"


def _does(fake: Fake) -> str:
    return " ".join((type(fake).__doc__ or "").strip().split("\n\n")[0].split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
