"""Asking detectors in a process of one's own, such as `evac plan`."""

import json
import subprocess
import sys
from pathlib import Path

from aiohttp import web

from activities.asking import ask_twice, detectors_in
from tests.activities.calls import call
from tests.activities.web import answering

_FIRST_QUESTION = """
import asyncio, json, sys
from activities.clients.dns import exchange
from activities.clients.http import ask
from activities.errors import StepError
import dns.message

async def first():
    question = dns.message.make_query("a.", "A")
    for asking in (ask("GET", "http://127.0.0.1:1/", within=5), exchange(question, "127.0.0.1:1", 5)):
        try:
            await asking
        except StepError:
            pass

had = set(sys.modules)
asyncio.run(first())
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - had})))
"""


async def test_who_was_silent_at_the_first_question_is_asked_once_more(tmp_path: Path) -> None:
    """A program that has just started may be to blame for that silence itself; the second answer counts."""
    asked = 0

    async def late(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=503 if asked == 1 else 200)

    async with answering(late) as url:
        reading = await ask_twice(detectors_in(tmp_path), call("detect.http", {"url": url}))
        again = await ask_twice(detectors_in(tmp_path), call("detect.http", {"url": url}))
    assert (reading.state, again.state, asked) == ("healthy", "healthy", 3)


async def test_who_is_down_is_down_at_the_second_question_too(tmp_path: Path, closed: int) -> None:
    """And nobody asks for ever."""
    reading = await ask_twice(detectors_in(tmp_path), call("detect.tcp", {"host": "127.0.0.1", "port": closed}))
    assert reading.state == "unhealthy"


def test_the_first_question_does_not_wait_for_a_client_to_be_imported() -> None:
    """Importing one within the bound of the first question stops all others that are asked meanwhile."""
    done = subprocess.run([sys.executable, "-c", _FIRST_QUESTION], capture_output=True, text=True, check=True)
    assert not {"httpcore", "h11", "dns", "ssl"} & set(json.loads(done.stdout))
