"""How texts become vectors: feature hashing of words and pairs of words.

Every word (and, with half its weight, every pair of neighbouring words) is hashed to one of the dimensions and a sign;
the sums are scaled to length one, so that the cosine distance of two texts says how many words they share. It knows
no meaning, only words. A language model this small gives worse vectors than that; these need no model at all, and
are the same on every machine and in every release.
"""

import hashlib
import itertools
import math
import re
from collections.abc import Iterator

DIMENSIONS = 256
_WORD = re.compile(r"[a-z0-9]+")
_PAIR_WEIGHT = 0.5
# They are in every text and every question, so they say nothing about what either is about.
_EMPTY_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be by can do does for from has have how in into is it its of on or that the their them "
        "then there these this to was were what when where which who why will with you your"
    )
)


def embed(text: str) -> list[float]:
    """The vector of a text, of length one; all zeros when it has no words."""
    vector = [0.0] * DIMENSIONS
    for feature, weight in _features(text):
        digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
        place = int.from_bytes(digest[:4], "big") % DIMENSIONS
        vector[place] += weight if digest[4] & 1 else -weight
    length = math.hypot(*vector)
    return [value / length for value in vector] if length else vector


def as_literal(vector: list[float]) -> str:
    """The vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.7g}" for value in vector) + "]"


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = [word for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS]
    for word in words:
        yield word, 1.0
    for left, right in itertools.pairwise(words):
        yield f"{left} {right}", _PAIR_WEIGHT
