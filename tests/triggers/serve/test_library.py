"""The runbooks' files, as they are edited while the server runs."""

import json
from pathlib import Path

import pytest

from tests.workflows.world import runbook
from triggers.serve.library import Library
from triggers.serve.load import loads


def text(name: str = "llm", description: str = "") -> str:
    """A runbook's text."""
    return json.dumps({**runbook(name=name).model_dump(mode="json", exclude_unset=True), "description": description})


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Of one good runbook."""
    (tmp_path / "a.yaml").write_text(text())
    config = 'evac-serve: 1\nrunbooks: ["*.yaml"]\nalerts: [{source: datadog, name: a, auth: none}]\n'
    made = Library(loads(config, folder=tmp_path))
    made.refresh()
    return made


def _state(library: Library) -> tuple[list[str], list[str]]:
    names = [f"{read.runbook.name} {read.runbook.description}".strip() for read in library.books]
    return names, [trouble.said for trouble in library.troubles]


def test_edits_count_and_broken_ones_do_not(library: Library, tmp_path: Path) -> None:
    """The last good reading counts until the file is good again."""
    assert _state(library) == (["llm"], [])
    (tmp_path / "a.yaml").write_text(text(description="edited"))
    library.refresh()
    assert _state(library) == (["llm edited"], [])
    (tmp_path / "a.yaml").write_text(text(description="broken").replace('"rto"', '"rtoo"'))
    library.refresh()
    said = "a.yaml is not valid (line 1; see the log); the last good one counts"
    assert _state(library) == (["llm edited"], [said])
    (tmp_path / "a.yaml").write_text(text(description="mended"))
    library.refresh()
    assert _state(library) == (["llm mended"], [])


def test_a_file_that_is_gone_goes_on_counting(library: Library, tmp_path: Path) -> None:
    """A disk that is away must not make alerts fall on the floor; a file that comes back is read."""
    (tmp_path / "a.yaml").rename(tmp_path / "a.away")
    library.refresh()
    library.refresh()
    gone = "a.yaml is gone; start the server again to forget it; the last good one counts"
    assert _state(library) == (["llm"], [gone])
    (tmp_path / "a.yaml").write_text(text(description="back"))
    library.refresh()
    assert _state(library) == (["llm back"], [])


def test_new_files_are_found_and_a_name_is_taken_once(library: Library, tmp_path: Path) -> None:
    """Two files of one runbook would weigh the same alerts twice."""
    (tmp_path / "b.yaml").write_text(text())
    (tmp_path / "c.yaml").write_text(text("search"))
    (tmp_path / "d.yaml").write_text("evac: 1\n")
    library.refresh()
    names, said = _state(library)
    assert names == ["llm", "search"]
    assert said == [
        "b.yaml declares the runbook llm, as a.yaml does already; it is left out",
        "d.yaml is not valid (line 1 and 4 more; see the log); it is left out",
    ]
    (tmp_path / "b.yaml").unlink()
    (tmp_path / "d.yaml").unlink()
    library.refresh()
    assert _state(library) == (["llm", "search"], [])
