"""The key that signs records: by reference, and never in the way of a record."""

import logging
from pathlib import Path

import pytest

from activities.sealing import sealed_by
from audit.bundle import read
from audit.signing import generate
from audit.verify import verify
from tests.audit.bundles import bundle


def test_a_record_is_signed_with_the_key_behind_the_reference(tmp_path: Path) -> None:
    """And verifies with its public half."""
    private, public = generate()
    (tmp_path / "key").write_text(private)
    found = verify(read(bundle(tmp_path / "records", sealing=sealed_by(f"file://{tmp_path}/key"))), public)
    assert found.trusted


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be used on this worker"), ("a secret that is no key", "is not an unencrypted Ed25519 private key")],
)
def test_a_key_that_cannot_be_used_leaves_a_record_unsigned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | None, why: str
) -> None:
    """Its journal says why, the log too, and neither has the secret."""
    if content is not None:
        (tmp_path / "key").write_text(content)
    with caplog.at_level(logging.WARNING):
        folder = bundle(tmp_path / "records", sealing=sealed_by(f"file://{tmp_path}/key"))
    last = list(read(folder).journal())[-1].body
    assert last["signed"] is False
    assert why in str(last["text"])
    assert why in caplog.text
    assert "a secret" not in (folder / "journal.jsonl").read_text() + caplog.text
    assert verify(read(folder)).intact


def test_without_a_reference_it_is_unsigned_and_says_so() -> None:
    """That is no fault: nothing is logged."""
    assert sealed_by(None).why_not == "there is no signing key (EVAC_SIGNING_KEY)"
