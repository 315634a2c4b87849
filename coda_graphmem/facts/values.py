"""Normal forms of subjects and values, so that the same one is found again however it was written."""

from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.normal_form import folded
from coda_graphmem.language.roles import is_user

USER = "User"
"""What the user is called where nobody says whose words they are."""


def subject_key(name: str) -> str:
    """The normal form of who or what statements are about: ``user`` for all names of the user's role."""
    return "user" if is_user(name) else entity_key(name) or folded(name)


def value_key(value: str) -> str:
    """The normal form of a value, equal for equal ones."""
    return entity_key(value) or folded(value)
