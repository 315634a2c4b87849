"""A console that shows the characters a terminal would obey, whatever is printed on it."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from coda_graphmem.characters import visible


class Screen(Console):
    """Prints texts and their styles; of what moves a cursor or changes a terminal only what Rich itself asks for."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The parts of something to print, in which nothing of a text is obeyed by the terminal."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text, lines=True))
