"""Terraform's technologies."""

from typing import Any

from activities.contract import Technology

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = ()
