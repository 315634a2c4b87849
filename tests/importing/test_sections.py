"""Documents are divided where their authors divided them, and no word is lost."""

from __future__ import annotations

from coda_graphmem.importing.sections import (
    MOST_WORDS,
    Divided,
    sections_of_markdown,
    sections_of_pages,
    sections_of_text,
    words_in,
)


def markdown(text: str, first: int = 1) -> Divided:
    return sections_of_markdown(text.split("\n"), first)


def test_markdown_is_divided_at_its_headings() -> None:
    text = """\
Before all.

# Handbook
## Installation #
### Linux

Take the package.

    # no heading

```sh
# no heading either
```
### Windows
Run it.
## Nothing below C#
Use
===

How it is used.
#no heading
"""
    divided = markdown(text, first=11)
    assert [(section.headings, section.first, section.last) for section in divided.sections] == [
        ((), 11, 11),
        (("Handbook", "Installation", "Linux"), 17, 23),
        (("Handbook", "Installation", "Windows"), 25, 25),
        (("Use",), 30, 31),
    ]
    linux = divided.sections[1].text
    assert linux == "Take the package.\n\n    # no heading\n\n```sh\n# no heading either\n```"
    assert divided.sections[3].text == "How it is used.\n#no heading"
    assert divided.silent == (26,)
    assert markdown("## C#\nx\n####### seven\n##\ny").sections[0].headings == ("C#",)


def test_a_rule_or_a_table_makes_no_heading() -> None:
    assert [section.headings for section in markdown("one\ntwo\n---\n\n---\nthree\n\n| a |\n|---|\n").sections] == [()]
    assert markdown("Over\n---\nunder").sections[0].headings == ("Over",)
    assert markdown("# \nwords").sections[0].headings == ()


def test_what_is_long_comes_in_parts_of_whole_paragraphs() -> None:
    whole = "\n\n".join(["word " * 199 + "end."] * 10)
    assert len(sections_of_text(whole.split("\n")).sections) == 1
    paragraphs = [f"{number} " + "word " * 290 + "end." for number in range(20)]
    divided = sections_of_text("\n\n".join(paragraphs).split("\n"))
    assert [section.text.split("\n\n") for section in divided.sections] == [
        paragraphs[:5],
        paragraphs[5:10],
        paragraphs[10:15],
        paragraphs[15:],
    ]
    assert [(section.first, section.last) for section in divided.sections] == [(1, 9), (11, 19), (21, 29), (31, 39)]
    long = markdown("# A\n" + "\n\n".join(paragraphs)).sections
    assert {section.headings for section in long} == {("A",)}


def test_a_paragraph_that_is_too_long_is_cut_where_it_can_be() -> None:
    lines = ["one line of a table that has no end, " * 20] * 60
    divided = sections_of_text(lines)
    assert all(words_in(section.text) <= MOST_WORDS for section in divided.sections)
    read = "\n".join(section.text for section in divided.sections).split("\n")
    assert [line.rstrip() for line in read] == [line.rstrip() for line in lines]
    assert divided.sections[1].first == divided.sections[0].last + 1
    sentences = "A sentence of five words. " * 1_000
    parts = [section.text for section in sections_of_text([sentences]).sections]
    assert len(parts) == 3
    assert all(part.endswith("words.") for part in parts)
    unbroken = sections_of_text(["x" * 50_000]).sections
    assert "".join(section.text for section in unbroken) == "x" * 50_000
    assert len(unbroken) == 4
    assert len(sections_of_text(["犬が走る。" * 8_000]).sections) == 3


def test_pages_are_sections_below_the_headings_of_the_outline() -> None:
    pages = ["Title page", None, " ", "First words", "word " * 3_000, "Last"]
    headings = [(3, 0, "One"), (4, 1, "One and a half"), (5, 0, "Two")]
    sections = sections_of_pages(pages, headings).sections
    assert [(section.first, section.headings) for section in sections] == [
        (1, ()),
        (4, ("One",)),
        (5, ("One", "One and a half")),
        (5, ("One", "One and a half")),
        (6, ("Two",)),
    ]
