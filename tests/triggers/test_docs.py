"""`evac docs`: the document of a runbook, as an auditor gets it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from runbooks.faults import plain
from runbooks.models import Runbook
from runbooks.paper.cases import cases
from runbooks.paper.html import html
from runbooks.paper.markdown import markdown
from runbooks.paper.procedure import procedure_paper
from tests.checker.books import book, names
from tests.runbooks.topologies import runbooks
from tests.workflows.world import runbook
from triggers.cli.docs import manual
from triggers.cli.main import app

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "runbooks" / "library"
GOLDEN = Path(__file__).parent / "golden"
RUNNER = CliRunner()
VOID = {"meta", "br"}
HOSTILE = "</style><script>alert(1)</script> | `x` ![a](http://b) <img src=x onerror=y> &amp; \x07 $(ls)"


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its place, every id is there once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more is open, unless it is one that never is."""
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.ids += [value or ""] if name == "id" else []
            self.links += [value or ""] if name in ("href", "src", "xlink:href", "srcset", "action") else []
            assert not name.startswith("on")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - html.parser's
        """It is closed at once."""
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """The one that was opened last is closed."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """What a person reads."""
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a person reads."""
        return " ".join(" ".join(self.words).split())


def without_release(text: str) -> str:
    """Without what every release changes."""
    return re.sub(r"^- (Checksum of the runbook|Made by): .*\n", "", text, flags=re.MULTILINE)


def test_the_document_reads_as_agreed() -> None:
    """To agree anew: `evac docs runbooks/library/active-passive.yaml -o tests/triggers/golden/active-passive.md`."""
    ran = RUNNER.invoke(app, ["docs", str(SHIPPED / "active-passive.yaml")])
    assert ran.exit_code == 0
    assert without_release((GOLDEN / "active-passive.md").read_text()) == without_release(ran.stdout)


@pytest.mark.parametrize("name", names())
def test_everything_of_a_runbook_is_in_its_document(name: str) -> None:
    """Every resource, region, check, approver, and each step of each plan with its technology and permissions."""
    found, paper = book(name), procedure_paper(book(name), manual())
    page, text = Page(html(paper)), markdown(paper).replace("\\", "")
    wanted = [*found.resources, *found.regions, *(check.name or check.kind for check in found.checks), *found.owners]
    wanted += [person for people in found.roles.values() for person in people]
    for case in cases(found):
        wanted += [case.title, case.situation]
        for step in case.plan.steps if case.plan else ():
            wanted += [step.sentence, step.uses]
            wanted += manual().practices[step.uses].permissions
    missing = [word for word in dict.fromkeys(wanted) if word not in page.text or word not in text]
    assert missing == []


@pytest.mark.parametrize("name", names())
def test_the_page_stands_alone(name: str) -> None:
    """It parses, it links only into itself, it has a policy that lets nothing in, and no script."""
    text = html(procedure_paper(book(name), manual()))
    page = Page(text)
    assert {link for link in page.links if not link.startswith("#s")} == set()
    assert {link.removeprefix("#") for link in page.links} == set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.isdisjoint({"script", "iframe", "object", "embed", "link", "img", "form", "foreignobject"})
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_no_text_of_a_runbook_becomes_markup() -> None:
    """Neither in the page nor in Markdown, in a table or outside of one."""
    hostile = runbook(
        description=HOSTILE,
        owners=[HOSTILE],
        checks=[{"kind": "http", "url": HOSTILE, "name": HOSTILE}],
        maintenance=[{"start": "01:00", "end": "02:00", "reason": HOSTILE}],
        notify=[{"uses": "notify.log", "settings": {"path": HOSTILE}}],
    )
    paper = procedure_paper(hostile, manual())
    page = Page(html(paper))
    assert page.tags.isdisjoint({"script", "img"})
    assert page.text.count(" ".join(plain(HOSTILE.replace("`", ""), 200).split())) > 4
    lines = re.sub(r"```mermaid\n.*?```", "", markdown(paper), flags=re.DOTALL).splitlines()
    assert [line for line in lines if re.search(r"(?<!\\)<(?!br>)|(?<!\\)!\[", line)] == []
    rows = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {3, 4, 5, 6, 7, 8}


