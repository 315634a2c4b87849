"""Reads texts for facts: the parse, the table, and the matchers a user registered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from coda_graphmem.extraction.pipeline import parsing_pipeline
from coda_graphmem.learning.facts.engine import find_facts
from coda_graphmem.learning.facts.found import Parsed
from coda_graphmem.learning.facts.spelling import spell
from coda_graphmem.learning.facts.table import load_table
from coda_graphmem.models import ExtractedInfo


class FactReader:
    """Finds facts about the user in English texts. May be called from several threads at once."""

    def read(self, text: str, subject: str = "User", types: Collection[str] | None = None) -> list[ExtractedInfo]:
        """What a text says of the user.

        Args:
            text: What the user said.
            subject: What statements call the user; where the text speaks of somebody of this name, the user is meant.
            types: Only these types of information; None for all.

        Returns:
            Facts in the order of their values in the text.

        Raises:
            ExtractionError: spaCy's model cannot be loaded.
        """
        table = load_table()
        spelled = spell(text, table.spellings)

        def find(doc: Any) -> list[ExtractedInfo]:
            return find_facts(Parsed(doc, spelled, text, subject), table)

        [found] = parsing_pipeline().map(find, [spelled.text])
        return [info for info in found if types is None or info.info_type in types]
