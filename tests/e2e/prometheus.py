"""A real Prometheus and a real Alertmanager, as Debian packs them, with an exporter that asks the lab's regions."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from lab.topology import Lab
from tests.lab.started import free_port, until

PROMETHEUS, ALERTMANAGER = "prometheus", "prometheus-alertmanager"
_RULES = """\
groups:
  - name: regions
    rules:
      - alert: RegionDown
        expr: region_up == 0
        for: 1s
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.region }} does not answer"}
"""


def missing() -> list[str]:
    """The programs that are not installed."""
    return [name for name in (PROMETHEUS, ALERTMANAGER) if shutil.which(name) is None]


@dataclass(frozen=True)
class Monitoring:
    """Where the two answer."""

    prometheus: str
    alertmanager: str

    async def sees(self, region: str, value: str) -> bool:
        """Prometheus' newest sample of the region is this."""
        found = await _get(f"{self.prometheus}/api/v1/query?query=region_up")
        samples = {one["metric"]["region"]: one["value"][1] for one in found["data"]["result"]}
        return samples.get(region) == value


async def _get(url: str) -> dict[str, dict[str, list[dict[str, dict[str, str]]]]]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return json.loads(await answer.text())


@asynccontextmanager
async def exporter(lab: Lab) -> AsyncIterator[int]:
    """What a blackbox exporter does: each scrape asks every region's service whether it is well. Its port."""

    async def up(session: aiohttp.ClientSession, url: str) -> int:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(url) as answer:
                return int(answer.ok)
        return 0

    async def metrics(_request: web.Request) -> web.Response:
        patience = aiohttp.ClientTimeout(total=0.5)
        urls = [f"http://{region.edge}:{lab.public_port}/healthz" for region in lab.regions]
        async with aiohttp.ClientSession(timeout=patience) as session:
            seen = await asyncio.gather(*(up(session, url) for url in urls))
        lines = [f'region_up{{region="{one.name}"}} {value}\n' for one, value in zip(lab.regions, seen, strict=True)]
        return web.Response(text="".join(lines), headers={"Content-Type": "text/plain; version=0.0.4"})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield port
    finally:
        await runner.cleanup()


@asynccontextmanager
async def monitoring(lab: Lab, home: Path, door: int, token: str) -> AsyncIterator[Monitoring]:
    """Both at work: scrapes each second, and alerts go to the door at that port, with the token."""
    await asyncio.to_thread(home.mkdir)
    found = Monitoring(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(exporter(lab))
        (home / "rules.yml").write_text(_RULES)
        (home / "prometheus.yml").write_text(_prometheus(port, found.alertmanager))
        (home / "alertmanager.yml").write_text(_alertmanager(door, token))
        at = found.alertmanager.removeprefix("http://")
        argv = [ALERTMANAGER, f"--config.file={home}/alertmanager.yml", f"--storage.path={home}/alertmanager"]
        argv += [f"--web.listen-address={at}", "--cluster.listen-address="]
        stack.enter_context(program(argv, home / "alertmanager.log"))
        at = found.prometheus.removeprefix("http://")
        argv = [PROMETHEUS, f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/prometheus"]
        stack.enter_context(program([*argv, f"--web.listen-address={at}"], home / "prometheus.log"))
        await until(lambda: _ready(found.alertmanager))
        await until(lambda: _ready(found.prometheus))
        yield found


async def _ready(base: str) -> bool:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"{base}/-/ready") as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False


@contextmanager
def program(argv: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    """A program until the end of the block; what it says goes to a file."""
    with log.open("wb") as file:
        process = subprocess.Popen(argv, stdout=file, stderr=file, env=env)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _prometheus(exporter: int, alertmanager: str) -> str:
    return f"""\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager.removeprefix("http://")}"]}}]
scrape_configs:
  - job_name: regions
    static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]
"""


def _alertmanager(door: int, token: str) -> str:
    return f"""\
route: {{receiver: evac, group_by: [alertname, region], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: evac
    webhook_configs:
      - url: http://127.0.0.1:{door}/alerts/alertmanager/prod
        http_config:
          authorization: {{type: Bearer, credentials: {token}}}
"""
