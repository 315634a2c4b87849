"""Run a Neo4j Community server for development and tests: from its Maven artifacts with Java, or with Docker.

``python scripts/neo4j_server.py start`` starts one in the background and prints the address of Neo4j
Browser; ``stop`` ends it and keeps its data; ``status`` tells whether it runs. Docker is used where an
engine answers, else Java (17 or 21 for 5.26; 21 or 25 for 2026) and Maven. Jars are kept in the user's
cache folder and data in the user's data folder, never in the repository.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
COMPOSE_FILE = REPOSITORY / "docker" / "compose.yaml"
AUTH_SECRET = REPOSITORY / "docker" / "secrets" / "neo4j_auth"
BROWSER_ARTIFACT = "org.neo4j.client:neo4j-browser:5.24.0"
START_SECONDS = 120.0
STOP_SECONDS = 30.0


class ServerError(RuntimeError):
    """No server could be started; the message names what is missing."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A version of Neo4j Community and what it needs to run."""

    version: str
    java: tuple[int, ...]
    """Versions of Java it runs on, the preferred one first."""
    main_class: str
    java_options: tuple[str, ...] = ()


DISTRIBUTIONS = {
    "5": Distribution("5.26.30", (17, 21), "org.neo4j.server.CommunityEntryPoint"),
    "2026": Distribution(
        "2026.08.1", (25, 21), "org.neo4j.server.Neo4jCommunity", ("--add-modules=jdk.incubator.vector",)
    ),
}

# Without the first of these, filling a vector index can stall.
JAVA_OPTIONS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
    "-XX:+UseSerialGC",
)


def cache_folder() -> Path:
    """Where downloaded jars are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coda-graphmem" / "neo4j"


def data_folder() -> Path:
    """Where the developer's database is kept."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "coda-graphmem" / "neo4j"


# ---------------------------------------------------------------------- Java and Maven


