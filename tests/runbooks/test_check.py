"""Well-formed runbooks that cannot work, and the exact lines that their author sees."""

import pytest

from runbooks.check import advice, check
from runbooks.kinds import KINDS
from runbooks.load import RunbookError, loads
from runbooks.safety import ACCEPTABLE
from tests.runbooks.documents import SMALL, spoilt

ACCEPTED = ", ".join(ACCEPTABLE)
PLANNED = [
    verb
    for verb in ("salvage", "reseed", "compare", "scale", "catch_up", "fence", "promote", "verify", "cut_over")
    if verb in ("verify", *(v for kind in ("postgres", "process", "rfc2136") for v in KINDS[kind].verbs))
]
WRONG: dict[str, tuple[str, list[str]]] = {
    "unknown kind": (
        spoilt(("kind: postgres", "kind: postgers")),
        ["9:11: the kind `postgers` is unknown; did you mean `postgres`?"],
    ),
    "sum": (
        spoilt(("traffic: 100", "traffic: 90")),
        ["5:3: the traffic of all regions must add up to 100, not 90 (us-east-1 90, eu-west-1 0)"],
    ),
    "roles": (
        spoilt(
            ("role: active, traffic: 100", "role: active, traffic: 0"),
            ("traffic: 0, vars: {site: euw1}", "traffic: 100, vars: {site: euw1}"),
        ),
        [
            "5:38: us-east-1 is active and takes no traffic; give it a share, or make it a standby",
            "6:39: eu-west-1 is a standby and takes 100 % of the traffic; make it active, or 0",
        ],
    ),
    "no active": (
        spoilt(("role: active", "role: standby")),
        [
            "5:3: no region is active; at least one must be",
            "5:39: us-east-1 is a standby and takes 100 % of the traffic; make it active, or 0",
        ],
    ),
    "one region": (
        spoilt(("  eu-west-1: {role: standby, traffic: 0, vars: {site: euw1}}\n", "")),
        ["5:3: regions must hold at least 2, not 1"],
    ),
    "no settings": (
        spoilt(('      eu-west-1: {agent: "http://euw1:1"}\n', "")),
        ["18:7: web has no settings for eu-west-1; every resource must be described in every region"],
    ),
    "unknown region": (
        spoilt(("      eu-west-1: {agent", "      eu-west1: {agent")),
        ["19:7: `eu-west1` is no region; did you mean `eu-west-1`?"],
    ),
    "replicas": (
        spoilt(("{us-east-1: 2, eu-west-1: 1}", "{us-east-1: 0}")),
        [
            "16:15: web has no replicas for eu-west-1; say its normal size in every region",
            "16:27: web has 0 replicas in us-east-1, which takes traffic",
        ],
    ),
    "replicas pg": (
        spoilt(("kind: postgres", "kind: postgres\n    replicas: {us-east-1: 1}")),
        ["10:5: kind postgres does not scale; take `replicas` away"],
    ),
    "needs": (
        spoilt(("needs: [db]", "needs: [db, dv, db]")),
        ["20:17: web needs `dv`, which is no resource; known: db, name", "20:21: web needs `db` twice"],
    ),
    "cycle": (
        spoilt(("kind: postgres", "kind: postgres\n    needs: [web]")),
        ["10:12: these resources need one another in a circle: db -> web -> db"],
    ),
    "self": (
        spoilt(("needs: [db]", "needs: [web]")),
        ["20:12: these resources need one another in a circle: web -> web"],
    ),
    "public": (
        spoilt(("us-east-1: {address: 192.0.2.2}", "us-east-1: {address: 192.0.2.2, ttl: 3}")),
        ["25:39: `ttl` is the same in all regions for kind rfc2136; move it to `common`"],
    ),
    "same": (
        spoilt(("pg.euw1", "pg.use1")),
        ["13:18: db has the same host and port in us-east-1 and eu-west-1: a failover would lead to itself"],
    ),
    "check res": (spoilt(("resource: db", "resource: bd")), ["29:27: `bd` is no resource; known: db"]),
    "check reskind": (
        spoilt(("resource: db", "resource: web")),
        ["29:27: web is of kind process, and must be of kind postgres or postgres_logical here"],
    ),
    "resolve": (
        spoilt(('/healthz"', '/healthz", resolve: web')),
        ["28:57: web is of kind process, and must be a public name here"],
    ),
    "template": (
        spoilt(("{site}/healthz", "{sight}/healthz")),
        ["28:23: `{sight}` is not in the vars of us-east-1, eu-west-1; did you mean `site`?"],
    ),
    "template one": (
        spoilt(("vars: {site: euw1}", "vars: {sit: euw1}")),
        ["28:23: `{site}` is not in the vars of eu-west-1"],
    ),
    "same url": (
        spoilt(("{site}/healthz", "shop/healthz")),
        ["28:23: every region would be asked at the same place; put `{region}` or a variable of the region into it"],
    ),
    "scheme": (spoilt(("http://{site}", "{site}")), ["28:23: a url must start with http:// or https://"]),
    "tcp port": (
        spoilt(("  - {kind: sql", '  - {kind: tcp, host: "{site}", port: "{site}"}\n  - {kind: sql')),
        ["29:39: the port is `use1` in us-east-1; it must be a number from 1 to 65535"],
    ),
    "no detect": (
        spoilt(('/healthz"', '/healthz", use: [verify]')),
        ["28:3: no check can tell that a region is dead; an http, tcp or store's check must detect `through: region`"],
    ),
    "sql detect": (
        spoilt(("resource: db", "resource: db, use: [detect]")),
        ["29:36: a check of kind sql can only verify; take `detect` away"],
    ),
    "nats kind": (
        spoilt(("kind: sql, resource: db", "kind: nats, resource: db")),
        ["29:28: db is of kind postgres, and must be of kind nats here"],
    ),
    "use empty": (
        spoilt(("resource: db", "resource: db, use: []")),
        ["29:36: this check is never used; give `detect`, `verify`, or both"],
    ),
    "vantage": (
        spoilt(("checks:", "detect: {vantage: [us-east-1, witnes]}\nchecks:")),
        ["27:31: `witnes` is no vantage point; did you mean `witness`?"],
    ),
    "quorum": (
        spoilt(("checks:", "detect: {quorum: 3}\nchecks:")),
        ["27:18: quorum 3 cannot be reached when us-east-1 or eu-west-1 is lost: 2 would be left"],
    ),
    "quorum2": (
        spoilt(("checks:", "detect: {vantage: [us-east-1, witness], quorum: 2}\nchecks:")),
        ["27:49: quorum 2 cannot be reached when us-east-1 is lost: 1 would be left"],
    ),
    "vantage1": (
        spoilt(("checks:", "detect: {vantage: [us-east-1]}\nchecks:")),
        ["27:19: no vantage point is left when us-east-1 is lost; add `witness` or another region"],
    ),
    "interval": (spoilt(("checks:", "detect: {interval: 0s}\nchecks:")), ["27:20: interval must be more than 0"]),
    "accept": (
        spoilt(("checks:", 'policy: {failover: {accept: ["loss:bd", "anything", "lose:db"]}}\nchecks:')),
        [
            "27:30: `loss:bd` names no resource; known: db, web, name",
            f"27:41: `anything` must be `<what>:<resource>`; what: {ACCEPTED}",
            f"27:53: `lose:db` must be `<what>:<resource>`; what: {ACCEPTED}",
        ],
    ),
    "steps": (
        SMALL
        + "steps:\n"
        + "  - {name: a, uses: notify.log}\n"
        + "  - {name: a, uses: run.comand, after: promote, before: fence, region: us-east}\n"
        + "  - {name: b, uses: run.command, after: restore}\n",
        [
            "31:5: steps[0].settings.text is missing",
            "31:5: the step a must have exactly one of `after` and `before`",
            "32:5: the step a must have exactly one of `after` and `before`",
            "32:12: another step is called `a` already",
            "32:21: `run.comand` cannot be used here; did you mean `run.command`?",
            "32:72: `us-east` is no region; did you mean `us-east-1`?",
            "33:5: the step b must have `argv`: a list of texts, the program first",
            f"33:41: no plan of this runbook has a restore step; use one of {', '.join(PLANNED)}",
        ],
    ),
    "notify": (
        SMALL + "notify:\n  - {uses: run.command}\n",
        ["31:12: `run.command` cannot be used here; known: notify.log, notify.slack, notify.apprise"],
    ),
    "notices": (
        SMALL
        + "notify:\n"
        + "  - {uses: notify.log, settings: {pth: x}}\n"
        + "  - {uses: notify.slack}\n"
        + "  - {uses: notify.slack, settings: {channel: general, token: xoxb-1, api: http://example.org/api/}}\n"
        + "  - {uses: notify.apprise, settings: {url: https://hooks.example.org/secret}}\n"
        + "steps:\n"
        + "  - {name: say, uses: notify.apprise, after: promote, settings: {url: env://URL, txt: done}}\n",
        [
            "31:35: unknown key `pth` in notify[0].settings; did you mean `path`?",
            "32:5: notify[1].settings.channel is missing",
            "32:5: notify[1].settings.token is missing",
            (
                "33:46: notify[2].settings.channel: a channel is given by its id, such as C0123ABCD: "
                "Slack shows it at the end of the channel's details"
            ),
            (
                "33:62: notify[2].settings.token: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
            (
                "33:75: notify[2].settings.api: the token goes there, so it must be an https:// address "
                "that ends in /, such as https://slack.com/api/"
            ),
            (
                "34:44: notify[3].settings.url: a secret is given by reference "
                "(env://, file://, aws-secretsmanager://, aws-ssm://, azure-keyvault://), never by value"
            ),
            "36:65: steps[0].settings.text is missing",
            "36:82: unknown key `txt` in steps[0].settings; known: url",
        ],
    ),
    "reserved": (
        SMALL.replace("us-east-1", "source").replace("{site: use1}", "{site: use1, region: x}"),
        [
            "5:3: a region cannot be called `source`: that word stands for the region being left, in steps",
            "5:59: `{region}` is the region's own name always; give the variable another name",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_work_is_refused(text: str, expected: list[str]) -> None:
    """A runbook that is well formed and cannot work is refused with exactly these lines."""
    with pytest.raises(RunbookError) as caught:
        loads(text, "a.yaml")
    assert [str(fault).removeprefix("a.yaml:") for fault in caught.value.faults] == expected


def test_a_broken_part_makes_no_echo_elsewhere() -> None:
    """What refers to a part that cannot be read is not blamed for it."""
    spoilt_regions = spoilt(("role: standby, traffic: 0", "role: standby, traffic: none"))
    with pytest.raises(RunbookError) as caught:
        loads(spoilt_regions)
    assert [fault.path for fault in caught.value.faults] == [("regions", "eu-west-1", "traffic")]


def test_faults_of_form_hide_none_of_meaning() -> None:
    """A misspelt key in one section does not hide what another section gets wrong."""
    text = spoilt(("{rto: 5m", "{rtoo: 1, rto: 5m"), ("needs: [db]", "needs: [dbx]"), ("resource: db", "resource: web"))
    with pytest.raises(RunbookError) as caught:
        loads(text)
    assert [fault.path for fault in caught.value.faults] == [
        ("objectives", "rtoo"),
        ("resources", "web", "needs", 0),
        ("checks", 1, "resource"),
    ]


def test_a_prompt_may_hold_braces() -> None:
    """JSON in a prompt is no template."""
    check_text = '  - {kind: inference, url: "http://{site}/v1", prompt: "say {x: 1} and {json}", expect: "{ok}"}\n'
    assert len(loads(SMALL + check_text).runbook.checks) == 3


def test_a_check_may_be_asked_through_the_public_name_without_resolver() -> None:
    """The system's own resolver is asked then."""
    line = '  - {kind: http, through: public, url: "https://shop.example.com/healthz", use: [verify]}\n'
    assert loads(SMALL + line).runbook.checks[2].through == "public"


def test_a_maintenance_window_in_no_real_time_zone_is_refused() -> None:
    """The detector could not tell whether it is open."""
    good, bad = '{start: "22:00", end: "04:00", timezone: Europe/Berlin}', "Europe/Atlantis"
    window = f"maintenance:\n  - {good}\n"
    assert loads(SMALL + window).runbook.maintenance[0].timezone == "Europe/Berlin"
    with pytest.raises(RunbookError, match="`Europe/Atlantis` is no time zone; write one such as UTC"):
        loads(SMALL + window.replace("Europe/Berlin", bad))


def test_every_circle_is_found_once() -> None:
    """Two circles that share no resource are two findings, however they are entered."""
    runbook = loads(SMALL).runbook
    process = runbook.resources["web"]
    needs = {"a": ("b",), "b": ("c",), "c": ("a",), "d": ("d",), "e": ("a", "d")}
    resources = {name: process.model_copy(update={"needs": wanted}) for name, wanted in needs.items()}
    found = check(runbook.model_copy(update={"resources": resources}))
    assert [finding.sentence for finding in found if "circle" in finding.sentence] == [
        "these resources need one another in a circle: a -> b -> c -> a",
        "these resources need one another in a circle: d -> d",
    ]


def test_advice_is_given_for_what_is_allowed_and_weak() -> None:
    """A runbook without name, verification or standby names loads, with a note for each."""
    text = SMALL[: SMALL.index("  name:\n    kind: rfc2136")] + SMALL[SMALL.index("checks:") :]
    text = text.replace("  - {kind: sql, resource: db}\n", "").replace("/healthz", "/healthz?verify=no")
    text = text.replace('no"}', 'no", use: [detect]}').replace("application_name: db.euw1", 'agent: ""')
    assert [str(note) for note in loads(text, "a.yaml").notes] == [
        "a.yaml:8:3: no resource can cut traffic over: clients must find the new region alone",
        "a.yaml:22:3: no check verifies the result: a failover can end only as not confirmed",
        "a.yaml:9:5: db has no application_name in eu-west-1: whether it replicates cannot be seen",
        "a.yaml:9:5: db has no agent in eu-west-1, so these cannot be done there: reseed, restore, rehearse",
    ]
    assert advice(loads(SMALL).runbook) == ()
