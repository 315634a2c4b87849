"""All commands in one application."""

from __future__ import annotations

import typer

from coda_graphmem._version import __version__
from coda_graphmem.cli import (
    consolidating,
    copying,
    demonstrating,
    diagnosing,
    exporting,
    forgetting,
    inspecting,
    looking,
    maintaining,
    recalling,
    remembering,
    working,
)
from coda_graphmem.cli.command import register
from coda_graphmem.cli.options import Directory, Namespace, Store, Verbose
from coda_graphmem.cli.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Remember and recall: vectors, full text and a graph in one ranking. No key, no network, no server needed.",
    epilog="Settings may also come from the environment: CODA_GRAPHMEM_VECTOR_STORE_TYPE, CODA_GRAPHMEM_NAMESPACE "
    "and so on; NEO4J_URI selects Neo4j. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coda-graphmem {__version__}")
        raise typer.Exit


@app.callback()
def _remember_global_options(
    context: typer.Context,
    *,
    store: Store = None,
    directory: Directory = None,
    namespace: Namespace = None,
    verbose: Verbose = False,
    version: bool = typer.Option(  # noqa: ARG001 - its callback prints it
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    context.obj = Settings(store, directory, namespace, verbose)


_GROUPS = (
    demonstrating, remembering, recalling, looking, inspecting, exporting, copying, forgetting, consolidating,
    maintaining, working, diagnosing,
)  # fmt: skip

for _group in _GROUPS:
    for _name, _function in _group.COMMANDS.items():
        register(app, _name, _function)
