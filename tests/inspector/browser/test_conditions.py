"""The page in a real browser: narrowing what is shown, and editing tags and ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from coda_graphmem import MemoryManager
from tests.inspector.pages import PATIENCE, find, opened, violations
from tests.inspector.process import Settings, change, embedded_in, served


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A memory with tags and owners."""
    place = embedded_in(tmp_path_factory.mktemp("filed"))

    async def fill(memory: MemoryManager) -> None:
        for memory_id, content, tags, user in (
            ("rows", "Our Maria rows in Berlin", ["sport"], "nora"),
            ("lives", "Our Maria lives in Lisbon", ["home"], "nora"),
            ("swims", "Our Tom swims in Lisbon", ["sport", "water"], None),
        ):
            await memory.store_memory(content, memory_id=memory_id, tags=tags, user_id=user)
        await memory.store_memory("The ferry leaves at nine", memory_id="ferry")

    change(place, fill)
    return place


def shown(page: Page, what: str) -> None:
    expect(page.locator(".summary")).to_have_text(what)


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_a_tag_filters_and_is_edited(page: Page, settings: Settings) -> None:
    async def look(memory: MemoryManager) -> None:
        found = await memory.get_memory("rows")
        seen.append((set(found.tags), found.expires_at))

    seen: list[tuple[set[str], float | None]] = []
    sport = page.locator(".quick").get_by_role("button", name="sport")
    shown(page, "4 memories")
    sport.press("Enter")
    shown(page, "2 memories · by conditions")
    expect(sport).to_be_focused()
    expect(sport).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.wait_for_selector(".stage[data-shown=all]")
    shown(page, "2 memories · by conditions")
    find(page, "rows in berlin")
    panel = page.locator("#panel-memory")
    expect(panel.locator(".tags")).to_have_text("sport")
    expect(panel.locator("dl")).to_contain_text("Usernora")
    expect(panel.locator("dl")).to_contain_text("Endnever")
    assert violations(page) == []
    panel.get_by_role("button", name="Edit").click()
    page.get_by_label("Tags, one on each line").fill("rowing\nsummer")
    page.get_by_label("End", exact=True).fill(
        time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + 3.2 * 86_400))
    )
    assert violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(panel.locator(".badges")).to_contain_text("ends in 3 days")
    expect(panel.locator(".tags li")).to_have_text(["rowing", "summer"])
    shown(page, "1 memory · by conditions")  # It has the tag no more.
    expect(page.locator(".quick .tag")).to_have_count(5)
    change(settings, look)
    page.get_by_role("button", name="Undo").click()
    expect(panel.locator(".tags")).to_have_text("sport")
    expect(panel.locator("dl")).to_contain_text("Endnever")
    shown(page, "2 memories · by conditions")
    change(settings, look)
    assert seen[0][0] == {"rowing", "summer"}
    assert seen[0][1] == pytest.approx(time.time() + 3.2 * 86_400, abs=600)
    assert seen[1] == ({"sport"}, None)


def test_tags_of_a_page_and_of_the_statistics_lead_to_their_memories(page: Page) -> None:
    find(page, "swims in lisbon")
    page.locator("#panel-memory .tags").get_by_role("button", name="water").click()
    shown(page, "1 memory · by conditions")
    page.get_by_role("button", name="Clear all").click()
    shown(page, "4 memories")
    assert page.url.endswith("/")
    page.get_by_role("tab", name="Upkeep").click()
    page.locator("#panel-upkeep").get_by_role("button", name="home").click()
    shown(page, "1 memory · by conditions")
    page.get_by_label("User").select_option("nora")
    page.locator(".quick").get_by_role("button", name="home").click()
    shown(page, "2 memories · by conditions")
    page.fill("#question", "who swims?")
    page.keyboard.press("Enter")
    expect(page.locator(".answers > li")).to_have_count(2)
    expect(page.locator(".answers")).not_to_contain_text("Tom")


def test_conditions_are_written_and_what_cannot_be_is_told_beside_them(
    browser: Browser, addresses: Iterator[str]
) -> None:
    with browser.new_context(viewport={"width": 375, "height": 700}) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(next(addresses))
        page.wait_for_selector(".stage[data-shown=all]")
        field = page.get_by_label("Conditions, JSON")
        field.fill('{"colour": "red"}')
        field.press("Enter")
        error = page.locator("#where-error")
        expect(error).to_contain_text("'colour' is no field that can be compared")
        expect(error).to_contain_text("Use one of")
        expect(field).to_have_attribute("aria-invalid", "true")
        shown(page, "4 memories")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        field.fill('{"$not": {"tags": {"$exists": true}}}')
        field.press("Enter")
        shown(page, "1 memory · by conditions")
        expect(error).to_be_hidden()
        field.fill('{"tags": "none"}')
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".empty h2")).to_have_text("No memory meets the conditions")
        page.get_by_role("button", name="Clear the conditions").click()
        shown(page, "4 memories")
        expect(field).to_have_value("")
        # An address that somebody wrote.
        page.evaluate("location.hash = 'tag=sport&where={'")
        expect(error).to_contain_text("is no JSON")
        shown(page, "2 memories · by conditions")
        assert page.url.endswith("/#tag=sport")


def test_what_happens_shows_where_it_meets_the_conditions(browser: Browser, settings: Settings) -> None:
    async def store(memory: MemoryManager) -> None:
        await memory.store_memory("Our Anna skis", memory_id="skis", tags=["sport"])
        await memory.store_memory("Our Anna cooks", memory_id="cooks", tags=["food"])

    with served(settings) as addresses, opened(browser, next(addresses)) as page:
        expect(page.locator(".live-dot.on")).to_be_visible()
        page.locator(".quick").get_by_role("button", name="sport").click()
        shown(page, "2 memories · by conditions")
        expect(page.locator(".live-dot.on")).to_be_visible()
        change(settings, store)
        shown(page, "3 memories · by conditions")
        expect(page.locator(".quick")).to_contain_text("food")
        page.get_by_role("tab", name="Live").click()
        expect(page.locator(".log")).to_contain_text("Our Anna cooks")
        shown(page, "3 memories · by conditions")
