"""What is peculiar to each source."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import AsyncExitStack

import pytest

from tests.triggers.alerts.conftest import Served, Site, serving
from tests.triggers.alerts.payloads import (
    ALERTMANAGER,
    DATADOG,
    ENDED,
    EVENTBRIDGE,
    FIRED,
    GOOGLE,
    HEALTH,
    PAGERDUTY,
    SAMPLES,
    TOKEN,
    Payload,
    changed,
)

OF = {sample.source: sample for sample in SAMPLES}
ITEM = ALERTMANAGER["alerts"][0]


async def test_a_group_may_be_mixed(served: Served) -> None:
    """Alertmanager's own status is the group's; each alert has its own."""
    ended = {**ITEM, "status": "resolved", "endsAt": ENDED, "fingerprint": "other"}
    await served.post(OF["alertmanager"], changed(ALERTMANAGER, "alerts", to=[ITEM, ended]))
    assert [alert.status for alert in await served.alerts()] == ["firing", "resolved"]
    assert len(await served.signals()) == 1


async def test_what_no_rule_is_about_is_kept(served: Served) -> None:
    """Of a group only what concerns the runbook goes there; the rest is answered as ignored, and kept."""
    other = {**ITEM, "labels": {"alertname": "DiskFull"}, "fingerprint": "other"}
    answer = await served.post(OF["alertmanager"], changed(ALERTMANAGER, "alerts", to=[ITEM, other]))
    assert (answer.status_code, answer.json()["accepted"], answer.json()["ignored"]) == (202, 1, 1)
    (letter,) = served.dead
    assert (letter["why"], letter["alert"]["key"]) == ("unmatched", "other")
    answer = await served.post(OF["alertmanager"], changed(ALERTMANAGER, "alerts", to=[other]))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "ignored": 1, "runbooks": []})


async def test_many_alerts_of_one_request_are_a_few_signals(served: Served) -> None:
    """A signal stays small enough for Temporal, and none is lost."""
    items = [{**ITEM, "annotations": {}, "generatorURL": "", "fingerprint": f"f{number}"} for number in range(450)]
    answer = await served.post(OF["alertmanager"], changed(ALERTMANAGER, "alerts", to=items))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 450)
    assert [len(signal.alerts) for signal in await served.signals()] == [200, 200, 50]


async def test_what_the_sender_writes_is_bounded_and_clean(served: Served) -> None:
    """No control characters, no long texts, no links of other kinds: these are shown to people."""
    labels = {"alertname": "a\x1b[31m\nb", "region": "us-east-1", **{f"l{number}": "x" * 900 for number in range(99)}}
    item = {**ITEM, "labels": labels, "generatorURL": "javascript:alert(1)", "fingerprint": "f\n" * 400}
    await served.post(OF["alertmanager"], changed(ALERTMANAGER, "alerts", to=[item]))
    (alert,) = await served.alerts()
    assert (alert.labels["alertname"], alert.url, len(alert.labels)) == ("a [31m b", "", 64)
    assert max(len(value) for value in alert.labels.values()) <= 303
    assert alert.key == hashlib.sha256(("f\n" * 400).encode()).hexdigest()


async def test_no_data_is_neither_firing_nor_resolved(served: Served) -> None:
    """CloudWatch and Datadog say that they cannot tell; a planned change of AWS is no fault."""
    state = {"value": "INSUFFICIENT_DATA", "timestamp": FIRED}
    await served.post(OF["eventbridge"], changed(EVENTBRIDGE, "detail", "state", to=state))
    await served.post(OF["datadog"], {**DATADOG, "transition": "No Data"})
    await served.post(OF["aws-health"], changed(HEALTH, "detail", "eventTypeCategory", to="scheduledChange"))
    assert [alert.status for alert in await served.alerts()] == ["unknown"] * 3


async def test_aws_health_is_about_the_region_that_is_hit(served: Served) -> None:
    """The copy that comes by another region, and further pages, are the same delivery."""
    copy = {**changed(HEALTH, "detail", "page", to="2"), "region": "eu-west-1", "id": "another"}
    for payload in (HEALTH, copy):
        await served.post(OF["aws-health"], payload)
    one, two = await served.alerts()
    assert (one.region, two.region) == ("us-east-1", "us-east-1")
    assert (one.key, one.delivery) == (two.key, two.delivery)


async def test_google_comes_by_pub_sub_too(served: Served) -> None:
    """The envelope's message id is the delivery; what is no base64 is said."""
    data = base64.b64encode(json.dumps(GOOGLE).encode()).decode()
    envelope = {"message": {"data": data, "messageId": "136969346945"}, "subscription": "projects/p/subscriptions/s"}
    assert (await served.post(OF["google-cloud"], envelope)).status_code == 202
    (alert,) = await served.alerts()
    assert (alert.delivery, alert.key, alert.region) == ("136969346945", "0.opqiw61fsv7p", "us-east1")
    broken = await served.post(OF["google-cloud"], changed(envelope, "message", "data", to="%"))
    assert (broken.status_code, broken.json()["error"]) == (422, "`message.data` is no base64")


