"""Loads the models that a setting names: from a folder, from the local cache, or from the Hugging Face hub."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.imports import HEAVY_IMPORT, environment
from coda_graphmem.private_files import is_writable_by_others

M_co = TypeVar("M_co", covariant=True)
M = TypeVar("M")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"
#: Seconds in which the hub says whether there is a model.
_ANSWERS_WITHIN = 20.0
#: What begins so is a path; names of models do not.
_PATHS = ("/", "./", "../", "~", ".\\", "..\\")


class Opens(Protocol[M_co]):
    """Imports a library and makes a model of what is in a folder, in the local cache, or on the hub."""

    def __call__(self, name: str, *, local_files_only: bool) -> M_co:
        """The model of a name or folder; with ``local_files_only`` nothing is downloaded."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A model as a setting names it.

    A folder, or a name whose files are in the local cache already, is loaded without the network; only a name that is
    not there is downloaded. The hub is not told what is used for what.
    """

    name: str
    """Name on the Hugging Face hub, or path of a folder."""
    field: str
    """The setting."""
    kind: str
    """What the folder has to hold, with its article."""
    error: type[GraphMemoryError]
    """What is raised where it cannot be loaded."""

    def load(self, opens: Opens[M], probe: Callable[[M], T]) -> tuple[M, T]:
        """The model, and what a first use of it gives.

        Args:
            opens: Makes it.
            probe: Uses it once, so that one which does not work is found out now.

        Raises:
            GraphMemoryError: Of the kind ``error``: it does not exist, cannot be downloaded or cannot be loaded.
        """
        folder = Path(self.name).expanduser()
        local = folder.is_dir()
        if not local and self.name.startswith(_PATHS):
            raise self.error(
                f"there is no folder {self.name!r}.",
                field=self.field,
                remedy=f"Give the path of a folder that holds {self.kind}.",
            )
        if local and not self.name.startswith(_PATHS) and is_writable_by_others(folder):
            raise self.error(
                f"{self.name!r} is also a folder here, which others may write to.",
                field=self.field,
                remedy=f"Work in another folder; or, if that folder is meant, name it ./{self.name}.",
            )
        try:
            with HEAVY_IMPORT, _without_telemetry():
                model = _opened(str(folder) if local else self.name, opens, self.field, local=local)
            return model, probe(model)
        except self.error:
            raise
        except Exception as error:
            raise self.error(
                f"the model {self.name!r} cannot be loaded ({type(error).__name__}).",
                field=self.field,
                remedy=(
                    f"Check that the folder holds {self.kind}."
                    if local
                    else "Check the name and the network, or give the path of a folder that holds the model."
                ),
            ) from error


def _opened(name: str, opens: Opens[Any], field: str, *, local: bool) -> Any:
    try:
        return opens(name, local_files_only=True)
    except (OSError, ValueError):
        if local:
            raise
        _log.info("The model %s (%s) is not on this machine; downloading it.", name, field)
    from huggingface_hub import HfApi

    # Without a network, or with a wrong name, this fails at once; loading would try again for minutes.
    HfApi().model_info(name, timeout=_ANSWERS_WITHIN)
    return opens(name, local_files_only=False)


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Load without telling the hub what is used for what; the environment is as before afterwards.

    The hub's library reads the variable once, when it is imported; where that was before, by the
    program around this one, the constant it keeps is switched as well.
    """
    with environment(_TELEMETRY, "1"):
        from huggingface_hub import constants

        kept = constants.HF_HUB_DISABLE_TELEMETRY
        constants.HF_HUB_DISABLE_TELEMETRY = True
        try:
            yield
        finally:
            constants.HF_HUB_DISABLE_TELEMETRY = kept
