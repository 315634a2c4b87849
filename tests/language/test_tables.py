"""What is known as data can be read, and says nothing twice."""

from __future__ import annotations

from importlib.resources import files

import pytest

from coda_graphmem.language.tables import listed, table

NAMES = sorted(path.name.removesuffix(".toml") for path in files("coda_graphmem.language").joinpath("data").iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_read_once(name: str) -> None:
    assert table(name)
    assert table(name) is table(name)


def test_a_list_is_its_words() -> None:
    assert listed("roles", "silent") == {"system", "developer", "tool", "function"}


def test_there_is_no_list_of_another_name() -> None:
    with pytest.raises(KeyError):
        listed("roles", "kings")
