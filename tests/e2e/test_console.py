"""The console in a real browser: a failover is started, watched, approved by keyboard, and proved afterwards."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from lab.manager import running
from lab.regions import kill
from lab.topology import ALL_PARTS, LabSpec
from runbooks.load import load
from tests.e2e.browser import CHROMIUM, MISSING, SOON, browsing
from tests.e2e.staging import at_work, served
from tests.lab.started import free_port
from tests.nursery import evac
from worker.settings import Settings

PARTS = ALL_PARTS - {"cache", "queue"}
SOURCE = "us-east-1"
expect.set_options(timeout=SOON)
pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING),
]


async def tab_to(page: Page, selector: str) -> None:
    """Go there by the tab key alone."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


async def begin(page: Page, name: str) -> None:
    """From the overview to the runbook, and start a failover there."""
    await page.goto("/")
    await page.get_by_role("row").get_by_role("link", name=name, exact=True).click()
    form = page.locator("form:has(input[value=failover])")
    await form.get_by_label("Out of").select_option(SOURCE)
    await form.get_by_label("Type").fill(name)
    await form.get_by_role("button").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Failover")


async def say(page: Page, name: str, word: str) -> None:
    """By keyboard alone: the runbook's name is typed into the form, and its button pressed."""
    await tab_to(page, f"form:has(button.{word}) input[name=typed]")
    await page.keyboard.type(name)
    await tab_to(page, f"button.{word}")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("p.panel.good")).to_be_visible()


async def approve(page: Page, name: str) -> None:
    """The forms come by themselves: perhaps one for the loss, as nobody writes, then the plan's."""
    await page.goto(f"/runs/{name}")
    await page.locator("button.accept, button.approve").first.wait_for()
    if await page.locator("button.accept").count():
        await say(page, name, "accept")
    await page.locator("button.approve").wait_for()
    await say(page, name, "approve")


async def recorded(page: Page) -> None:
    """Open the run's record: its link comes by itself, once it is written."""
    await page.get_by_role("link", name="Record", exact=True).click()


async def scrubbed(page: Page) -> list[str]:
    """The states of the steps at the beginning, after the record's slider was moved there by keyboard."""
    slider = page.locator("#second")
    await slider.focus()
    await page.keyboard.press("Home")
    return await page.locator("[data-status]").all_inner_texts()


async def test_a_person_recovers_a_region_in_the_browser(tmp_path: Path) -> None:
    """Overview, start, live page, approval, end, record, slider, download, proof."""
    settings, port = Settings(home=tmp_path / "evac"), free_port()
    spec = LabSpec(home=tmp_path / "lab", model=False, parts=PARTS, approvals=1)
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(running(spec))
        read = load(lab.runbook)
        name = read.runbook.name
        config = f"evac-serve: 1\nlisten: 127.0.0.1:{port}\nrunbooks: ['{lab.runbook}']\nconsole: {{}}\n"
        _, _, (page, complaints) = await asyncio.gather(
            at_work(lab, settings, read),
            stack.enter_async_context(served(tmp_path, settings, config, port)),
            stack.enter_async_context(browsing(f"http://127.0.0.1:{port}")),
        )
        await kill(lab, SOURCE)
        await begin(page, name)
        await approve(page, name)
        await page.evaluate("window.sameAsBefore = true")
        await expect(page.locator("#live")).to_contain_text("RECOVERED")
        assert await page.evaluate("window.sameAsBefore")
        await recorded(page)
        at_first = await scrubbed(page)
        await page.keyboard.press("End")
        at_last = await page.locator("[data-status]").all_inner_texts()
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Download the record").click()
        tar = tmp_path / "record.tar.gz"
        await (await downloading.value).save_as(tar)
        said = await page.locator("main").inner_text()
    assert (set(at_first), "pending" in at_last) == ({"pending"}, False)
    assert complaints == []
    assert "local" in said
    code, out = await proved(tar, settings)
    assert code == 0, out


async def proved(tar: Path, settings: Settings) -> tuple[int, str]:
    """What `evac audit verify` says of the file."""
    env = {**os.environ, "EVAC_HOME": str(settings.home)}
    process = await asyncio.create_subprocess_exec(
        *(evac(), "audit", "verify", str(tar)),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()
