"""What a sender proves, before a word of the body is believed.

ForgedError         nothing proves the sender; the sentence is for the log, never for the sender
UnreachableError    the proof needs something (a certificate, an issuer's keys) that does not answer now
"""

from dataclasses import dataclass


class ForgedError(Exception):
    """Not proved."""


class UnreachableError(Exception):
    """Neither proved nor disproved; the sender should come again."""


@dataclass(frozen=True)
class Proof:
    """How the sender was proved, in words; `settled` when the request was about the proof itself, and is answered."""

    sentence: str
    settled: str = ""
