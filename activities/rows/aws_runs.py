"""Technologies that run something of the user's own on AWS."""

from typing import Any

from activities.contract import Technology

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = ()
