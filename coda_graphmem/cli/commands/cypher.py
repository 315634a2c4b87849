"""Shows the Cypher statements of the package: ``cypher``."""

import difflib
import re
import textwrap
from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.settings import Settings

#: Columns of a printed comment.
_WIDTH = 100


async def cypher(
    settings: Settings,  # noqa: ARG001 - every command takes them
    name: Annotated[str | None, typer.Argument(help="Name of a statement; left out to list all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the Cypher statements of the Neo4j store, or print one whole, to be pasted into Neo4j Browser.

    No server is asked. Parameters such as $p keep their names: set them in Browser with :param.
    """
    from coda_graphmem.store.neo4j.statements import comment, names, statement

    known = names()
    if name is None:
        if as_json:
            print_json([{"name": known_name, "comment": comment(known_name)} for known_name in known])
            return
        width = max(map(len, known))
        for known_name in known:
            say(f"{known_name:{width}}  {_first_sentence(comment(known_name))}")
        return
    if name not in known:
        raise typer.BadParameter(f"there is no statement {name}.{_hint(name, known)}", param_hint="NAME")
    if as_json:
        print_json({"name": name, "comment": comment(name), "statement": statement(name)})
        return
    # Not by say, which would break lines at the edge of a terminal.
    typer.echo(textwrap.fill(comment(name), _WIDTH, initial_indent="// ", subsequent_indent="// "))
    typer.echo(f"{statement(name)};")


def _first_sentence(text: str) -> str:
    found = re.match(r".+?[.?!](?=\s|$)", text)
    return text if found is None else found[0]


def _hint(name: str, known: list[str]) -> str:
    """Names that may be meant: those that hold the words given, else those that are written much the same."""
    near = [known_name for known_name in known if name.lower() in known_name]
    if not near:
        last_parts = {known_name.rpartition("/")[2]: known_name for known_name in known}
        near = [last_parts[part] for part in difflib.get_close_matches(name.rpartition("/")[2], last_parts)]
    return f" Near are: {', '.join(near[:5])}." if near else " Leave the name out to list all."
