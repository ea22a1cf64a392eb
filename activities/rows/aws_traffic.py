"""Technologies that lead clients on AWS."""

from typing import Any

from activities.contract import Technology

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = ()
