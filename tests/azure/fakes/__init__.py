"""The providers that the fake of ARM has: all files here are read, and each class with a namespace is one."""

import importlib
import pkgutil

from tests.azure.arm import Provider


def all_providers() -> list[Provider]:
    """One of each."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    return [kind() for kind in Provider.__subclasses__()]
