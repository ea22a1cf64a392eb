"""Technologies that move and look at data on AWS."""

from typing import Any

from activities.contract import Technology

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = ()
