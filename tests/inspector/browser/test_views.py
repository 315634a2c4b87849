"""The page in a real browser: what people see and ask, what it must not do, and what it asks for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from coda_graphmem import MemoryManager
from coda_graphmem.inspector.launch import Launcher
from coda_graphmem.inspector.server import Door
from tests.inspector.pages import find, opened, review, violations
from tests.inspector.process import Settings, change, served


def spot(page: Page) -> tuple[float, float]:
    """Where in the window the node is that was stepped to or dragged last."""
    box = page.locator(".stage").bounding_box()
    x, y = (page.get_attribute(".stage", "data-at") or "").split()
    assert box
    return box["x"] + float(x), box["y"] + float(y)


def test_the_token_leaves_the_address_and_another_browser_gets_nothing(page: Page, browser: Browser) -> None:
    assert "token" not in page.url
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(page.url)
    expect(stranger.locator(".toast")).to_contain_text("Each opens one page, once")
    assert "Maria" not in stranger.content()
    other.close()
    # In the same tab it can be loaded again.
    page.reload()
    page.wait_for_selector(".stage[data-shown=all]")
    assert page.context.cookies() == []


def test_a_browser_that_is_started_learns_the_token_by_a_form(
    browser: Browser, addresses: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: started.append(address) or True)
    home, _, token = next(addresses).partition("?token=")
    launcher = Launcher()
    assert launcher.open(Door(home, token))
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(started[0])
        page.wait_for_selector(".stage[data-shown=all]")
        assert page.url == home
        # What was sent once is not sent again.
        page.reload()
        page.wait_for_selector(".stage[data-shown=all]")
        launcher.close()
        page.go_back()
        assert token not in page.content()


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


def test_what_another_process_does_appears_within_a_second(page: Page, settings: Settings) -> None:
    async def store(memory: MemoryManager) -> None:
        await memory.store_memory("Our Anna skis in Rome", memory_id="skis")

    expect(page.locator(".live-dot.on")).to_be_visible()
    page.get_by_role("tab", name="Live").click()
    before = page.locator(".summary").inner_text()
    change(settings, store)
    started = time.perf_counter()
    expect(page.locator(".log")).to_contain_text("Our Anna skis in Rome")
    assert time.perf_counter() - started < 3  # a second (scripts/measure_inspector.py), and what a busy machine adds
    assert int(re.findall(r"\d+", page.locator(".summary").inner_text())[0]) == int(re.findall(r"\d+", before)[0]) + 1
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    change(settings, lambda memory: memory.retrieve_memories("who skis?", limit=1, min_relevance=0.0))
    expect(page.locator(".log")).to_contain_text("Recalled: Our Anna skis in Rome")
    expect(page.locator(".log")).to_contain_text("1 question answered")
    expect(page.locator(".voice.news")).to_have_text("1 memory recalled")
    expect(page.locator(".voice.answer")).to_contain_text("link")  # news does not cut short what one was told
    change(settings, lambda memory: memory.delete_memory("skis"))
    expect(page.locator(".log")).to_contain_text("gone")
    expect(page.locator(".summary")).to_have_text(before)


def test_an_empty_namespace_says_what_to_do_and_nothing_is_changed_where_one_may_only_look(
    browser: Browser, settings: Settings
) -> None:
    with (
        served({**settings, "namespace": "nobody"}, read_only=True) as addresses,
        opened(browser, next(addresses)) as page,
    ):
        expect(page.locator(".empty h2")).to_have_text("Nothing is remembered in “nobody” yet")
        expect(page.locator(".empty pre")).to_contain_text("coda-graphmem add")
        expect(page.locator(".empty")).to_contain_text("crowd, default")
        assert violations(page) == []
        page.select_option("#namespace", "default")
        page.wait_for_selector(".stage[data-shown=all]")
        expect(page.locator(".empty")).to_be_hidden()
        expect(page.locator("header .badge")).to_have_text("read only")
        find(page, "rows in berlin")
        page.get_by_test_id("content").wait_for()
        review(page)
        page.get_by_role("tab", name="Upkeep").click()
        page.locator(".job").first.wait_for()
        names = page.locator(".panel button").evaluate_all("all => all.map(button => button.textContent)")
        assert {"Expand", "Review"} <= set(names)
        changes = re.compile("Edit|Delete|Restore|^Merge|Keep apart|Allow|Undo|^Run ")
        assert [name for name in names if changes.search(name)] == []
        home = page.url.partition("#")[0]
        own = {"Origin": home.rstrip("/"), "Authorization": f"Bearer {page.evaluate('sessionStorage.session')}"}
        answer = page.request.post(home + "api/jobs/decay/run", headers=own)
        assert (answer.status, "--read-only" in answer.json()["error"]) == (403, True)


def test_time_and_filters_change_what_is_shown(page: Page) -> None:
    summary = page.locator(".summary")
    page.get_by_label("semantic").uncheck()
    expect(summary).to_contain_text("filtered out")
    page.get_by_label("semantic").check()
    expect(summary).not_to_contain_text("filtered out")
    for label in ("importance from", "strength left from"):
        page.get_by_label(label).focus()
        page.keyboard.press("End")
        expect(summary).to_contain_text("filtered out")
        page.keyboard.press("Home")
        expect(summary).not_to_contain_text("filtered out")
    for label, value in (("from", "2999-01-01"), ("before", "1999-01-01")):
        page.get_by_label(label, exact=True).fill(value)
        expect(summary).to_contain_text("filtered out")
        page.get_by_label(label, exact=True).fill("")
        expect(summary).not_to_contain_text("filtered out")
    page.get_by_label("strength left from").fill("0.9")
    now = summary.inner_text()
    page.get_by_label("As of").focus()
    page.keyboard.press("End")  # in a year more has faded
    expect(summary).not_to_have_text(now)
    page.get_by_label("strength left from").fill("0")
    expect(summary).not_to_contain_text("filtered out")
    page.get_by_label("As of").focus()
    page.keyboard.press("Home")  # before anything was stored
    expect(summary).to_contain_text("filtered out")
    expect(page.locator(".time output")).not_to_have_text("now")


def test_another_namespace_is_shown(page: Page) -> None:
    page.get_by_label("Namespace").select_option("other")
    expect(page.locator(".summary")).to_have_text("1 memory")
    page.get_by_label("Namespace").select_option("default")
    expect(page.locator(".summary")).not_to_have_text("1 memory")


def test_a_conversation_is_walked_along_its_time(page: Page) -> None:
    page.get_by_role("tab", name="Timeline").click()
    page.get_by_label("Conversation", exact=True).select_option("talk")
    told = page.locator(".timeline li")
    expect(told.nth(1)).to_contain_text("Anna")
    expect(page.locator(".silence")).to_have_text("3 days later")
    expect(page.locator(".turn .said")).to_have_text(["Do you sail?", "I only row"])
    expect(page.locator(".axis circle")).to_have_count(2)
    expect(page.locator(".stage")).to_have_attribute("data-lit", "3")  # the conversation and its memories
    page.locator(".turn button").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("content")).to_have_text("I only row")


def test_the_graph_is_walked_by_keys_and_says_where_one_is(page: Page) -> None:
    voice = page.locator(".voice.answer")
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    expect(voice).to_contain_text("link")
    seen = {voice.inner_text()}
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        seen.add(voice.inner_text())
    assert len(seen) >= 3
    find(page, "rows in berlin")
    page.locator(".stage").focus()
    page.keyboard.press("Escape")
    page.get_by_label("conversations").uncheck()
    for kind in ("semantic", "entities"):
        page.get_by_label(kind).uncheck()
    page.locator(".stage").focus()
    page.keyboard.press("ArrowLeft")
    expect(voice).to_contain_text("episodic memory")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("content")).to_contain_text(voice.inner_text().partition(". ")[0])


def test_a_node_is_dragged_to_another_place(page: Page) -> None:
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    before = page.locator(".stage").screenshot()
    x, y = spot(page)
    page.mouse.move(x, y)
    page.wait_for_timeout(200)  # until the picture in which nodes are found is drawn
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=3)
    page.mouse.up()
    assert spot(page) == (pytest.approx(x + 40, abs=2), pytest.approx(y + 30, abs=2))
    page.mouse.move(x + 300, y)
    assert page.locator(".stage").screenshot() != before


def test_communities_are_coloured(page: Page) -> None:
    before = page.locator(".stage").screenshot()
    page.get_by_label("communities by colour").check()
    assert 1 < int(page.get_attribute(".stage", "data-communities") or 0) < 20
    page.wait_for_timeout(300)
    assert page.locator(".stage").screenshot() != before
    page.get_by_label("communities by colour").uncheck()
    assert page.get_attribute(".stage", "data-communities") is None


def test_older_memories_come_as_one_looks_further(page: Page) -> None:
    page.goto(page.url + "?page=3")
    page.wait_for_selector(".stage[data-shown=all]")
    summary = page.locator(".summary")
    total = int(re.findall(r"of (\d+)", summary.inner_text())[0])
    expect(summary).to_have_text(f"3 of {total} memories")
    page.get_by_role("button", name="Load older").press("Enter")
    expect(summary).not_to_contain_text(f"3 of {total}")
    assert int(summary.inner_text().split()[0]) >= 6
    for _ in range(6):  # far beyond the outermost nodes
        page.get_by_role("button", name="Zoom out").click()
    expect(summary).to_have_text(re.compile(rf"^{total} memories"))
    expect(page.get_by_role("button", name="Load older")).to_be_hidden()


def test_finding_reaches_memories_that_are_not_shown(page: Page) -> None:
    page.goto(page.url + "?page=3")
    page.wait_for_selector(".stage[data-shown=all]")
    page.fill("#find", "lives in lisbon")
    expect(page.locator(".finder .hint")).to_have_text("0 found (among what is shown)")
    page.get_by_role("button", name="Look among all memories").press("Enter")
    expect(page.locator(".found button")).to_have_text("Our Maria lives in Lisbon")


def test_what_hangs_on_memories_in_view_joins_them_and_moves_none(page: Page) -> None:
    page.goto(page.url + "?page=6")
    page.wait_for_selector(".stage[data-shown=all]")
    expect(page.locator(".summary")).to_contain_text("6 of")
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    before = spot(page)
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowLeft")
        expect(page.locator(".summary")).not_to_contain_text("6 of")
    stands = (pytest.approx(before[0], abs=1), pytest.approx(before[1], abs=1))
    for _ in range(100):  # it is told once the picture stands still
        if spot(page) == stands:
            break
        page.wait_for_timeout(100)
    assert spot(page) == stands


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_nothing_stands_in_the_way_of_anybody(page: Page) -> None:
    page.fill("#question", "Maria")
    page.keyboard.press("Enter")
    page.locator(".answers").wait_for()
    for tab in ("Answers", "Memory", "Timeline", "Merging", "Upkeep", "Live"):
        if tab == "Memory":
            find(page, "rows in berlin")
            page.get_by_test_id("content").wait_for()
        page.get_by_role("tab", name=tab).click()
        if tab == "Timeline":
            page.get_by_label("Conversation", exact=True).select_option("talk")
            page.locator(".turn").first.wait_for()
        if tab == "Merging":
            review(page)
        if tab == "Upkeep":
            page.locator(".job").first.wait_for()
        assert violations(page) == [], tab


def test_the_theme_is_kept(page: Page) -> None:
    assert page.get_attribute("html", "data-theme") == "light"
    page.locator("#theme").click()
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    page.wait_for_selector(".stage[data-shown=all]")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
