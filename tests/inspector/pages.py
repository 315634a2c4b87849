"""A real browser, with the page open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from coda_graphmem.inspector.app import STATIC
from tests.inspector.process import ROOT

AXE = ROOT / "inspector" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Milliseconds that anything may take on a machine that has other things to do.
PATIENCE = 20_000
OPTIONS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def _missing() -> str | None:
    if not (STATIC / "index.html").is_file() or not AXE.is_file():
        return "the page is not built (make inspector)"
    return None if CHROMIUM else "Chromium is not installed (apt-get install chromium)"


def need_browser() -> None:
    """Skip, or where `CODA_REQUIRE_BROWSER` is set fail, without a browser or the built page."""
    missing = _missing()
    if missing and os.environ.get("CODA_REQUIRE_BROWSER"):
        pytest.fail(f"The inspector cannot be tested in a browser: {missing}.")
    if missing:
        pytest.skip(f"THE INSPECTOR IS NOT TESTED IN A BROWSER: {missing}.")


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser."""
    need_browser()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, address: str, *, theme: str = "light") -> Iterator[Page]:
    """The page, open and complete; whatever it asks of others, or complains of, is an error at the end."""
    home = address.partition("/?")[0]
    asked: list[str] = []
    wrong: list[str] = []
    context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws://", "http://")))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.wait_for_selector(".stage[data-shown=all]")
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((home + "/", "data:"))] == []
    assert any("/api/live" in url for url in asked)
    assert wrong == []


def find(page: Page, words: str) -> None:
    """Search as one types, and open the first that is found."""
    page.locator("body").press("Escape")
    page.locator("body").press("/")
    page.keyboard.type(words)
    page.locator(".found button").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def review(page: Page) -> None:
    """Let a consolidation say what it would do; the first one loads what reads texts."""
    page.get_by_role("tab", name="Merging").click()
    page.get_by_role("button", name="Review").click()
    page.locator(".pair:not(.settled)").first.wait_for(timeout=3 * PATIENCE)


def violations(page: Page) -> list[list[object]]:
    """What axe-core has to object to what is shown."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[object]] = page.evaluate(
        "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
    )
    return found
