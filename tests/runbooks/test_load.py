"""Bad documents, and the exact lines that their author sees."""

from pathlib import Path

import pytest

from runbooks.load import MAX_BYTES, LoadedRunbook, RunbookError, load, loads
from runbooks.reader import MAX_DEPTH, MAX_NODES
from tests.runbooks.documents import SMALL, spoilt

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"

BAD: dict[str, tuple[str, list[str]]] = {
    "empty file": ("", ["1:1: the file is empty; a runbook starts with `evac: 1`"]),
    "only a comment": ("# nothing\n", ["1:1: the file is empty; a runbook starts with `evac: 1`"]),
    "a null document": ("~\n", ["1:1: the file is empty; a runbook starts with `evac: 1`"]),
    "a list": ("- evac: 1\n", ["1:1: a runbook is a mapping that starts with `evac: 1`, not a list"]),
    "a single text": ("evac\n", ["1:1: a runbook is a mapping that starts with `evac: 1`, not a single value"]),
    "an unknown version": (
        "evac: 2\nfoo: bar\n",
        ["1:7: this release reads `evac: 1`, not `evac: 2`; use a release of Evac that knows that version"],
    ),
    "a version in quotes": (spoilt(("evac: 1", 'evac: "1"')), ["1:7: evac must be the number 1, not a text"]),
    "two documents": (SMALL + "---\nevac: 1\n", ["30:1: a second document starts here; a file holds one document"]),
    "tab": (
        spoilt(("    kind: postgres", "\tkind: postgres")),
        ["9:1: a tab stands here; YAML is indented with spaces only"],
    ),
    "open quote": (
        spoilt(('"env://DB"', '"env://DB')),
        ["10:13: this `{` is not closed as a mapping must be; a comma or a `}` is missing, or quotes around a text"],
    ),
    "template without quotes": (
        spoilt(('url: "http://{site}/healthz"', "url: {site}/healthz")),
        ["28:5: this `{` is not closed as a mapping must be; a comma or a `}` is missing, or quotes around a text"],
    ),
    "open bracket": (
        spoilt(("needs: [db]", "needs: [db")),
        ["20:12: this `[` is not closed as a list must be; a comma or a `]` is missing, or quotes around a text"],
    ),
    "colon in a text": (
        spoilt(("kind: postgres", "kind: postgres: 16")),
        ["9:19: no key fits here; check the indentation, and put a text that holds a colon and a space in quotes"],
    ),
    "reserved letter": (
        spoilt(("user: evac", "user: @evac")),
        ["10:20: a value cannot start with `@`; put it in quotes"],
    ),
    "wrong indentation": (
        spoilt(("    needs: [db]", "   needs: [db]")),
        ["20:4: this does not fit in here; check the indentation, and put a text that starts with `{` in quotes"],
    ),
    "control character": (
        spoilt(("user: evac", "user: ev\x01ac")),
        ["10:22: a control character (U+0001) stands here; take it away"],
    ),
    "duplicate key": (
        spoilt(("name: shop", "name: shop\nname: shop2")),
        ["3:1: duplicate key `name`; it is given on line 2 already"],
    ),
    "duplicate region": (
        spoilt(("  eu-west-1: {role", "  us-east-1: {role")),
        ["6:3: duplicate key `us-east-1`; it is given on line 5 already"],
    ),
    "tag": (
        spoilt(("name: shop", "name: !!python/name:os.system shop")),
        ["2:7: the tag `tag:yaml.org,2002:python/name:os.system` is not used here; take it away"],
    ),
    "merge key": (
        spoilt(("common: {user", "common: {<<: *x, user")),
        [
            "10:14: merge keys (`<<`) are not in YAML 1.2; use `common`, or write the keys out",
            "10:18: `*x` names an anchor that is not complete above",
        ],
    ),
    "merge key of a known anchor": (
        spoilt(("name: shop", "name: shop\nowners: &x [a]"), ("common: {user", "common: {<<: *x, user")),
        ["11:14: merge keys (`<<`) are not in YAML 1.2; use `common`, or write the keys out"],
    ),
    "unknown alias": (
        spoilt(("user: evac", "user: *nobody")),
        ["10:20: `*nobody` names an anchor that is not complete above"],
    ),
    "complex key": (
        spoilt(("user: evac", "? [a, b] : 1, user: evac")),
        ["10:16: a key must be a single text; put a text that starts with `{` or `[` in quotes"],
    ),
    "infinite number": (spoilt(("rto: 5m", "rto: .inf")), ["3:19: a number must be finite"]),
    "bad duration": (
        spoilt(("rto: 5m", "rto: 5 minutes")),
        ["3:19: objectives.rto: '5 minutes' is not a duration: write a number and a unit, such as 500ms, 10s, 5m, 1h"],
    ),
    "enormous number": (
        spoilt(("traffic: 100", "traffic: 100000000000000000000")),
        ["5:38: a whole number must be from -9007199254740991 to 9007199254740991; put it in quotes if it is a name"],
    ),
    "NUL in a text": (
        spoilt(("user: evac", 'user: "a\\0b"')),
        ["10:20: a text must hold no NUL and no half of a surrogate pair"],
    ),
    "unknown section": (
        spoilt(("checks:", "check:")),
        ["27:1: unknown key `check` in the document; did you mean `checks`?"],
    ),
    "unknown key": (
        spoilt(("traffic: 0", "trafic: 0")),
        ["6:30: unknown key `trafic` in regions.eu-west-1; did you mean `traffic`?"],
    ),
    "unknown key in a check": (
        spoilt(('url: "http://{site}/healthz"', 'url: "http://{site}/healthz", statos: 200')),
        ["28:48: unknown key `statos` in checks[0]; did you mean `status`?"],
    ),
    "unknown setting": (
        spoilt(("host: pg.euw1", "hots: pg.euw1")),
        ["13:19: unknown key `hots` in resources.db.settings.eu-west-1; did you mean `host`?"],
    ),
    "unknown common setting": (
        spoilt(("user: evac", "usr: evac")),
        ["10:14: unknown key `usr` in resources.db.common; did you mean `user`?"],
    ),
    "unknown check kind": (
        spoilt(("kind: sql", "kind: sqll")),
        ["29:12: checks[1].kind `sqll` is unknown; did you mean `sql`?"],
    ),
    "no check kind": (spoilt(("kind: sql, ", "")), ["29:5: checks[1].kind is missing"]),
    "wrong types": (
        spoilt(
            ("traffic: 100", 'traffic: "100"'),
            ("needs: [db]", "needs: db"),
            ("name: shop", "name: 7"),
            ("{rto: 5m, rpo: 10s}", "[5m]"),
            ("{us-east-1: 2, eu-west-1: 1}", "{us-east-1: two, eu-west-1: -1}"),
        ),
        [
            "2:7: name must be a text, not a number",
            "3:13: objectives must be a mapping, not a list",
            "5:38: regions.us-east-1.traffic must be a whole number, not a text",
            "16:27: resources.web.replicas.us-east-1 must be a whole number, not a text",
            "16:43: resources.web.replicas.eu-west-1 must be at least 0, not -1",
            "20:12: resources.web.needs must be a list, not a text",
        ],
    ),
    "empty values": (
        spoilt(("{rto: 5m, rpo: 10s}", ""), ("kind: process", "kind:")),
        ["3:1: objectives is empty; it must be a mapping", "15:5: resources.web.kind is empty; it must be a text"],
    ),
    "missing keys": (
        spoilt((", rpo: 10s", ""), (", traffic: 0", ""), ("    kind: process\n", "")),
        [
            "3:13: objectives.rpo is missing",
            "6:14: regions.eu-west-1.traffic is missing",
            "15:5: resources.web.kind is missing",
        ],
    ),
    "bad choice": (
        spoilt(("role: standby", "role: stand-by")),
        ["6:21: regions.eu-west-1.role must be one of active, standby, not `stand-by`; did you mean `standby`?"],
    ),
    "bad names": (
        spoilt(("name: shop", "name: My Shop"), ("  web:", "  Web_Front:")),
        [
            "2:7: name must be 1 to 64 lower-case letters, digits and inner hyphens, not `My Shop`",
            "14:3: resources.Web_Front must be 1 to 64 lower-case letters, digits and inner hyphens, not `Web_Front`",
        ],
    ),
    "too large": (
        spoilt(("traffic: 100", "traffic: 101")),
        ["5:38: regions.us-east-1.traffic must be at most 100, not 101"],
    ),
    "secret by value": (
        spoilt(('"env://DB"', "hunter2")),
        [
            (
                "10:36: resources.db.common.password: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
        ],
    ),
    "secret as a number": (
        spoilt(('"env://DB"', "12345")),
        ["10:36: resources.db.common.password must be a text, not a number"],
    ),
    "port out of range": (
        spoilt(("host: pg.use1", "port: 70000, host: pg.use1")),
        ["12:25: resources.db.settings.us-east-1.port must be at most 65535, not 70000"],
    ),
    "many at once": (
        spoilt(
            ("rto: 5m", "rto: 5x"),
            ("traffic: 100", "trafic: 100"),
            ("kind: postgres", "kind: postgers"),
            ("needs: [db]", "needs: [dbb]"),
            ("resource: db", "resource: dbb"),
            ("host: pg.euw1", "hots: pg.euw1"),
        ),
        [
            "3:19: objectives.rto: '5x' is not a duration: write a number and a unit, such as 500ms, 10s, 5m, 1h",
            "5:29: unknown key `trafic` in regions.us-east-1; did you mean `traffic`?",
            "9:11: the kind `postgers` is unknown; did you mean `postgres`?",
            "20:13: web needs `dbb`, which is no resource; did you mean `db`?",
            "29:27: `dbb` is no resource; did you mean `db`?",
        ],
    ),
}


def lines_of(text: str) -> list[str]:
    """What is said of the text, without the file's name."""
    with pytest.raises(RunbookError) as caught:
        loads(text, "a.yaml")
    return [str(fault).removeprefix("a.yaml:") for fault in caught.value.faults]


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD.keys())
def test_every_fault_is_said_at_its_place(text: str, expected: list[str]) -> None:
    """A document with faults is refused with exactly these lines."""
    assert lines_of(text) == expected