@given(runbooks())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_runbook_has_a_document(found: Runbook) -> None:
    """Also one whose plans refuse themselves, and one that cannot be left at all."""
    paper = procedure_paper(found, manual())
    page, text = Page(html(paper)), markdown(paper)
    for case in cases(found):
        assert case.title in page.text
        for refusal in case.plan.refusals if case.plan else ():
            assert refusal.sentence in page.text
    assert text.count("```mermaid") == page.text.count("Downwards is later")


def test_a_text_that_looks_like_a_list_is_none() -> None:
    """Also at the beginning of a line, where Markdown would take a dash or a number for one."""
    for text, written in (
        ("- a", r"\- a"),
        ("+ a", r"\+ a"),
        ("12. a", r"12\. a"),
        ("3) a", r"3\) a"),
        ("= a", r"\= a"),
    ):
        lines = markdown(procedure_paper(runbook(description=text), manual())).splitlines()
        assert lines[2] == written


def test_it_is_written_as_the_file_is_called(tmp_path: Path) -> None:
    """Or as --format says; where it cannot be written, a sentence says why."""
    page = tmp_path / "procedures.html"
    file = str(SHIPPED / "active-active.yaml")
    assert RUNNER.invoke(app, ["docs", file, "-o", str(page)]).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")
    text = tmp_path / "procedures.txt"
    assert RUNNER.invoke(app, ["docs", file, "-f", "md", "-o", str(text)]).exit_code == 0
    assert text.read_text().startswith("# Disaster recovery of embedding-api")
    ran = RUNNER.invoke(app, ["docs", file, "-o", str(tmp_path / "none" / "x.md")])
    assert (ran.exit_code, "cannot be written: No such file or directory" in ran.stderr) == (2, True)


def test_a_runbook_with_faults_has_no_document(tmp_path: Path) -> None:
    """Every fault is said with its place."""
    path = tmp_path / "broken.yaml"
    path.write_text("evac: 1\nname: broken\ncolour: red\n")
    ran = RUNNER.invoke(app, ["docs", str(path)])
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert f"{path}:3:1: " in ran.stderr


def test_it_says_what_alerts_schedules_and_acceptances_do() -> None:
    """In words, not in the runbook's keys."""
    found = runbook(
        triggers=[{"alert": "any", "match": {"alertname": "RegionDown"}, "from": "{region}", "needs": 2, "for": "1m"}],
        schedules=[{"run": "drill", "cron": "0 3 * * sun", "timezone": "Europe/Berlin", "mode": "isolated"}],
        policy={"failover": {"accept": ["loss:vector-db"], "approval": {"count": 0}}},
    )
    text = Page(html(procedure_paper(found, manual()))).text
    assert (
        "every source alertname: RegionDown {region} failover 2 endpoints fire for the same region, for 1 min" in text
    )
    assert "at least one person must say yes, whatever the policy says; silence is a no" in text
    assert "drill cron 0 3 * * sun (Europe/Berlin) mode: isolated" in text
    assert "failover loss:vector-db losing more than the RPO, or an amount that could not be measured" in text
    assert "none: it begins unasked, unless its plan refuses itself" in text


def test_only_what_an_abort_undoes_is_said_to_be() -> None:
    """What comes after the point of no return stays, although it could be undone by itself."""
    text = markdown(procedure_paper(runbook(), manual()))
    row = next(line for line in text.splitlines() if line.startswith("| 6 | Cut name over from us-east-1"))
    assert row.endswith("| stays: past the point of no return |")
    assert "| 2 | Fence vector-db in us-east-1 | the start | `fence.postgres` |" in text
