"""Every technology as a specimen: all files here are read, and each class that names a technology is one."""

import importlib
import pkgutil

from tests.conformance.specimen import Specimen


def all_specimens() -> dict[str, type[Specimen]]:
    """By the technology's name."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    left, known = [Specimen], {}
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if "uses" in vars(kind):
            assert kind.uses not in known, f"two specimens of {kind.uses}"
            known[kind.uses] = kind
    return dict(sorted(known.items()))
