"""Evacuations, drills and the kill switch before the real workflows, one of them in a real browser."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from runbooks.drills import DrillPhase
from tests.e2e.browser import CHROMIUM, MISSING, SOON, browsing
from tests.triggers.booth import WRONG, Booth, opened
from tests.triggers.console.seen import fields
from tests.triggers.console.serving import page, serving
from tests.workflows.composite_world import HOME
from tests.workflows.world import runbook


@pytest_asyncio.fixture
async def booth(temporal: str, tmp_path: Path) -> AsyncIterator[Booth]:
    """Workers with the real composite workflows."""
    async with opened(temporal, tmp_path) as made:
        yield made


async def say(browser: Page, word: str) -> None:
    """Type the region's name into that form, and send it."""
    form = browser.locator(f"#ask-{word}")
    await form.get_by_label("Reason").fill("seen")
    await form.get_by_label("Type").fill(HOME)
    await form.get_by_role("button").click()


@pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)
async def test_a_person_evacuates_a_region_in_the_browser(booth: Booth) -> None:
    """The order is shown before; the first goes wrong, a person says go on, and the page shows the end by itself."""
    for number in (1, 2):
        book = runbook(name=f"{booth.door.name}-{number}", priority=number)
        path = booth.door.home / f"{book.name}.yaml"
        path.write_text(json.dumps(book.model_dump(mode="json", exclude_unset=True)))
    booth.stage.systems.scripts[f"{booth.door.name}-1"] = [WRONG]
    async with serving(booth.door) as http, browsing(str(http.base_url)) as (browser, complaints):
        expect.set_options(timeout=SOON)
        await browser.goto("/evacuations")
        section = browser.locator(f"section:has(h2:text-is('{HOME}'))")
        await expect(section.locator("ol li")).to_have_text([f"{booth.door.name}-1, {booth.door.name}-2"])
        await section.locator("summary").click()
        await section.get_by_label("Type").fill(HOME)
        await section.get_by_role("button").click()
        await browser.get_by_role("link", name="Look at the evacuation").click()
        await expect(browser.locator(".verdict")).to_have_text("WAITING FOR PERSON")
        await expect(browser.locator("#live")).to_contain_text("the standby cannot be seen")
        await say(browser, "go-on")
        await browser.evaluate("window.sameAsBefore = true")
        await expect(browser.locator(".verdict")).to_have_text("PARTLY EVACUATED")
        assert await browser.evaluate("window.sameAsBefore")
    assert complaints == []


async def test_a_drill_is_aborted_and_the_kill_switch_stops_it(booth: Booth) -> None:
    """The real workflows judge what the forms say: the drill comes home, and the switch is engaged at once."""
    booth.file()
    async with serving(booth.door) as http:
        name = booth.door.name
        offer = fields(await page(http, f"/runbooks/{name}"), "Start drill")
        begun = await http.post(f"/runbooks/{name}/start", data={**offer, "typed": name, "mode": "full"})
        assert (begun.status_code, f"/runbooks/{name}/drill" in begun.text) == (202, True), begun.text
        await booth.drilling(DrillPhase.SOAK)
        form = fields(await page(http, f"/runbooks/{name}/drill"), "Abort the drill")
        said = {**form, "typed": name, "reason": "enough"}
        aborted = await http.post(f"/runbooks/{name}/drill/words", data=said)
        assert (aborted.status_code, "abort by local counts" in aborted.text) == (200, True), aborted.text
        await booth.drilling(DrillPhase.ENDED)
        late = await http.post(f"/runbooks/{name}/drill/words", data={**said, "id": "another"})
        assert late.status_code == 409
        form = fields(await page(http, "/kill-switch"), "Engage the kill switch")
        on = await http.post("/kill-switch/engage", data={**form, "scope": name, "reason": "repairs"})
        assert (on.status_code, f"engaged: the kill switch of {name}" in on.text) == (200, True)
        assert ">None is engaged" not in on.text
        status = await booth.evac("kill-switch", "status", "--runbook", name)
        assert "is engaged by local: repairs" in status.out
        await booth.stage.client.get_workflow_handle(f"evac/kill-switch/{name}").terminate()
