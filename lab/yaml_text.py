"""Pieces of YAML that the lab writes into its runbooks."""

import json

from lab.topology import Lab


def quoted(value: object) -> str:
    """A quoted YAML scalar: a path or URL may hold anything."""
    return json.dumps(str(value), ensure_ascii=False)


def secret_file(lab: Lab, secret: str) -> str:
    """A reference to one of the lab's secrets."""
    return quoted(f"file://{lab.secret(secret)}")
