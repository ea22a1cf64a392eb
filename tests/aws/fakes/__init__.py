"""Each file here has fakes; all of them are found by their class."""

import importlib
import pkgutil

from tests.aws.fake import Fake


def all_fakes() -> list[Fake]:
    """One of each."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    return [fake() for fake in Fake.__subclasses__()]
