"""Every source through the door: fires, is resolved, comes again, is forged, cut short, or huge."""

from collections.abc import AsyncIterator

import pytest

from tests.triggers.alerts.conftest import Served
from tests.triggers.alerts.payloads import (
    ENDED_AT,
    FIRED_AT,
    SAMPLES,
    TOKEN,
    Payload,
    Sample,
    changed,
    wire,
)

EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.source for sample in SAMPLES])


@EVERY
async def test_it_fires_comes_again_and_is_resolved(served: Served, sample: Sample) -> None:
    """Temporal has each delivery when the sender is answered; only a resolved one has another delivery id."""
    answers = [await served.post(sample, payload) for payload in (sample.firing, sample.firing, sample.resolved)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert answers[0].json() == {"accepted": 1, "ignored": 0, "runbooks": [served.name]}
    fired, again, resolved = await served.alerts()
    assert sample.alert == {name: getattr(fired, name) for name in sample.alert}
    assert (fired.status, fired.at, fired.source) == ("firing", FIRED_AT, sample.source)
    assert (again.key, again.delivery) == (fired.key, fired.delivery)
    assert (resolved.status, resolved.at, resolved.key) == ("resolved", ENDED_AT, fired.key)
    assert resolved.delivery != fired.delivery
    assert (await served.signals())[0].proof.endswith(f" of {sample.source}/prod")


@EVERY
async def test_a_forged_one_is_refused_and_leaves_nothing(served: Served, sample: Sample) -> None:
    """Whatever does not prove the sender is a 401: no proof at all, a wrong one, and one of another body."""
    sent = wire(sample, sample.firing)
    wrong = {name: value.replace(value[-3:], "xyz") for name, value in sent.headers.items()}
    answers = [
        await served.send(sample.source, sent.body),
        await served.send(sample.source, sent.body, wrong, dict.fromkeys(sent.query, "wrong")),
        await served.send(sample.source, b"{}", {**wrong, "Authorization": "Basic !"}),
    ]
    if "hmac" in sample.auth:
        answers.append(await served.send(sample.source, sent.body + b" ", sent.headers))
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.text for answer in answers} == {'{"error":"the sender is not proved"}'}
    assert (await served.alerts(), served.dead) == ([], [])
    assert (await served.http.get("/healthz")).json()["alerts"]["forged"] == len(answers)


@EVERY
async def test_what_cannot_be_understood_is_said_and_kept(served: Served, sample: Sample) -> None:
    """A body that is cut short, or without what it must hold, is a 422 with a sentence, and a dead letter."""
    whole = wire(sample, sample.firing).body
    less = _without(sample.firing, *sample.missing)
    answers = [await served.post(sample, body) for body in (whole[: len(whole) // 2], less, b"", b"\xff\x00")]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert "EOF while parsing" in answers[0].json()["error"]
    assert [letter["sentence"] for letter in served.dead] == [answer.json()["error"] for answer in answers]
    assert {letter["why"] for letter in served.dead} == {"unparseable"}
    assert served.dead[0]["body"] == whole[: len(whole) // 2].decode()
    assert await served.alerts() == []


def _without(payload: Payload, *path: str | int) -> Payload:
    node = changed(payload, *path, to=None)
    inner = node
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return node


@EVERY
async def test_a_huge_body_is_refused_however_it_is_announced(served: Served, sample: Sample) -> None:
    """The bytes are counted as they come: 256 KiB, and no more is read."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 65536

    answer = await served.send(sample.source, endless(), {"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()["error"]) == (413, "the body has more than 262144 bytes")
    assert sent <= 6


async def test_too_much_at_once_is_to_come_again(served: Served) -> None:
    """So many requests are answered side by side, and no more are let in."""
    served.house.door.under_way = 512
    answer = await served.post(SAMPLES[0], SAMPLES[0].firing)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    served.house.door.under_way = 511
    assert (await served.post(SAMPLES[0], SAMPLES[0].firing)).status_code == 202


async def test_nobody_is_at_other_addresses(served: Served) -> None:
    """Only what the server's file declares is there."""
    for path in ("/alerts/alertmanager/other", "/alerts/sns/prod", "/alerts/x", "/alerts/alertmanager/prod/", "/docs"):
        answer = await served.http.post(path, content="{}", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (path, answer.status_code) == (path, 404)
