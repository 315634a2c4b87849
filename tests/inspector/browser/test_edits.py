"""The page in a real browser: what people do with memories and proposals to merge them."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from coda_graphmem import MemoryManager
from tests.inspector.conftest import HOSTILE
from tests.inspector.pages import find, review, violations
from tests.inspector.process import Settings, change


def test_an_edit_is_kept_and_can_be_taken_back(page: Page, settings: Settings) -> None:
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
    change(settings, content)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("content")).to_have_text("The kettle is blue")
    change(settings, content)
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


def test_merging_is_reviewed_done_and_undone(page: Page) -> None:
    review(page)
    expect(page.locator(".pair .same")).to_have_count(1)
    apart = page.locator(".pair", has=page.locator(".apart")).first
    expect(apart).to_contain_text("ten")
    expect(apart.locator("mark").first).to_be_visible()
    live = int(page.locator(".summary").inner_text().split()[0])
    page.get_by_role("button", name="Merge 1 group").click()
    expect(page.locator(".run").first).to_contain_text("done")
    expect(page.locator(".summary")).to_have_text(f"{live - 1} memories")
    page.get_by_label("archived").press("Space")
    expect(page.locator(".summary")).to_have_text(f"{live + 1} memories")
    page.get_by_label("archived").press("Space")
    expect(page.locator(".summary")).to_have_text(f"{live - 1} memories")
    page.locator(".run").first.get_by_role("button", name="Undo").click()
    expect(page.locator(".run").first).to_contain_text("undone")


def test_one_proposal_is_merged_alone_and_taken_back(page: Page) -> None:
    review(page)
    proposal = page.locator(".pair.proposed")
    expect(proposal.locator(".side")).to_have_count(2)
    proposal.get_by_role("button", name="Merge").press("Enter")
    settled = page.locator(".settled")
    expect(settled).to_contain_text("2 memories merged into one")
    expect(settled.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.get_by_role("button", name="Merge 1 group")).to_have_count(0)
    expect(page.locator(".run").first).to_contain_text("done")
    settled.get_by_role("button", name="Undo").click()
    expect(proposal).to_have_count(1)
    expect(page.get_by_role("button", name="Merge 1 group")).to_be_visible()
    expect(page.locator(".run").first).to_contain_text("undone")


def test_what_is_kept_apart_is_not_proposed_again(page: Page, settings: Settings) -> None:
    review(page)
    page.locator(".pair.proposed").get_by_role("button", name="Keep apart").click()
    expect(page.locator(".settled")).to_contain_text("not proposed nor merged again")
    change(settings, lambda memory: memory.consolidate_memories())
    review(page)
    by_hand = page.locator(".pair", has_text="kept apart by hand")
    expect(by_hand).to_have_count(1)
    expect(page.locator(".pair.proposed")).to_have_count(0)
    assert violations(page) == []
    by_hand.get_by_role("button", name="Allow merging").click()
    review(page)
    expect(page.locator(".pair.proposed")).to_have_count(1)


def test_links_and_merges_lead_from_page_to_page(page: Page, settings: Settings) -> None:
    async def merge(memory: MemoryManager) -> None:
        await memory.consolidate_memories()
        await memory.link_similar(min_similarity=0.5)

    change(settings, merge)
    page.reload()
    page.wait_for_selector(".stage[data-shown=all]")
    find(page, "ferry leaves at nine")
    panel = page.locator("#panel-memory")
    expect(panel.get_by_role("heading", name="Merged from 2")).to_be_visible()
    expect(panel.get_by_role("heading", name="May be outdated by")).to_be_visible()
    expect(panel.locator(".history")).to_contain_text("made by merging")
    panel.get_by_role("button", name="The ferry leaves at ten").first.click()
    expect(page.get_by_test_id("content")).to_have_text("The ferry leaves at ten")
    expect(panel.get_by_role("heading", name="May outdate")).to_be_visible()
    expect(panel.get_by_role("heading", name="Similar")).to_be_visible()
    assert violations(page) == []
    panel.get_by_role("heading", name="May outdate").locator("+ blockquote button").click()
    expect(page.get_by_test_id("content")).to_have_text("The ferry leaves at nine")
    panel.locator("blockquote", has_text="archived").get_by_role("button").first.click()
    expect(panel.get_by_role("heading", name="Merged into")).to_be_visible()
    expect(panel.get_by_role("button", name="Restore")).to_have_count(0)
    panel.get_by_role("button", name="Undo the merge").click()
    expect(page.locator(".toast").first).to_contain_text("2 memories are back as before")
    expect(panel.locator(".badge", has_text="merged")).to_have_count(0)


def test_an_archived_memory_is_restored(page: Page, settings: Settings) -> None:
    change(settings, lambda memory: memory.services.resources.store.records.archive("default", ["barks"], time.time()))
    page.get_by_label("archived").check()
    page.wait_for_selector(".stage[data-shown=all]")
    find(page, "rex barks")
    panel = page.locator("#panel-memory")
    expect(panel.locator(".badge", has_text="archived")).to_be_visible()
    expect(panel.get_by_role("button", name="Expand")).to_have_count(0)
    panel.get_by_role("button", name="Delete").click()
    expect(panel.get_by_role("alertdialog")).to_contain_text("Nothing brings it back. Archived as it is")
    panel.get_by_role("button", name="Keep it").click()
    panel.get_by_role("button", name="Restore").click()
    expect(page.locator(".toast").first).to_contain_text("searches find it again")
    expect(panel.locator(".badge", has_text="archived")).to_have_count(0)
    page.fill("#question", "Rex barks")
    page.keyboard.press("Enter")
    expect(page.locator(".answers > li").first).to_contain_text("The dog Rex barks")


def test_an_entity_brings_its_memories_from_the_store(page: Page) -> None:
    page.select_option("#namespace", "crowd")
    page.wait_for_selector(".stage[data-shown=all]")
    expect(page.locator(".summary")).to_contain_text("70 memories")
    find(page, "tom")
    panel = page.locator("#panel-memory")
    find(page, "visit 3 of")
    panel.locator(".chips").get_by_role("button", name="Tom").click()
    expect(panel.locator(".hint")).to_contain_text("mentioned by 70 memories; the newest 40")
    expect(panel.locator("li")).to_have_count(40)
    expect(panel.locator("li").first).to_contain_text("Visit 69 of Tom")
    expect(page.locator(".stage")).to_have_attribute("data-lit", "71")
    panel.get_by_role("button", name="Show 30 more").click()
    expect(panel.locator("li")).to_have_count(70)
    expect(panel.get_by_role("button", name=re.compile("more"))).to_have_count(0)


def test_a_memory_is_replaced_and_holds_again(page: Page) -> None:
    find(page, "kettle")
    page.get_by_role("button", name="Replace…").click()
    page.fill("#replacement", "The kettle is copper")
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.locator(".badge.outdated")).to_have_text("outdated")
    expect(page.locator("#panel-memory")).to_contain_text("The kettle is copper")
    assert violations(page) == []
    page.get_by_role("button", name="Reinstate").click()
    expect(page.locator(".badge.outdated")).to_have_count(0)
    expect(page.locator(".versions")).to_contain_text("reinstated by inspector")


def test_facts_are_shown_with_what_held_when(page: Page, settings: Settings) -> None:
    async def say(memory: MemoryManager) -> None:
        await memory.store_memory("I live in Paris.", timestamp=time.time() - 90 * 86400)
        await memory.store_memory("I live in Rome now.", timestamp=time.time() - 30 * 86400)

    change(settings, say)
    page.get_by_role("tab", name="Facts").click()
    expect(page.locator(".profile")).to_contain_text("Rome")
    expect(page.locator(".spans li.over")).to_contain_text("Paris")
    assert violations(page) == []
    page.locator(".spans li.over button").click()
    expect(page.locator(".badge.outdated")).to_have_text("outdated")
