"""Durations as people read them: `850 ms`, `4.2 s`, `1 min 12 s`, `2 h 5 min`, `3 d 4 h`."""

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400


def duration(seconds: float) -> str:
    """The duration in the two largest units that say something; never a negative one."""
    seconds = max(0.0, seconds)
    milliseconds = round(seconds * 1000)
    if milliseconds < 1000 * _SECOND:
        return f"{milliseconds} ms" if milliseconds else "0 s"
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", _SECOND, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "d", _HOUR, "h")


def _two(whole: int, large: int, name: str, small: int, smaller_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {name}" + (f" {rest} {smaller_name}" if rest else "")
