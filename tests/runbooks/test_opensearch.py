"""What a runbook may say of a domain of OpenSearch."""

import pytest

from runbooks.faults import RunbookError
from runbooks.load import loads
from tests.runbooks.documents import spoilt

DOMAINS = """\
  vectors:
    kind: opensearch
    common: {domain: vectors, indices: [INDICES]MORE}
    settings:
      us-east-1: {aws_region: us-east-1}
      eu-west-1: {aws_region: eu-west-1}
checks:"""


def with_domains(indices: str, more: str = "") -> str:
    """The small system with a vector database."""
    return spoilt(("checks:", DOMAINS.replace("INDICES", indices).replace("MORE", more)))


@pytest.mark.parametrize("indices", ["products", '"chats-*"', 'products, "ev-*"', "evacuees"])
def test_names_and_patterns(indices: str) -> None:
    """Valid as they stand; domains in two regions may have one name."""
    assert "vectors" in loads(with_domains(indices)).runbook.resources


@pytest.mark.parametrize(
    ("indices", "more", "words"),
    [
        ("evac-7-products", "", "takes in what Evac keeps of former indices"),
        ('"evac*"', "", "takes in what Evac keeps of former indices"),
        ('"e*"', "", "takes in what Evac keeps of former indices"),
        ('"*"', "", "indices"),
        (".kibana", "", "indices"),
        ("", "", "indices"),
        ("products", ", user: evac", "give user and password, or neither"),
    ],
)
def test_what_is_no_index_of_the_users(indices: str, more: str, words: str) -> None:
    """What a reseed keeps must never be taken for an index that follows, or is promoted."""
    with pytest.raises(RunbookError) as caught:
        loads(with_domains(indices, more))
    assert any(words in str(fault) for fault in caught.value.faults), caught.value.faults
