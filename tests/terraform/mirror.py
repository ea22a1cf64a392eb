"""A mirror of providers, as `terraform providers mirror` makes one: tests that need AWS's own provider look for it."""

import os
from pathlib import Path

import pytest

VARIABLE = "EVAC_TEST_TF_MIRROR"
_AWS = "registry.terraform.io/hashicorp/aws"


def mirror() -> Path | None:
    """Where the variable says, or where such mirrors usually are."""
    named = os.environ.get(VARIABLE)
    candidates = (
        [Path(named)] if named else [path.parent for path in sorted(Path("/opt").glob("*/registry.terraform.io"))]
    )
    return next((path for path in candidates if (path / _AWS).is_dir()), None)


MIRRORED = pytest.mark.skipif(mirror() is None, reason=f"no mirror with AWS's provider: name one by {VARIABLE}")


def cli_config(home: Path) -> str:
    """A CLI configuration that takes providers from the mirror, and asks nobody else."""
    file = home / "terraform.rc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror()}"\n  }}\n}}\n')
    return str(file)
