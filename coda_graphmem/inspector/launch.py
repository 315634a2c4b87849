"""Opens the page in a browser, so that neither the list of processes nor the browser's history shows what opens it."""

import html
import os
import tempfile
import webbrowser
from pathlib import Path

from coda_graphmem.inspector.server import Door

_FORM = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Memory inspector</title>
<form method="post" action="{page}">
<input type="hidden" name="token" value="{token}">
<button>Open the memory</button>
</form>
<script>document.forms[0].submit();</script>
"""


class Launcher:
    """Shows the page to a browser by a file that only its user can read, and that is removed as soon as it was used."""

    def __init__(self) -> None:
        self._file: Path | None = None

    def open(self, door: Door) -> bool:
        """Open the page; the answer is whether there is a browser."""
        # A folder of our own, of mode 0700: nobody else can put something in the file's place.
        self._file = Path(tempfile.mkdtemp(prefix="coda-graphmem-")) / "open.html"
        form = _FORM.format(page=html.escape(door.page), token=html.escape(door.token))
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(form)
        return webbrowser.open(self._file.as_uri())

    def close(self) -> None:
        """Remove the file, where there is one."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file.parent.rmdir()
            self._file = None
