"""The page in a real browser: what people do with it, what it must not do, and what it asks for."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from coda_graphmem import MemoryManager, MemoryType
from coda_graphmem.inspector.app import STATIC
from tests.inspector.conftest import HOSTILE
from tests.inspector.serve import memory_in

ROOT = Path(__file__).parents[2]
AXE = ROOT / "inspector" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def _missing() -> str | None:
    if not (STATIC / "index.html").is_file() or not AXE.is_file():
        return "the page is not built (make inspector)"
    return None if CHROMIUM else "Chromium is not installed (apt-get install chromium)"


@pytest.fixture(scope="module", autouse=True)
def _needed() -> None:
    missing = _missing()
    if missing and os.environ.get("CODA_REQUIRE_BROWSER"):
        pytest.fail(f"The inspector cannot be tested in a browser: {missing}.")
    if missing:
        pytest.skip(f"THE INSPECTOR IS NOT TESTED IN A BROWSER: {missing}.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small memory."""
    place = tmp_path_factory.mktemp("inspected")

    async def fill(memory: MemoryManager) -> None:
        for memory_id, content in (
            ("rows", "Our Maria rows in Berlin"),
            ("lives", "Our Maria lives in Lisbon"),
            ("visits", "In Lisbon our Tom visits the fair"),
            ("barks", "The dog Rex barks at night"),
            ("edited", "The kettle is blue"),
            ("hostile", HOSTILE),
        ):
            await memory.store_memory(content, memory_id=memory_id, conversation_id="c1")
        for i in range(2):
            await memory.store_memory("The ferry leaves at nine", MemoryType.SEMANTIC, memory_id=f"ferry{i}")
        await memory.store_memory("The ferry leaves at ten", MemoryType.SEMANTIC, memory_id="ten")

    change(place, fill)
    return place


def change(folder: Path, work: object) -> None:
    """Do something with the memory in this process, which is not the one that serves the page."""

    async def run() -> None:
        async with memory_in(folder) as memory:
            await work(memory)  # type: ignore[operator]

    with ThreadPoolExecutor(1) as thread:  # this one's loop belongs to Playwright
        thread.submit(lambda: asyncio.run(run())).result()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where another process serves the inspector."""
    command = [sys.executable, "-m", "tests.inspector.serve", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture(params=["light"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page, open and complete; whatever it asks of others, or complains of, fails the test."""
    home = address.partition("/?")[0]
    asked: list[str] = []
    wrong: list[str] = []
    context = browser.new_context(color_scheme=request.param, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(8000)
    opened = context.new_page()
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.on("websocket", lambda socket: asked.append(socket.url.replace("ws://", "http://")))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.goto(address)
    opened.wait_for_selector(".stage[data-shown=all]")
    yield opened
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


def test_the_token_leaves_the_address_and_another_browser_gets_nothing(page: Page, browser: Browser) -> None:
    assert "token" not in page.url
    other = browser.new_context()
    answer = other.request.get(page.url)
    assert answer.status == 401
    other.close()


def test_finding_opens_a_memory_and_expanding_brings_what_is_linked(page: Page) -> None:
    page.fill("#find", "maria")
    expect(page.locator(".found li")).to_have_count(3)  # two memories and the entity
    expect(page.locator(".stage")).to_have_attribute("data-lit", "3")
    find(page, "rows in berlin")
    expect(page.get_by_test_id("content")).to_have_text("Our Maria rows in Berlin")
    page.get_by_role("button", name="Expand").click()
    expect(page.locator(".toast").first).to_contain_text("added around it")
    page.locator(".chips").get_by_role("button", name="Maria").click()
    expect(page.locator("#panel-memory h2")).to_have_text("Maria")
    expect(page.locator("#panel-memory li")).to_have_count(2)


def test_a_question_lights_up_the_way_to_its_answers(page: Page) -> None:
    page.fill("#question", "Maria")
    page.keyboard.press("Enter")
    answers = page.locator(".answers > li")
    expect(answers.first).to_contain_text("Maria")
    assert page.locator(".answers .stack rect").count() >= 2
    expect(page.locator(".answers .path").first).to_contain_text("→")
    assert int(page.get_attribute(".stage", "data-walked") or 0) >= 2
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".stage")).to_have_attribute("data-lit", "0")


