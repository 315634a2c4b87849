"""The command line: ``coda-graphmem``."""

__all__ = ["main"]


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from coda_graphmem.cli.app import app

    app(prog_name="coda-graphmem")
