"""The manifest from which the Slack app is made."""

import re
from pathlib import Path
from typing import Any

import triggers.slack
from runbooks.reader import read
from tests.slack.methods import METHODS

FOLDER = Path(triggers.slack.__file__).parent
ROOMS = FOLDER.parents[1]
_CALL = re.compile(r"\b((?:auth|chat|conversations|users|usergroups|views|reactions|pins|files)_[A-Za-z_]+)\(")


def manifest() -> dict[str, Any]:
    """It lies beside the code, so it is in the wheel."""
    document = read((FOLDER / "slack-manifest.yaml").read_text())
    assert not document.flaws
    found: Any = document.data
    return dict(found)


def scopes() -> frozenset[str]:
    """What the app may do."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def called() -> set[str]:
    """Each method of the Web API that the code calls, as Slack names it."""
    sources = [*FOLDER.glob("*.py"), *(ROOMS / "activities").rglob("*.py")]
    return {name.replace("_", ".") for path in sources for name in _CALL.findall(path.read_text())}


def test_every_method_that_is_called_has_its_scope() -> None:
    """And the fake knows it, with the scopes that Slack documents for it."""
    names = called()
    assert {"auth.test", "chat.postMessage", "views.open", "usergroups.users.list"} <= names
    missing = {name for name in names if METHODS[name].scopes and not scopes() & set(METHODS[name].scopes)}
    assert missing == set()


def test_no_scope_is_asked_for_in_vain() -> None:
    """Each is needed by a method that is called, by the command, or to read a message's metadata."""
    needed = {scope for name in called() for scope in METHODS[name].scopes}
    assert scopes() - needed == {"commands", "metadata.message:read"}


def test_the_app_hears_what_the_door_answers() -> None:
    """The command, buttons and modals, the home tab; by Socket Mode, unless it is changed."""
    made = manifest()
    assert [one["command"] for one in made["features"]["slash_commands"]] == ["/evac"]
    assert made["features"]["app_home"]["home_tab_enabled"]
    assert made["settings"]["interactivity"]["is_enabled"]
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]
    assert made["settings"]["socket_mode_enabled"]
