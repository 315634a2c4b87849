"""Names in texts of other languages than English, by how they are written."""

# ruff: noqa: RUF001
from __future__ import annotations

import pytest

from coda_graphmem.language.foreign_names import foreign_names


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "es",
            "Marta vive en Sevilla y estudia en la Universidad de Salamanca.",
            ["Sevilla", "Universidad de Salamanca"],
        ),
        ("fr", "Ma sœur lit « Le Petit Prince » à Lyon.", ["Le Petit Prince", "Lyon"]),
        ("nl", "Zus van Jan van der Berg woont in Den Haag.", ["Jan van der Berg", "Den Haag"]),
        ("ru", "Вчера Анна Петрова была в Казани.", ["Вчера Анна Петрова", "Анна Петрова", "Казани"]),
        ("ru", "Мария дома. Мы видели, что Мария спит.", ["Мария", "Мария"]),
        ("it", "Il gatto dorme. La casa è grande.", []),
        ("ja", "ジョシュ・ノーマンはコンピューターを買った。", ["ジョシュ・ノーマン", "コンピューター"]),
        ("ja", "「坊っちゃん」を読んだ。", ["坊っちゃん"]),
        ("zh", "我读了《红楼梦》，用Python写程序。", ["红楼梦", "Python"]),
        ("ar", "سارة تعيش في القاهرة", []),
        ("th", "", []),
    ],
)
def test_names(language: str, text: str, names: list[str]) -> None:
    assert [name.text for name in foreign_names(text, language)] == names


def test_german_nouns_may_be_common() -> None:
    names = foreign_names("Meine Schwester fuhr mit Herrn Müller nach Graz.", "de")
    assert [(name.text, name.is_common) for name in names] == [
        ("Schwester", True), ("Herrn Müller", False), ("Graz", True)
    ]  # fmt: skip


def test_a_whole_sentence_is_no_name() -> None:
    names = foreign_names("Vreau Să Știu Unde Este Cheia De La Casa Noastră", "ro")
    assert max(len(name.text.split()) for name in names) <= 6
