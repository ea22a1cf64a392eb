from pathlib import Path

import pytest

from activities.errors import StepError
from activities.secrets import Secrets, resolve
from runbooks.steps import ErrorType


def test_the_environment_and_files_hold_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's last line break is no part of the secret."""
    monkeypatch.setenv("THE_SECRET", "from the environment")
    (tmp_path / "secret").write_text("from the file\n")
    assert resolve("env://THE_SECRET").get_secret_value() == "from the environment"
    assert resolve(f"file://{tmp_path / 'secret'}").get_secret_value() == "from the file"
    assert "from" not in repr(resolve("env://THE_SECRET"))


@pytest.mark.parametrize(
    ("reference", "advice"),
    [
        ("env://NOT_SET_ANYWHERE", "set the environment variable NOT_SET_ANYWHERE"),
        ("env://EMPTY_SECRET", "it is there but empty"),
        ("file:///nowhere/at/all", "make that file"),
        ("file:///", "cannot be read (IsADirectoryError)"),
    ],
)
def test_a_secret_that_is_not_there_is_named(reference: str, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has the reference and what to do."""
    monkeypatch.setenv("EMPTY_SECRET", "")
    with pytest.raises(StepError) as caught:
        resolve(reference)
    assert caught.value.kind is ErrorType.BAD_SETTINGS
    assert reference in caught.value.sentence
    assert advice in caught.value.sentence


def test_what_is_no_reference_is_not_repeated() -> None:
    """It may be the secret itself."""
    with pytest.raises(StepError) as caught:
        resolve("hunter2")
    assert "hunter2" not in caught.value.sentence


def test_only_used_secrets_are_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Very short ones are left: striking them would only garble the text."""
    monkeypatch.setenv("LONG", "longer")
    monkeypatch.setenv("SHORT", "abc")
    secrets = Secrets()
    assert secrets.strike("longer") == "longer"
    assert (secrets.reveal("env://LONG"), secrets.reveal("env://SHORT"), secrets.reveal(None)) == (
        "longer",
        "abc",
        None,
    )
    assert secrets.strike({"longer": ["a longer abc", 1, None, {"x": "longer"}]}) == {
        "[secret]": ["a [secret] abc", 1, None, {"x": "[secret]"}]
    }
