"""The shipped modules of Terraform as data: read by an HCL parser, not by Terraform."""

import json
from pathlib import Path
from typing import Any

import hcl2

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library" / "terraform"
MODULES = sorted({path.parent.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("main.tf")})
BEGIN = "<!-- inputs and outputs: `python -m tests.terraform.library` writes them -->\n"


def blocks(module: str, kind: str) -> dict[str, dict[str, Any]]:
    """The variables, or outputs, of a module by name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((LIBRARY / module).glob("*.tf")):
        for block in parsed(path).get(kind, ()):
            for name, body in block.items():
                found[_text(name)] = body
    return found


def parsed(path: Path) -> dict[str, Any]:
    """One file."""
    document: dict[str, Any] = hcl2.loads(path.read_text())
    return document


def table(module: str) -> str:
    """Its inputs and outputs, in Markdown."""
    lines = ["| input | default | what it is |", "|---|---|---|"]
    for name, body in blocks(module, "variable").items():
        default = f"`{_default(body['default'])}`" if "default" in body else "**needed**"
        lines.append(f"| `{name}` | {default} | {_text(body['description'])} |")
    lines += ["", "| output | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {_text(body['description'])} |" for name, body in blocks(module, "output").items()]
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps([_text(item) for item in value])
    if isinstance(value, str):
        return _text(value) or '""'
    return "{}" if isinstance(value, dict) else json.dumps(value)


def _text(value: str) -> str:
    """The parser keeps the quotes of a text."""
    return value.strip('"')


if __name__ == "__main__":
    for each in MODULES:
        readme = LIBRARY / each / "README.md"
        head = readme.read_text().partition(BEGIN)[0]
        readme.write_text(head + BEGIN + "\n" + table(each))
