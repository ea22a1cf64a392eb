"""Plain YAML scalars as values, by the core schema of YAML 1.2 (section 10.3.2): `no` and `12:30` are texts here."""

import math
import re

from pydantic import JsonValue

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps; checksums are made over JSON."""
_LONGEST_NUMBER = 40


class ScalarError(ValueError):
    """The scalar is of the schema, but no runbook can hold it; the message is a sentence."""


def resolve(text: str) -> JsonValue:
    """The value of a plain (unquoted) scalar. Raises ScalarError."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return _whole(text)
    if _NOT_FINITE.fullmatch(text):
        message = "a number must be finite"
        raise ScalarError(message)
    if _FLOAT.fullmatch(text):
        return _fraction(text)
    return check_text(text)


def check_text(text: str) -> str:
    """The text itself. Raises ScalarError for what can be written in quotes, but kept nowhere."""
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        message = "a text must hold no NUL and no half of a surrogate pair"
        raise ScalarError(message)
    return text


def _whole(text: str) -> int:
    if len(text) <= _LONGEST_NUMBER:
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        value = int(text, base)
        if abs(value) <= _EXACT:
            return value
    message = f"a whole number must be from -{_EXACT} to {_EXACT}; put it in quotes if it is a name"
    raise ScalarError(message)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        message = "a number must be finite"
        raise ScalarError(message)
    return value
