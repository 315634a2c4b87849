"""How much an answer may hold, counted in what is rendered.

Clients cut answers off or refuse them beyond some 25,000 tokens, and long before that they crowd out the conversation.
Bytes of UTF-8 are counted, as characters of other scripts take more tokens than letters: the longest answer, text and
structured content together, is 24,000 bytes of what memories say, and ids around it.
"""

from typing import Literal

from pydantic import BaseModel

Format = Literal["concise", "detailed"]

#: Bytes of the text, and again of the structured content.
LONGEST = {"concise": 6_000, "detailed": 12_000}

#: Characters shown of each of several memories.
EXCERPT = {"concise": 300, "detailed": 2_000}

#: Bytes that metadata may take as JSON to be shown.
METADATA = 1_000


class Allowance:
    """Room of one answer, which what is shown uses up.

    Args:
        most: Bytes of its text, and as many of its structured content.
    """

    def __init__(self, most: int) -> None:
        self._text = self._data = most

    def take(self, text: str, data: BaseModel) -> bool:
        """Use room for one part more, if there is enough; whether there was."""
        of_text, of_data = size(text) + 1, size(data.model_dump_json(exclude_none=True)) + 1
        if of_text > self._text or of_data > self._data:
            return False
        self._text -= of_text
        self._data -= of_data
        return True


def size(text: str) -> int:
    """Bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))
