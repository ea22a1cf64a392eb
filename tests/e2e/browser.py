"""A real browser before the console: Debian's chromium, by Playwright."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
SOON = 20_000.0
MISSING = f"{CHROMIUM} is not installed (the Debian package chromium)"


@asynccontextmanager
async def browsing(url: str) -> AsyncIterator[tuple[Page, list[str]]]:
    """A browser, and what it complained about: scripts that failed, and what the page's policy forbids."""
    complaints: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = await browser.new_page(base_url=url)
        page.set_default_timeout(SOON)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        await browser.close()
