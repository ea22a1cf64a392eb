"""What is signed of a record: an in-toto statement whose subjects are the record's files, in a DSSE envelope.

`cosign`, `in-toto` and anything else that reads DSSE can check the envelope with the public key. What a signature adds
to digests: who cannot use the key cannot write the record anew, however many files are exchanged together.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import rfc8785

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:evac:record:v1"
FORMAT = 2
"""The form of the manifest. The first release's had no such number."""
MANIFEST, SIGNATURE, SIGNER = "manifest.json", "signature.json", "signer.pem"


class Seal(Protocol):
    """A key that signs. `public` is its public half (PEM), kept in the record."""

    @property
    def public(self) -> str:
        """The public key as PEM."""

    def envelope(self, payload: bytes) -> str:
        """The signed payload as JSON."""


@dataclass(frozen=True)
class Sealing:
    """The key that signs, or why there is none, as a sentence."""

    seal: Seal | None = None
    why_not: str = "there is no signing key (EVAC_SIGNING_KEY)"


UNSEALED = Sealing()


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def manifest(digests: Mapping[str, str], head: str | None) -> str:
    """The manifest's one possible text: any other is a change."""
    return json.dumps({"format": FORMAT, "files": dict(sorted(digests.items())), "journal_head": head}, indent=2)


def old_manifest(digests: Mapping[str, str], head: str | None) -> str:
    """As the first release wrote it."""
    return json.dumps({"files": digests, "journal_head": head}, indent=2)


def statement(digests: Mapping[str, str], head: str | None, manifest_text: str) -> bytes:
    """The statement in canonical JSON: derived from the manifest alone, so it can be derived again."""
    subjects = {**digests, MANIFEST: digest(manifest_text.encode())}
    return rfc8785.dumps(
        {
            "_type": STATEMENT,
            "subject": [{"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)],
            "predicateType": PREDICATE,
            "predicate": {"format": FORMAT, "journal_head": head},
        }
    )


def envelope_text(document: object) -> str:
    """An envelope's one possible text."""
    return json.dumps(document, indent=2)
