"""Archives, folders and pipes are read as they come; what is wrong with one is a single error of ours."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Source
from tests.importing.exports import CHATGPT, SAMPLES


def packed(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: str) -> bytearray:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in (members or {"conversations": json.dumps(CHATGPT)}).items():
            archive.writestr(f"{name}.json", text)
    return bytearray(path.read_bytes())


def encrypted(data: bytearray) -> None:
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1


def deflate64(data: bytearray) -> None:
    data[8] = data[data.rfind(b"PK\x01\x02") + 10] = 9


def wrong_checksum(data: bytearray) -> None:
    data[14] ^= 1
    data[data.rfind(b"PK\x01\x02") + 16] ^= 1


def damaged(data: bytearray) -> None:
    data[70] ^= 0xFF
    data[90] ^= 0xFF


def cut(data: bytearray) -> None:
    del data[len(data) // 2 :]


def cut_early(data: bytearray) -> None:
    del data[20:]


@pytest.mark.parametrize(
    ("harm", "field", "reason"),
    [
        (encrypted, "x.zip/conversations.json", "is encrypted"),
        (deflate64, "x.zip/conversations.json", "method 9"),
        (wrong_checksum, "x.zip/conversations.json", "is damaged"),
        (damaged, "x.zip/conversations.json", "is damaged"),
        (cut, "x.zip", "damaged or was cut off"),
        (cut_early, "x.zip", "damaged or was cut off"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_an_archive_that_cannot_be_read_is_one_error(
    tmp_path: Path, harm: Any, field: str, reason: str, *, named: bool
) -> None:
    path = tmp_path / "x.zip"
    data = packed(path)
    harm(data)
    path.write_bytes(data)
    with pytest.raises(ValidationError, match=reason) as caught:
        list(Source(path if named else io.BytesIO(data)))
    assert caught.value.field == (field if named else field.replace("x.zip", "standard input"))
    assert caught.value.remedy


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing(tmp_path: Path, method: int) -> None:
    data = packed(tmp_path / "x.zip", method)
    assert len(list(Source(tmp_path / "x.zip"))) == 2
    data[60:90] = bytes(30)
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(ValidationError):
        list(Source(tmp_path / "x.zip"))


def test_what_unfolds_beyond_measure_is_refused(tmp_path: Path) -> None:
    packed(tmp_path / "x.zip", conversations="\0" * (17 << 20))
    with pytest.raises(ValidationError, match="would unfold to 17,825,792 bytes") as caught:
        Source(tmp_path / "x.zip")
    assert caught.value.field == "x.zip/conversations.json"


def test_archives_of_many_members_and_of_archives(tmp_path: Path) -> None:
    members = {f"{i}/conversations": json.dumps(CHATGPT) if i < 3 else "[]" for i in range(500)}
    packed(tmp_path / "many.zip", **members, **{f"{i}/other": "" for i in range(5000)})
    source = Source(tmp_path / "many.zip")
    assert len(list(source)) == 6
    assert (source.account.taken("files"), source.account.read("files")) == (500, 5500)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "many.zip", "many.zip")
    with pytest.raises(ValidationError, match="holds neither"):
        Source(tmp_path / "outer.zip")


@pytest.mark.parametrize("form", ["jsonl", "transcript", "whatsapp"])
def test_a_line_without_end_is_refused(tmp_path: Path, form: Any) -> None:
    first = '{"text": "Hi"}' if form == "jsonl" else "Nora: Hi"
    (tmp_path / "x.txt").write_text(f"{first}\n{'a' * (1 << 24)}a\n")
    with pytest.raises(ValidationError, match="has more than 16,777,216 characters") as caught:
        list(Source(tmp_path / "x.txt", format=form))
    assert caught.value.field == "x.txt, line 2"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("name", ["chatgpt", "jsonl", "transcript", "whatsapp"])
def test_a_pipe_is_read_once(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(SAMPLES[name], encoding="utf-8"))
    writer.start()
    with Source(pipe) as source:
        writer.join()
        assert source.format == name
        assert list(source) == list(source) != []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such devices")
def test_devices_and_sockets(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="without an end"):
        Source(Path("/dev/zero"))
    with Source(Path(os.devnull)) as source:
        assert list(source) == []
