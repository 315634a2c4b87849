"""What is built installs into an empty environment and works there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    [built] = SdistBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with tarfile.open(built) as archive:
        archive.extractall(folder, filter="data")
    [unpacked] = [path for path in folder.iterdir() if path.is_dir()]
    return unpacked


def test_the_source_distribution_holds_what_a_developer_needs(sources: Path) -> None:
    for name in ("Makefile", "constraints.txt", "tests/conftest.py", "docs/index.md", "LICENSE", "cypher", "docker"):
        assert (sources / name).exists(), name
    assert not any(path.name in (".venv", "data", "site") for path in sources.iterdir())


def test_a_wheel_of_the_sources_works_in_an_empty_environment(sources: Path, tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(sources)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    assert uv, "uv is one of the development dependencies"
    python = tmp_path / "env" / "bin" / "python"
    run(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "env", folder=tmp_path)
    # Links, as gigabytes would be copied where the folders of tests are not on the disk of uv's cache.
    install = (uv, "pip", "install", "--quiet", "--link-mode", "symlink", "--python", python)
    run(*install, "-c", ROOT / "constraints.txt", wheel, folder=tmp_path)
    run(uv, "pip", "check", "--quiet", "--python", python, folder=tmp_path)
    command = python.with_name("coda-graphmem")
    run(command, "add", "Margit sings alto in the choir", "--id", "m1", folder=tmp_path)
    assert '"m1"' in run(command, "search", "who sings?", "--json", folder=tmp_path)
    where = run(python, "-c", "import coda_graphmem; print(coda_graphmem.__file__)", folder=tmp_path)
    assert str(tmp_path) in where
