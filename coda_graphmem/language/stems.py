"""The singular of English common nouns, so that "dogs" and "a dog" are one entity."""

from __future__ import annotations

_IRREGULAR = {
    "children": "child", "grandchildren": "grandchild", "men": "man", "women": "woman", "feet": "foot",
    "teeth": "tooth", "mice": "mouse", "geese": "goose", "wives": "wife", "knives": "knife", "lives": "life",
    "leaves": "leaf", "shelves": "shelf", "wolves": "wolf", "halves": "half", "loaves": "loaf",
    "scarves": "scarf", "thieves": "thief", "calves": "calf", "buses": "bus", "gases": "gas", "quizzes": "quiz",
    "viruses": "virus", "bonuses": "bonus", "campuses": "campus",
}  # fmt: skip
#: Written alike in both, or no plurals.
_UNCHANGED = frozenset("series species news means headquarters lens physics mathematics economics".split())
#: Plurals of nouns in -e that look like plurals of shorter ones.
_ONLY_S = frozenset(
    """movies cookies zombies hoodies selfies smoothies brownies calories genies pixies rookies veggies foodies
    birdies aunties bookies cuties sweeties newbies indies prairies menageries pies ties lies shoes horseshoes
    toes canoes foes woes aches headaches toothaches stomachaches heartaches backaches caches niches axes""".split()
)


def singular(key: str) -> str:
    """The key with its last word in the singular, by rule: "red necklaces" becomes "red necklace".

    For common nouns only: a name such as "James" must keep its s.
    """
    before, space, word = key.rpartition(" ")
    return f"{before}{space}{_singular_word(word)}"


def _singular_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")) or word in _UNCHANGED:
        return word
    if word not in _ONLY_S:
        if word.endswith("ies"):
            return f"{word[:-3]}y"
        if word.endswith(("sses", "shes", "ches", "xes", "oes")):
            return word[:-2]
    return word[:-1]
