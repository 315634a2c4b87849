"""Ctrl-C ends the program from its first moment to its last, and says no more than that."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a POSIX signal here")]


def started(when: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A start to which Ctrl-C comes while a module is imported or when a function is called."""
    script = f"""
        import os, signal, sys, builtins
        signal.signal(signal.SIGINT, {"signal.SIG_IGN" if when == "ignored" else "signal.default_int_handler"})
        loaded = builtins.__import__
        def load(name, *rest):
            if name == {when!r} or {when!r} == "ignored" and name == "asyncio":
                builtins.__import__ = loaded
                os.kill(os.getpid(), signal.SIGINT)
            return loaded(name, *rest)
        builtins.__import__ = load
        from coda_graphmem.cli import main
        sys.argv = ["coda-graphmem", *{list(arguments)!r}]
        main()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("imported", ["typer", "coda_graphmem.manager"])
def test_ctrl_c_while_a_start_imports(imported: str) -> None:
    done = started(imported, "list")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")


def test_where_it_is_ignored_it_stays_so() -> None:
    done = started("ignored", "list", "--json")
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_ctrl_c_at_the_end_says_nothing_else() -> None:
    script = """
        import atexit, os, signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)
        atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
        from coda_graphmem.cli import main
        sys.argv = ["coda-graphmem", "list", "--json"]
        main()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "[]\n", "Stopped.\n")


def test_ctrl_c_in_place_of_an_answer() -> None:
    import pty

    command = Path(sys.executable).parent / "coda-graphmem"
    script = (
        f"import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"os.execv({str(command)!r}, ['coda-graphmem', 'forget', '--all'])"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", script])
    told, asked = b"", False
    with contextlib.suppress(OSError):  # how a terminal says that the program has ended
        while True:
            if select.select([terminal], [], [], 5.0)[0]:
                if not (part := os.read(terminal, 1000)):
                    break
                told += part
                if asked or not told.rstrip().endswith(b":"):
                    continue
                asked = True
            # Who is not heard presses it again: between the question and the wait for an answer Python hears none.
            if asked:
                os.write(terminal, b"\x03")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert b"Stopped." in told
    assert b"Traceback" not in told


def test_a_program_without_standard_streams_keeps_their_numbers_free(tmp_path: Path) -> None:
    """Else a file of a store would be number 1, and what anything prints would go into it."""
    call = f"{Path(sys.executable).parent / 'coda-graphmem'} --dir {tmp_path}"
    shell = f"{call} add - <&- ; echo $?; {call} add x --id x >&- 2>&- <&- ; echo $?; {call} list --json 2>&-"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.startswith("1\n0\n[\n")
    assert '"memory_id": "x"' in done.stdout
    assert done.stderr.startswith("Error: standard input: is closed.")
