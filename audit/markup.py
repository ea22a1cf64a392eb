"""HTML by small functions: every text is escaped, unless it is markup that these functions made."""

from html import escape


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """One element. `class_` is the attribute `class`."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{given}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """One after another."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))
