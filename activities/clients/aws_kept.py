"""What a resource was before a decision, kept in its own tags: it outlives the worker, and a lost answer.

A tag holds 256 characters, so the value is packed and cut in pieces. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

import base64
import json
import zlib
from collections.abc import Mapping

from pydantic import JsonValue

from activities.aws import WAS_TAG

_PIECE = 240
_HEAD = ":"


def kept_tags(epoch: int, was: Mapping[str, JsonValue]) -> dict[str, str]:
    """The tags that keep it; they replace those of an older decision."""
    packed = base64.b64encode(zlib.compress(json.dumps(was, separators=(",", ":")).encode(), 9)).decode()
    pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
    first = f"{epoch}{_HEAD}{len(pieces)}{_HEAD}{pieces[0]}"
    return {WAS_TAG: first} | {f"{WAS_TAG}-{number}": piece for number, piece in enumerate(pieces[1:], start=2)}


def kept_in(tags: Mapping[str, str], epoch: int) -> dict[str, JsonValue] | None:
    """What it was before that decision; None when the tags keep nothing of it, or not all."""
    decision, _, rest = tags.get(WAS_TAG, "").partition(_HEAD)
    count, _, first = rest.partition(_HEAD)
    if decision != str(epoch) or not count.isdecimal():
        return None
    pieces = [first, *(tags.get(f"{WAS_TAG}-{number}", "") for number in range(2, int(count) + 1))]
    try:
        was = json.loads(zlib.decompress(base64.b64decode("".join(pieces), validate=True)))
    except (ValueError, zlib.error):
        return None
    return was if isinstance(was, dict) else None
