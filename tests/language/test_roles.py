"""Who speaks, by what they are called."""

from __future__ import annotations

import pytest

from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.roles import SILENT, USERS, assistants, is_assistant, is_silent, is_user, may_be_person
from tests.language.names import ASSISTANTS, PEOPLE, PEOPLE_TOO


@pytest.mark.parametrize("name", ASSISTANTS)
def test_assistants(name: str) -> None:
    assert is_assistant(name)
    assert is_assistant(name.lower())
    # As rankings know who speaks.
    assert is_assistant(entity_key(name) or name.casefold())
    assert not is_user(name)
    assert not is_silent(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "**ChatGPT:**",
            "ChatGPT said:",
            "Claude responded:",
            "_Bot_",
            "assistant ",
            "AI Assistant",
            "GitHub Copilot",
        ),
        *("Google Gemini 2.0 Flash", "claude-3-5-sonnet-20241022", "gpt-4.1-mini", "o3-mini", "Llama 3 70B", "GPT4"),
        *(
            "GitHub Copilot",
            "Assistant (GPT-4o)",
            "DeepSeek-R1",
            "Mistral Large 2",
            "Claude AI",
            "Bing Chat",
            "Mixtral 8x7B",
        ),
    ],
)
def test_assistants_however_they_are_written(name: str) -> None:
    assert is_assistant(name, ["User"])


@pytest.mark.parametrize("name", PEOPLE)
def test_people_who_share_a_word_with_one_are_people(name: str) -> None:
    assert not is_assistant(name, ["User"])
    assert not may_be_person(name)


@pytest.mark.parametrize("name", PEOPLE_TOO)
def test_names_of_both_are_told_by_who_else_speaks(name: str) -> None:
    assert may_be_person(name)
    assert not is_assistant(name)
    assert not is_assistant(name, ["Nora", name])
    assert is_assistant(name, ["You", name])
    assert assistants({name, "Nora"}) == frozenset()
    assert assistants({name, "Nora", "Human"}) == {name}


@pytest.mark.parametrize("name", [*sorted(USERS), "User", "You", "Human", "Me", "**You:**", "You said:"])
def test_users(name: str) -> None:
    assert is_user(name)
    assert not is_assistant(name)


@pytest.mark.parametrize("name", ["Userland", "Youssef", "Ida", "Mei", "Assistant", ""])
def test_others_are_no_users(name: str) -> None:
    assert not is_user(name)


@pytest.mark.parametrize("name", [*sorted(SILENT), "System", "TOOL"])
def test_programs_that_nobody_hears(name: str) -> None:
    assert is_silent(name)
    assert not is_assistant(name)
    assert not is_user(name)


def test_said_alone_is_a_name() -> None:
    assert not is_assistant("Said")
    assert not is_user("Said")