def test_a_path_joins_two_nodes(page: Page) -> None:
    find(page, "rows in berlin")
    page.get_by_role("button", name="Path to…").click()
    page.keyboard.type("visits the fair")
    page.locator(".found button").first.click()
    expect(page.locator(".toast", has_text="step")).to_contain_text("→")


def test_an_edit_is_kept_and_can_be_taken_back(page: Page, folder: Path) -> None:
    async def content(memory: MemoryManager) -> None:
        found = await memory.get_memory("edited")
        seen.append((found.content, found.importance_score))

    seen: list[tuple[str, float]] = []
    find(page, "kettle")
    page.get_by_role("button", name="Edit").click()
    page.fill("#edit-content", "The kettle is green")
    page.fill("#edit-importance", "0.9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("content")).to_have_text("The kettle is green")
    change(folder, content)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("content")).to_have_text("The kettle is blue")
    change(folder, content)
    assert seen[0] == ("The kettle is green", 0.9)
    assert seen[1][0] == "The kettle is blue"
    assert seen[1][1] != 0.9


def test_what_a_memory_says_is_never_markup(page: Page) -> None:
    find(page, "onerror")
    expect(page.get_by_test_id("content")).to_have_text(HOSTILE)
    page.fill("#question", "img src onerror")
    page.keyboard.press("Enter")
    expect(page.locator(".answers")).to_contain_text("<img src=x")
    assert page.locator("#app img, #app script").count() == 0
    assert page.title() == "Memory inspector"


def test_what_another_process_does_appears_within_a_second(page: Page, folder: Path) -> None:
    async def store(memory: MemoryManager) -> None:
        await memory.store_memory("Our Anna skis in Rome", memory_id="skis")

    expect(page.locator(".live-dot.on")).to_be_visible()
    page.get_by_role("tab", name="Live").click()
    before = page.locator(".summary").inner_text()
    change(folder, store)
    started = time.perf_counter()
    expect(page.locator(".log")).to_contain_text("Our Anna skis in Rome")
    assert time.perf_counter() - started < 1.5  # a second, and what a busy machine adds
    assert int(re.findall(r"\d+", page.locator(".summary").inner_text())[0]) == int(re.findall(r"\d+", before)[0]) + 1
    change(folder, lambda memory: memory.delete_memory("skis"))
    expect(page.locator(".log")).to_contain_text("gone")
    expect(page.locator(".summary")).to_have_text(before)


def test_merging_is_reviewed_done_and_undone(page: Page) -> None:
    page.get_by_role("tab", name="Merging").click()
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".pair .same")).to_have_count(1)
    apart = page.locator(".pair", has=page.locator(".apart")).first
    expect(apart).to_contain_text("ten")
    expect(apart.locator("mark").first).to_be_visible()
    page.get_by_role("button", name="Merge 1 group").click()
    expect(page.locator(".run").first).to_contain_text("done")
    page.locator(".run").first.get_by_role("button", name="Undo").click()
    expect(page.locator(".run").first).to_contain_text("undone")


def test_time_and_filters_change_what_is_shown(page: Page) -> None:
    page.get_by_label("semantic").uncheck()
    expect(page.locator(".summary")).to_contain_text("filtered out")
    page.get_by_label("semantic").check()
    expect(page.locator(".summary")).not_to_contain_text("filtered out")
    page.locator("#as-of").focus()
    page.keyboard.press("Home")  # before anything was stored
    expect(page.locator(".summary")).to_contain_text("filtered out")
    expect(page.locator(".time output")).not_to_have_text("now")


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_nothing_stands_in_the_way_of_anybody(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.fill("#question", "Maria")
    page.keyboard.press("Enter")
    page.locator(".answers").wait_for()
    for tab in ("Answers", "Memory", "Merging", "Upkeep", "Live"):
        if tab == "Memory":
            find(page, "rows in berlin")
            page.get_by_test_id("content").wait_for()
        page.get_by_role("tab", name=tab).click()
        if tab == "Merging":
            page.get_by_role("button", name="Review").click()
            page.locator(".pair").first.wait_for()
        if tab == "Upkeep":
            page.locator(".job").first.wait_for()
        found = page.evaluate("async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html)])")
        assert found == [], tab


def test_the_theme_is_kept(page: Page) -> None:
    assert page.get_attribute("html", "data-theme") == "light"
    page.locator("#theme").click()
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    page.wait_for_selector(".stage[data-shown=all]")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
