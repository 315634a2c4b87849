"""All commands in one application."""

import typer

from coda_graphmem._version import __version__
from coda_graphmem.cli.command import Command, Commands, register
from coda_graphmem.cli.commands import keys
from coda_graphmem.cli.commands.add import add
from coda_graphmem.cli.commands.backup import backup
from coda_graphmem.cli.commands.cleanup import cleanup
from coda_graphmem.cli.commands.connect import connect
from coda_graphmem.cli.commands.consolidate import consolidate
from coda_graphmem.cli.commands.context import context
from coda_graphmem.cli.commands.copy import copy
from coda_graphmem.cli.commands.cypher import cypher
from coda_graphmem.cli.commands.decay import decay
from coda_graphmem.cli.commands.delete import delete
from coda_graphmem.cli.commands.demo import demo
from coda_graphmem.cli.commands.doctor import doctor
from coda_graphmem.cli.commands.edit import edit
from coda_graphmem.cli.commands.entities import entities
from coda_graphmem.cli.commands.export import export
from coda_graphmem.cli.commands.facts import facts, profile
from coda_graphmem.cli.commands.forget import forget
from coda_graphmem.cli.commands.graph import graph
from coda_graphmem.cli.commands.health import health
from coda_graphmem.cli.commands.history import history
from coda_graphmem.cli.commands.hook import hook
from coda_graphmem.cli.commands.import_ import import_
from coda_graphmem.cli.commands.inspect import inspect
from coda_graphmem.cli.commands.jobs import jobs
from coda_graphmem.cli.commands.list_ import list_
from coda_graphmem.cli.commands.maintain import maintain
from coda_graphmem.cli.commands.mcp import mcp
from coda_graphmem.cli.commands.merge import allow_merge, merge, refuse_merge
from coda_graphmem.cli.commands.optimize import optimize
from coda_graphmem.cli.commands.prompt import prompt
from coda_graphmem.cli.commands.reembed import reembed
from coda_graphmem.cli.commands.restore import restore
from coda_graphmem.cli.commands.search import search
from coda_graphmem.cli.commands.serve import serve
from coda_graphmem.cli.commands.show import show
from coda_graphmem.cli.commands.stats import stats
from coda_graphmem.cli.commands.supersede import reinstate, retract, supersede
from coda_graphmem.cli.commands.unarchive import unarchive
from coda_graphmem.cli.commands.undo import undo
from coda_graphmem.cli.options import Agent, Directory, Namespace, Session, Store, User, Verbose
from coda_graphmem.cli.settings import Settings

app = typer.Typer(
    cls=Commands,
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
    user: User = None,
    agent: Agent = None,
    session: Session = None,
    version: bool = typer.Option(  # noqa: ARG001 - its callback prints it
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    context.obj = Settings(store, directory, namespace, verbose, user, agent, session)


#: All commands, in the order of the help: what memories hold, what is true, whole stores, what goes, what is alike, and
#: upkeep.
_COMMANDS: tuple[Command, ...] = (
    *(demo, add, edit, import_, search, prompt, context, show, list_, entities, stats, inspect),
    *(mcp, serve, connect, hook, export, graph),
    *(facts, profile, history, supersede, retract, reinstate),
    *(copy, backup, restore),
    *(cleanup, delete, forget, unarchive),
    *(allow_merge, consolidate, merge, refuse_merge, undo),
    *(decay, health, optimize, reembed, maintain, jobs, cypher, doctor),
)

for _command in _COMMANDS:
    register(app, _command)

_keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys by which programs use `serve`.")
for _command in (keys.create, keys.list_, keys.revoke):
    register(_keys, _command)
app.add_typer(_keys, name="keys")