@pytest.mark.parametrize("name", ["active-passive.yaml", "active-active.yaml"])
def test_shipped_examples_load(name: str) -> None:
    """The examples that people copy are without fault, and without advice."""
    loaded = load(LIBRARY / name)
    assert loaded.notes == ()
    assert loaded.text == (LIBRARY / name).read_text()
    assert loaded.path == str(LIBRARY / name)


def test_the_small_runbook_loads() -> None:
    """What the tables of this folder spoil is without fault before."""
    loaded = loads(SMALL)
    assert isinstance(loaded, LoadedRunbook)
    assert loaded.runbook.objectives.rto == 300
    assert loaded.runbook.settings_of("db", "eu-west-1")["host"] == "pg.euw1"


def test_an_anchor_may_be_used_again() -> None:
    """An alias stands for what its anchor names."""
    text = spoilt(("vars: {site: use1}", "vars: &v {site: '{region}.shop'}"), ("vars: {site: euw1}", "vars: *v"))
    text = text.replace("http://{site}/", "http://{site}.{region}/")
    assert loads(text).runbook.regions["eu-west-1"].vars == {"site": "{region}.shop"}


def test_a_fault_below_an_alias_is_shown_where_it_is_written() -> None:
    """What an alias repeats is wrong at the anchor, where it can be mended."""
    text = spoilt(("us-east-1: {address: 192.0.2.2}", "us-east-1: &a {adress: x}"), ("{address: 192.0.2.3}", "*a"))
    assert lines_of(text) == [
        "25:22: unknown key `adress` in resources.name.settings.eu-west-1; did you mean `address`?",
        "25:22: unknown key `adress` in resources.name.settings.us-east-1; did you mean `address`?",
    ]


