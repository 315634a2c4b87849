"""Brings conversations, documents and the memories of other programs from files into a memory."""

from coda_graphmem.importing.account import Account, PassedOver
from coda_graphmem.importing.beir import read_beir
from coda_graphmem.importing.jsonl import read_jsonl
from coda_graphmem.importing.loader import ImportResult, Loader
from coda_graphmem.importing.record import Record
from coda_graphmem.importing.source import Source
from coda_graphmem.importing.sync import SyncLoader
from coda_graphmem.validation.moments import parse_time

__all__ = [
    "Account",
    "ImportResult",
    "Loader",
    "PassedOver",
    "Record",
    "Source",
    "SyncLoader",
    "parse_time",
    "read_beir",
    "read_jsonl",
]
