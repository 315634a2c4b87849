"""What can be checked of the Docker files without an engine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from coda_graphmem.cli.app import app
from coda_graphmem.cli.commands.serve import PORT
from scripts import neo4j_server

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"

#: Keys of the Compose specification that are used here.
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "profiles",
    "read_only", "restart", "secrets", "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with their arguments, continued lines joined."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [(line.split(None, 1)[0], " ".join(line.split(None, 1)[1].split())) for line in lines.splitlines() if line]


def test_compose_uses_known_keys_and_defines_what_it_names(compose: dict[str, Any]) -> None:
    assert set(compose) == {"name", "services", "secrets", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= SERVICE_KEYS
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in compose["volumes"]


def test_neo4j_is_pinned_checked_and_reached_from_this_machine_only(compose: dict[str, Any]) -> None:
    neo4j = compose["services"]["neo4j"]
    assert re.fullmatch(r"neo4j:\d+\.\d+\.\d+", neo4j["image"])
    kind, command = neo4j["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert shlex.split(command)[0] == "wget"
    assert all(port.startswith("127.0.0.1:") for port in neo4j["ports"])
    assert compose["services"]["memory"]["depends_on"]["neo4j"] == {"condition": "service_healthy"}


def test_the_worker_stays_and_runs_a_command_that_there_is(compose: dict[str, Any]) -> None:
    worker, memory = compose["services"]["worker"], compose["services"]["memory"]
    assert (worker["restart"], memory["restart"]) == ("unless-stopped", "no")
    assert "profiles" not in worker
    for service in (worker, memory):
        name, *options = service["command"]
        command = get_command(app).commands[name]  # type: ignore[attr-defined]
        assert set(options) <= {option for parameter in command.params for option in parameter.opts}
    assert worker["command"] == ["maintain", "--watch"]
    assert worker["depends_on"]["neo4j"] == {"condition": "service_healthy"}


def test_the_server_is_checked_and_reached_from_this_machine_only(
    compose: dict[str, Any], instructions: list[tuple[str, str]]
) -> None:
    server = compose["services"]["server"]
    assert server["profiles"] == ["server"]
    assert server["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    name, *options = server["command"]
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known
    [volume] = server["volumes"]
    folder = volume.split(":")[1]
    # A new volume takes owner and mode of the folder that it is put over.
    assert any(f"--owner coda --group coda {folder}" in made for _, made in instructions)
    assert options[options.index("--keys") + 1].startswith(f"{folder}/")
    kind, program, _, code = server["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    compile(code, "healthcheck", "exec")
    assert f"http://127.0.0.1:{PORT}/health/ready" in code
    [(_, install)] = [one for one in instructions if one[0] == "RUN" and "uv pip install" in one[1]]
    assert install.endswith("'.[server]'")


def test_the_password_is_a_secret_only(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["environment"]["NEO4J_AUTH_FILE"] == "/run/secrets/neo4j_auth"
        assert not any("PASSWORD" in key or key == "NEO4J_AUTH" for key in service["environment"])
    secret = DOCKER / compose["secrets"]["neo4j_auth"]["file"]
    assert secret.resolve() == neo4j_server.AUTH_SECRET
    ignored = subprocess.run(["git", "check-ignore", "-q", str(secret)], cwd=ROOT, check=False)
    assert ignored.returncode in (0, 128)


def test_settings_of_neo4j_are_named_as_the_image_wants_them(compose: dict[str, Any]) -> None:
    """``.`` becomes ``_`` and ``_`` becomes ``__``."""
    names = {key.removeprefix("NEO4J_") for key in compose["services"]["neo4j"]["environment"]} - {"AUTH_FILE"}
    settings = {name.replace("__", "\0").replace("_", ".").replace("\0", "_") for name in names}
    assert settings == {
        "server.memory.heap.initial_size",
        "server.memory.heap.max_size",
        "server.memory.pagecache.size",
        "dbms.usage_report.enabled",
    }


def test_the_image_runs_as_nobody_in_particular(instructions: list[tuple[str, str]]) -> None:
    assert ("USER", "coda") in instructions
    last_stage = max(i for i, (name, _) in enumerate(instructions) if name == "FROM")
    user = instructions.index(("USER", "coda"))
    assert user > last_stage
    assert all(name in ("ENTRYPOINT", "CMD") for name, _ in instructions[user + 1 :])
    for name, arguments in instructions:
        if name == "FROM":
            assert re.match(r"python:\d\.\d+-slim( AS \w+)?$", arguments)
    [(_, install)] = [one for one in instructions if one[0] == "RUN" and "uv pip install" in one[1]]
    assert "--torch-backend cpu" in install
    assert "--constraints constraints.txt" in install


def test_everything_copied_is_there_and_let_through(instructions: list[tuple[str, str]]) -> None:
    let_through = {
        line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    for name, arguments in instructions:
        if name == "COPY" and "--from" not in arguments:
            for source in [part for part in arguments.split()[:-1] if not part.startswith("--")]:
                assert (ROOT / source).exists(), source
                assert source in let_through


def test_the_entry_point_reads_the_secret(tmp_path: Path) -> None:
    program = tmp_path / "coda-graphmem"
    program.write_text('#!/bin/sh\necho "$NEO4J_USERNAME|$NEO4J_PASSWORD|$*"\n')
    program.chmod(0o755)
    secret = tmp_path / "auth"
    secret.write_text("neo4j/pass/with word")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "NEO4J_AUTH_FILE": str(secret)}
    command = ["sh", str(DOCKER / "entrypoint.sh"), "stats", "--all"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "neo4j|pass/with word|stats --all\n"
    missing = {**environment, "NEO4J_AUTH_FILE": str(tmp_path / "nothing")}
    assert subprocess.run(command, env=missing, capture_output=True, check=False).returncode != 0


def test_the_secret_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secrets" / "neo4j_auth"
    monkeypatch.setattr(neo4j_server, "AUTH_SECRET", secret)
    password = neo4j_server.compose_password()
    assert len(password) >= 16
    assert secret.read_text() == f"neo4j/{password}"
    assert neo4j_server.compose_password() == password
    assert secret.parent.stat().st_mode & 0o077 == 0
