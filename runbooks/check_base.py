"""What every check of a runbook has, whatever it asks."""

from typing import Literal

from runbooks.values import Model, Seconds

Use = Literal["detect", "verify"]


class CheckBase(Model):
    """What every check has.

    `through` says which way the system is asked: `region` asks one region directly (the text may hold
    `{region}` and the region's own `vars`), `public` asks through the public name, after the cut-over.
    """

    name: str = ""
    through: Literal["region", "public"] = "region"
    use: tuple[Use, ...] = ("detect", "verify")
    timeout: Seconds = 2.0