def test_aliases_cannot_grow_without_bound() -> None:
    """A document of a few lines that stands for a billion values is refused at once."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert lines_of(bomb) == [f"13:18: the document has more than {MAX_NODES} values, aliases counted in full"]


def test_depth_is_bounded() -> None:
    """Nesting without end is refused, written out or by way of aliases."""
    assert lines_of("[" * 5000) == [f"1:{MAX_DEPTH + 1}: this is nested more than {MAX_DEPTH} levels deep"]
    deep = f"a: &a {'[' * 30}{']' * 30}\nb: {'[' * 30}*a{']' * 30}\n"
    assert lines_of(deep) == [f"2:34: this is nested more than {MAX_DEPTH} levels deep"]


def test_an_alias_to_what_holds_it_is_refused() -> None:
    """A value cannot hold itself."""
    assert lines_of("evac: &a [*a]\n") == ["1:11: `*a` names an anchor that is not complete above"]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    """An editor's habits shift no position."""
    text = "\ufeff" + spoilt(("rto: 5m", "rto: soon")).replace("\n", "\r\n")
    assert lines_of(text)[0].startswith("3:19: objectives.rto: 'soon' is not a duration")


def test_keys_and_words_are_what_they_look_like() -> None:
    """YAML 1.2: `no`, `on` and `12:30` are texts."""
    text = spoilt(("vars: {site: use1}", "vars: {site: no, on: 12:30}"))
    assert loads(text).runbook.regions["us-east-1"].vars == {"site": "no", "on": "12:30"}


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    """A sentence goes to logs and chats: it tells a value's type, and not the value."""
    for change in (('"env://DB"', "hunter2"), ('"env://DB"', "[hunter2]"), ("rto: 5m", "rto: [hunter2]")):
        assert "hunter2" not in "\n".join(lines_of(spoilt(change)))


def test_a_fault_carries_its_parts() -> None:
    """What shows faults in another form needs file, line, column, path and sentence apart."""
    with pytest.raises(RunbookError) as caught:
        loads(spoilt(("kind: sql", "kind: sqll")), "shop.yaml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.column, fault.path) == ("shop.yaml", 29, 12, ("checks", 1, "kind"))
    assert str(caught.value) == str(fault)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Each reason why there is no text is a sentence too."""
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("evac: 1\nname: caf\u00e9\n".encode("latin-1"))
    expected = {
        tmp_path / "none.yaml": "1:1: there is no such file",
        tmp_path: "1:1: the file cannot be read: Is a directory",
        Path("a\0b"): "1:1: the file cannot be read: embedded null byte",
        large: f"1:1: the file has more than {MAX_BYTES} bytes; no runbook needs that many",
        latin: "2:10: the file is not UTF-8 from here on; save it as UTF-8",
    }
    for path, line in expected.items():
        with pytest.raises(RunbookError) as caught:
            load(path)
        assert str(caught.value) == f"{path}:{line}"
