"""Write the pages of ``docs/`` that say what the code says: commands, settings and the picture of the layers.

With ``--check`` fail where one of them is stale.
"""

from __future__ import annotations

import ast
import configparser
import html
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined
from typer.main import get_command

from coda_graphmem import config as settings
from coda_graphmem.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NOTE = "<!-- Written by scripts/generate_reference.py (make reference); change the code instead. -->\n\n"


# ---------------------------------------------------------------------- commands


def commands() -> str:
    """The page about the command line: every command with its arguments and options."""
    parts = [
        NOTE,
        "# Commands\n\n",
        "`coda-graphmem COMMAND --help` prints the same. These options go with every command, before or after its "
        "name:\n\n",
        _options(next(iter(_named().values())), shared=True),
        "\nExit codes: 0 done (also where nothing was found), 1 failed, 2 wrong usage, 130 stopped. "
        "`coda-graphmem --install-completion` teaches your shell to complete commands and options.\n",
    ]
    for name, command in sorted(_named().items()):
        usage = " ".join([name, *(_argument(item) for item in command.params if item.param_type_name == "argument")])
        parts.append(f"\n## {name}\n\n```text\ncoda-graphmem {usage} [OPTIONS]\n```\n\n{_prose(command.help)}\n\n")
        parts.append(_options(command, shared=False))
    return "".join(parts)


def _named() -> dict[str, Any]:
    """All commands by how they are called; those of a group with its name before theirs."""
    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {name: command} if inner is None else {f"{name} {one}": each for one, each in inner.items()}
    return found


_SHARED = ("--store", "--dir", "--namespace", "--verbose")


def _options(command: Any, *, shared: bool) -> str:
    rows = []
    for item in command.params:
        if item.param_type_name == "argument":
            if not shared:
                rows.append((f"`{item.name.upper()}`", item.help or ""))
            continue
        if "--help" in item.opts or (any(name in _SHARED for name in item.opts) != shared):
            continue
        names = ", ".join(f"`{name}`" for name in (*item.opts, *item.secondary_opts))
        default = "" if item.default in (None, False, ()) else f" Default: {_plain(item.default)}."
        rows.append((names, f"{item.help or ''}{default}"))
    if not rows:
        return ""
    return "| | |\n|---|---|\n" + "".join(f"| {name} | {_cell(text)} |\n" for name, text in rows)


def _argument(item: Any) -> str:
    name = item.name.upper() + ("..." if item.nargs == -1 else "")
    return name if item.required else f"[{name}]"


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))


# ---------------------------------------------------------------------- settings


def config() -> str:
    """The page about settings: every field with type, default, variable and meaning."""
    source = ast.parse((ROOT / "coda_graphmem" / "config.py").read_text(encoding="utf-8"))
    documented = {node.name: _docstrings(node) for node in source.body if isinstance(node, ast.ClassDef)}
    parts = [
        NOTE,
        "# Settings\n\n",
        "Every setting is a keyword argument of `MemoryConfig` or an environment variable; arguments win. An unknown "
        "setting is an error, and so is a combination that cannot work.\n",
    ]
    for model in _models():
        own = ast.get_docstring(
            next(n for n in source.body if isinstance(n, ast.ClassDef) and n.name == model.__name__)
        )
        parts.append(
            f"\n## {model.__name__}\n\n{_prose(own)}\n\n| field | default | variable | meaning |\n|---|---|---|---|\n"
        )
        for name, field in model.model_fields.items():
            meaning = f"{_cell(documented[model.__name__].get(name, ''))}{_bounds(field)}"
            default = _default(field.get_default(call_default_factory=True), field)
            parts.append(f"| `{name}` | {default} | `{_variable(model, name)}` | {meaning} |\n")
    return "".join(parts)


def _models() -> Iterator[type[BaseModel]]:
    yield settings.MemoryConfig
    for field in settings.MemoryConfig.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield field.annotation


def _variable(model: type[BaseModel], name: str) -> str:
    if model is settings.MemoryConfig:
        return f"{settings.ENV_PREFIX}{name.upper()}"
    if model is settings.Neo4jConfig:
        return f"NEO4J_{name.upper()}"
    parent = next(n for n, f in settings.MemoryConfig.model_fields.items() if f.annotation is model)
    return f"{settings.ENV_PREFIX}{parent.upper()}__{name.upper()}"


def _docstrings(node: ast.ClassDef) -> dict[str, str]:
    """What stands under each field."""
    found = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                found[name] = meaning
    return found


def _default(value: Any, field: Any) -> str:
    if value is PydanticUndefined or isinstance(field.default, SecretStr):
        return ""
    if isinstance(value, BaseModel):
        return "its own"
    return f"`{value!r}`"


def _bounds(field: Any) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    found = [
        f"{sign} {getattr(item, name):g}"
        for item in field.metadata
        for name, sign in signs.items()
        if getattr(item, name, None) is not None
    ]
    return f" ({', '.join(found)})" if found else ""


def _prose(text: str | None) -> str:
    """A docstring as Markdown: its references to names are code."""
    return (text or "").replace("``", "`").strip()


def _cell(text: str) -> str:
    return " ".join(_prose(text).split()).replace("|", "\\|")


# ---------------------------------------------------------------------- layers


def layers() -> str:
    """A picture of which module may import which, from ``.importlinter``, as SVG."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    rows = [
        [name.strip() for name in line.split("|")]
        for line in parser["importlinter:contract:layers"]["layers"].split("\n")
        if line.strip()
    ]
    width, height, gap, left = 720, 34, 10, 12
    total = len(rows) * (height + gap) + gap
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" role="img" '
        'font-family="sans-serif" font-size="14">',
        "<title>Layers of coda_graphmem: a module imports only from rows below its own</title>",
        "<style>rect{fill:#eef2fb;stroke:#7086c4}text{fill:#1d2433;text-anchor:middle}"
        "@media(prefers-color-scheme:dark){rect{fill:#25304d}text{fill:#e8ecf7}}</style>",
    ]
    for i, row in enumerate(rows):
        y = gap + i * (height + gap)
        each = (width - 2 * left - gap * (len(row) - 1)) / len(row)
        for j, name in enumerate(row):
            x = left + j * (each + gap)
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{each:.1f}" height="{height}" rx="6"/>')
            parts.append(f'<text x="{x + each / 2:.1f}" y="{y + 22}">{html.escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


PAGES = {"cli.md": commands, "settings.md": config, "images/layers.svg": layers}


def main() -> int:
    """Write the pages, or with ``--check`` name the stale ones and return 1."""
    stale = []
    for name, render in PAGES.items():
        path, text = DOCS / name, render()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv and stale:
        print(f"Stale: {', '.join(stale)}. Run make reference.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
