"""`evac console token`: as an operator makes, lists and revokes them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triggers.cli.main import app
from triggers.console.access import ConsoleRole
from triggers.console.api_tokens import ApiTokens


def token(*arguments: str) -> tuple[int, str, str]:
    """Run it."""
    ran = CliRunner().invoke(app, ["console", "token", *arguments])
    return ran.exit_code, ran.stdout, ran.stderr or str(ran.exception or "")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the tokens are kept."""
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))
    return tmp_path


def test_a_token_is_shown_once_and_kept_as_a_hash(home: Path) -> None:
    """Made, listed, revoked; its text is in no file."""
    code, made, said = token("create", "ci", "--role", "operator", "--expires", "12h")
    assert (code, made.startswith("evac_"), len(made.strip())) == (0, True, 48)
    assert "may what operator may, until " in said
    assert made.strip() not in "".join(path.read_text() for path in home.iterdir())
    assert (home / "console-tokens.json").stat().st_mode & 0o777 == 0o600
    listed = json.loads(token("list", "-o", "json")[1])["tokens"]
    assert [(one["name"], one["role"], one["used"], one["state"]) for one in listed] == [
        ("ci", "operator", None, "counts")
    ]
    assert token("revoke", "ci")[:2] == (0, f"The token ci ({listed[0]['id']}) counts no more.\n")
    assert "revoked" in token("list")[1]
    assert token("create", "ci", "--role", "viewer")[0] == 0


def test_what_cannot_be_made_is_said() -> None:
    """A name that counts already, one of no known form, a time of none."""
    assert token("list")[1] == "There are no tokens. `evac console token create NAME --role viewer` makes one.\n"
    token("create", "ci", "--role", "viewer")
    tries = [
        token("create", "ci", "--role", "viewer"),
        token("create", "C I", "--role", "viewer"),
        token("create", "b", "--role", "viewer", "--expires", "0s"),
        token("create", "b", "--role", "viewer", "--expires", "soon"),
        token("create", "b", "--role", "root"),
        token("revoke", "nobody"),
    ]
    assert [code for code, _, _ in tries] == [2] * len(tries), tries
    for (_, _, said), expected in zip(tries, ("already", "lower-case", "some time", "duration"), strict=False):
        assert expected in said


def test_a_token_counts_until_it_expires(home: Path) -> None:
    """The last use is kept, to the hour only."""
    now = [7_200.0]
    tokens = ApiTokens(home, clock=lambda: now[0])
    _, text = tokens.create("ci", ConsoleRole.VIEWER, 86400)
    now[0] += 4_000
    assert tokens.use(text) is not None
    assert [one.used for one in tokens.all()] == [10_800.0]
    now[0] += 82_399
    assert tokens.use(text) is not None
    now[0] += 1
    assert tokens.use(text) is None