def find_java(versions: tuple[int, ...]) -> Path | None:
    """The ``java`` program of the first of the versions that is installed."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME"),) if home]
    for base in (
        Path("/usr/lib/jvm"),
        Path("/Library/Java/JavaVirtualMachines"),
        Path.home() / ".sdkman/candidates/java",
    ):
        if base.is_dir():
            homes += [
                path / "Contents" / "Home" if (path / "Contents").is_dir() else path for path in sorted(base.iterdir())
            ]
    programs = [home / "bin" / "java" for home in homes]
    if on_path := shutil.which("java"):
        programs.append(Path(on_path))
    found: dict[int, Path] = {}
    for program in programs:
        if program.is_file() and (version := _java_version(program)) is not None:
            found.setdefault(version, program)
    return next((found[version] for version in versions if version in found), None)


@functools.cache
def _java_version(program: Path) -> int | None:
    done = subprocess.run([str(program), "-version"], capture_output=True, text=True, timeout=30, check=False)
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match[1]) if match else None


def install(distribution: Distribution, *, browser: bool = False) -> Path:
    """Fetch the jars of a version once and return their folder.

    Args:
        distribution: The version.
        browser: Whether the server shall also serve Neo4j Browser at ``/browser/``.

    Raises:
        ServerError: Maven is missing or could not fetch them.
    """
    folder = cache_folder() / f"{distribution.version}{'-browser' if browser else ''}" / "lib"
    with _locked(folder.parent.with_suffix(".lock")):
        if folder.is_dir():
            return folder
        maven = shutil.which("mvn")
        if maven is None:
            raise ServerError("Maven (mvn) is needed to fetch Neo4j once. Install it, or start Docker.")
        unfinished = folder.with_name(f"lib-{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        artifacts = [f"org.neo4j:neo4j:{distribution.version}"] + ([BROWSER_ARTIFACT] if browser else [])
        pom = unfinished / "pom.xml"
        pom.write_text(_pom(artifacts), encoding="utf-8")
        print(f"Fetching Neo4j {distribution.version} (about 150 MB, once) ...", file=sys.stderr, flush=True)
        command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={unfinished}", "-DincludeScope=runtime"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise ServerError(f"Maven could not fetch Neo4j {distribution.version}: {done.stdout[-800:]}")
        pom.unlink()
        unfinished.rename(folder)
    return folder


def _pom(artifacts: list[str]) -> str:
    dependencies = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *artifact.split(":")
        )
        for artifact in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId>'
        "<artifactId>neo4j-server</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes respect."""
    import filelock

    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(path):
        yield


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class JavaServer:
    """A server that runs as a Java process on the loopback interface.

    Args:
        distribution: The version.
        home: Folder for settings, logs and data; made where it is missing, kept on `stop`.
        password: Of user ``neo4j``, at least 8 characters; takes effect with a new folder only.
        bolt_port: 0 for any free one.
        http_port: 0 for any free one.
        browser: Whether to serve Neo4j Browser.
        heap: Java heap, such as ``768m``.
        java_options: More options of Java.
        settings: More lines of ``neo4j.conf``.
    """

    def __init__(
        self,
        distribution: Distribution,
        home: Path,
        *,
        password: str,
        bolt_port: int = 0,
        http_port: int = 0,
        browser: bool = False,
        heap: str = "768m",
        java_options: tuple[str, ...] = (),
        settings: tuple[str, ...] = (),
    ) -> None:
        self.distribution = distribution
        self.home = home
        self.password = password
        self.bolt_port = bolt_port or free_port()
        self.http_port = http_port or free_port()
        self.browser = browser
        self.heap = heap
        self.java_options = java_options
        self.settings = settings
        self.pid: int | None = None

    @property
    def uri(self) -> str:
        """Address for the driver."""
        return f"neo4j://127.0.0.1:{self.bolt_port}"

    @property
    def http(self) -> str:
        """Address of the HTTP connector."""
        return f"http://127.0.0.1:{self.http_port}/"

    def start(self) -> None:
        """Start the server and wait until it answers; see `launch` and `wait`."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start the server.

        Raises:
            ServerError: Java or Maven is missing.
        """
        java = find_java(self.distribution.java)
        if java is None:
            versions = " or ".join(str(version) for version in sorted(self.distribution.java))
            raise ServerError(f"Neo4j {self.distribution.version} needs Java {versions}. Install it, or start Docker.")
        lib = install(self.distribution, browser=self.browser)
        for name in ("conf", "data", "logs", "run", "plugins", "import", "web"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        (self.home / "conf" / "neo4j.conf").write_text(self._settings(), encoding="utf-8")
        classpath = os.pathsep.join((f"{self.home / 'plugins'}/*", str(self.home / "conf"), f"{lib}/*"))
        if not (self.home / "data" / "databases").exists():
            self._set_password(java, classpath)
        command = [
            str(java), "-cp", classpath, "-Xms256m", f"-Xmx{self.heap}", *JAVA_OPTIONS, *self.distribution.java_options,
            *self.java_options, self.distribution.main_class, f"--home-dir={self.home}",
            f"--config-dir={self.home / 'conf'}", "--console-mode",
        ]  # fmt: skip
        with (self.home / "logs" / "console.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self.pid = process.pid
        # The server outlives this object by intention, which is what the warning would be about.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            del process

    def wait(self) -> None:
        """Wait until the server answers.

        Raises:
            ServerError: It ended, or needed longer than `START_SECONDS`; its log is named.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.pid is None or not is_running(self.pid) or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"Neo4j did not start. Its log: {self.home / 'logs' / 'console.log'}")
            time.sleep(0.2)

    def stop(self, *, force: bool = False) -> None:
        """End the server as an orderly shutdown, or by force where that is asked for or it does not end in time."""
        if self.pid is not None:
            stop_process(self.pid, force=force)
            self.pid = None

    def _settings(self) -> str:
        return "\n".join(
            (
                "server.default_listen_address=127.0.0.1",
                "server.bolt.enabled=true",
                f"server.bolt.listen_address=127.0.0.1:{self.bolt_port}",
                f"server.bolt.advertised_address=127.0.0.1:{self.bolt_port}",
                "server.http.enabled=true",
                f"server.http.listen_address=127.0.0.1:{self.http_port}",
                "server.https.enabled=false",
                "dbms.security.auth_enabled=true",
                "server.memory.pagecache.size=128m",
                "dbms.usage_report.enabled=false",
                *self.settings,
                "",
            )
        )

    def _set_password(self, java: Path, classpath: str) -> None:
        environment = {**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        command = [
            str(java), "-XX:TieredStopAtLevel=1", "-cp", classpath,
            "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", self.password,
        ]  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"The initial password could not be set: {done.stderr[-400:]}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.http, timeout=2):  # the loopback address
                return True
        except (urllib.error.URLError, OSError):
            return False


def is_running(pid: int) -> bool:
    """Whether a process of that id lives."""
    with contextlib.suppress(ChildProcessError, ValueError):
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def stop_process(pid: int, *, force: bool = False) -> None:
    """End a process by its id, by force at once or after `STOP_SECONDS`."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0))[force:]:
        if not is_running(pid):
            return
        os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


# ---------------------------------------------------------------------- Docker


def docker_answers() -> bool:
    """Whether a Docker engine with Compose is there."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    for command in (["info"], ["compose", "version"]):
        try:
            done = subprocess.run([docker, *command], capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode or b"Cannot connect" in done.stderr:
            return False
    return True


def _compose(*arguments: str) -> None:
    done = subprocess.run(["docker", "compose", "-f", str(COMPOSE_FILE), *arguments], check=False)
    if done.returncode:
        raise ServerError(f"docker compose {arguments[0]} failed.")


def compose_password() -> str:
    """The password in the secret file of ``docker/compose.yaml``; made where there is none."""
    if not AUTH_SECRET.exists():
        # Others on this machine are kept out by the folder; in the containers, users other than root read the file.
        AUTH_SECRET.parent.mkdir(parents=True, exist_ok=True)
        AUTH_SECRET.parent.chmod(0o700)
        AUTH_SECRET.write_text(f"neo4j/{secrets.token_hex(18)}", encoding="ascii")
    return AUTH_SECRET.read_text(encoding="ascii").strip().partition("/")[2]


# ---------------------------------------------------------------------- command line


def _start(name: str) -> None:
    if docker_answers():
        password = compose_password()
        _compose("up", "--detach", "--wait", "neo4j")
        _announce("http://localhost:7474/browser/", "neo4j://localhost:7687", password)
        return
    folder = data_folder() / DISTRIBUTIONS[name].version
    state_file = folder / "server.json"
    if state_file.exists() and is_running(json.loads(state_file.read_text())["pid"]):
        state = json.loads(state_file.read_text())
        _announce(f"{state['http']}browser/", state["uri"], state["password"])
        return
    password = json.loads(state_file.read_text())["password"] if state_file.exists() else secrets.token_hex(12)
    ports = (7687, 7474) if _is_free(7687) and _is_free(7474) else (0, 0)
    server = JavaServer(
        DISTRIBUTIONS[name], folder, password=password, bolt_port=ports[0], http_port=ports[1], browser=True, heap="1g"
    )
    folder.mkdir(parents=True, exist_ok=True)
    state_file.touch(mode=0o600)
    state = {"pid": 0, "uri": server.uri, "http": server.http, "password": password}
    state_file.write_text(json.dumps(state))
    server.start()
    state_file.write_text(json.dumps({**state, "pid": server.pid}))
    _announce(f"{server.http}browser/", server.uri, password)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _announce(browser: str, uri: str, password: str) -> None:
    print(f"Neo4j runs. Browser: {browser}\n\n  export NEO4J_URI={uri}")
    print(f"  export NEO4J_USERNAME=neo4j\n  export NEO4J_PASSWORD={password}")


def _stop(name: str) -> None:
    if docker_answers():
        _compose("stop", "neo4j")
        return
    state_file = data_folder() / DISTRIBUTIONS[name].version / "server.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {"pid": 0}
    if state["pid"] and is_running(state["pid"]):
        stop_process(state["pid"])
        print("Neo4j stopped; its data is kept.")
    else:
        print("Neo4j does not run.")
    if state_file.exists():
        state_file.write_text(json.dumps({**state, "pid": 0}))


def _status(name: str) -> None:
    if docker_answers():
        _compose("ps", "neo4j")
        return
    state_file = data_folder() / DISTRIBUTIONS[name].version / "server.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {"pid": 0}
    if state["pid"] and is_running(state["pid"]):
        print(f"Neo4j runs. Browser: {state['http']}browser/")
    else:
        print("Neo4j does not run.")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=("start", "stop", "status"))
    parser.add_argument(
        "--version", choices=sorted(DISTRIBUTIONS), default="2026", help="without Docker (default: 2026)"
    )
    arguments = parser.parse_args()
    try:
        {"start": _start, "stop": _stop, "status": _status}[arguments.command](arguments.version)
    except ServerError as error:
        print(f"neo4j: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