@pytest.mark.parametrize("state", ["OPEN", "Closed", "acknowledged"])
async def test_google_writes_states_in_any_case(served: Served, state: str) -> None:
    """Tests and older versions write them in upper case; another word is not guessed at."""
    answer = await served.post(OF["google-cloud"], changed(GOOGLE, "incident", "state", to=state))
    assert answer.status_code == (422 if state == "acknowledged" else 202)
    assert [alert.status for alert in await served.alerts()] == {"OPEN": ["firing"], "Closed": ["resolved"]}.get(
        state, []
    )


async def test_pagerduty_asks_whether_somebody_is_there(served: Served) -> None:
    """A ping, and what is about no incident, is taken, and is nothing."""
    ping = {"event": {"id": "1", "event_type": "pagey.ping", "occurred_at": FIRED, "data": {"type": "ping"}}}
    answer = await served.post(OF["pagerduty"], ping)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "ignored": 0, "runbooks": []})
    await served.post(OF["pagerduty"], changed(PAGERDUTY, "event", "data", "status", to="acknowledged"))
    assert [alert.status for alert in await served.alerts()] == ["firing"]
    assert served.dead == []


async def test_datadogs_test_message_is_recognised(served: Served) -> None:
    """Its test button leaves the template's words as they are."""
    answer = await served.post(OF["datadog"], {**DATADOG, "cycle": "$ALERT_CYCLE_KEY"})
    assert (answer.status_code, "not filled the template in" in answer.json()["error"]) == (422, True)


async def test_secrets_stay_out_of_dead_letters(served: Served) -> None:
    """Whoever sends its own secret along, in the body, does not find it on our disk."""
    answer = await served.post(OF["generic"], {"event": {"id": TOKEN}, "token": TOKEN})
    assert answer.status_code == 422
    nobodys = {"event": {"id": TOKEN, "hosts": [f"https://h1/?token={TOKEN}"]}, "state": "open"}
    assert (await served.post(OF["generic"], nobodys)).json()["ignored"] == 1
    unmatched, unparseable = sorted(served.dead, key=lambda letter: letter["why"])
    assert TOKEN not in json.dumps([unmatched, unparseable])
    assert "[secret]" in unparseable["body"]
    assert unmatched["alert"]["labels"] == {"host": "https://h1/?token=[secret]"}


async def test_a_changed_secret_counts_at_once(site: Site) -> None:
    """The file is read again when a secret does not fit; the old one is refused from then on."""
    secret = site.home / "secret"
    secret.write_text("the old one\n")
    endpoint = {"source": "alertmanager", "name": "prod", "auth": {"bearer": f"file://{secret}"}}
    async with AsyncExitStack() as stack:
        served = await serving(stack, site, [endpoint])

        async def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return (await served.send("alertmanager", json.dumps(ALERTMANAGER), headers)).status_code

        assert (await status("the old one"), await status("the new one")) == (202, 401)
        secret.write_text("the new one\n")
        deadline = time.monotonic() + 10
        while await status("the new one") != 202:  # read again once a second at most
            assert time.monotonic() < deadline
        assert await status("the old one") == 401
        secret.unlink()
        assert await status("the new one") == 202


async def test_grafana_may_sign_the_time(site: Site) -> None:
    """What was signed long ago is refused: nobody can send a recorded request again."""
    auth: Payload = {"hmac": {"secret": "env://EVAC_TEST_TOKEN", "timestamp_header": "X-Grafana-Time"}}
    body = json.dumps(OF["grafana"].firing).encode()

    def headers(at: float) -> dict[str, str]:
        text = str(int(at))
        signed = hmac.new(TOKEN.encode(), f"{text}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Grafana-Alerting-Signature": signed, "X-Grafana-Time": text}

    async with AsyncExitStack() as stack:
        served = await serving(stack, site, [{"source": "grafana", "name": "prod", "auth": auth}])
        now = time.time()
        later = {**headers(now - 3600), "X-Grafana-Time": str(int(now))}
        sent = [headers(now), headers(now - 3600), later, {**headers(now), "X-Grafana-Time": ""}]
        answers = [await served.send("grafana", body, one) for one in sent]
        assert [answer.status_code for answer in answers] == [202, 401, 401, 401]


async def test_pages_in_a_browser_are_nobody(site: Site) -> None:
    """Where all that comes on this machine is believed, a page that somebody looks at there is not."""
    endpoint = {"source": "alertmanager", "name": "prod", "auth": "none"}
    async with AsyncExitStack() as stack:
        served = await serving(stack, site, [endpoint])
        body = json.dumps(ALERTMANAGER)
        assert (await served.send("alertmanager", body, {"Origin": "https://evil.example"})).status_code == 401
        assert (await served.send("alertmanager", body)).status_code == 202
        assert (await served.signals())[0].proof.startswith("nobody proved")


async def test_what_cannot_be_kept_is_sent_again(served: Served) -> None:
    """A dead letter that cannot be written is no answer: the sender comes again."""
    folder = served.house.settings.home
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dead-letters").write_text("in the way")
    answer = await served.post(OF["alertmanager"], b"{")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    (folder / "dead-letters").unlink()
    assert (await served.post(OF["alertmanager"], b"{")).status_code == 422
    assert len(served.dead) == 1
