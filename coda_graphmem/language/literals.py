"""Finds what a text holds letter by letter: options, paths, keys, marks of grades, ratios and formulas."""

import re
from typing import NamedTuple


class Literals(NamedTuple):
    """What counts as it is written, spaces aside."""

    codes: frozenset[str]
    """Options of commands, paths, names of files, key combinations and grades: "-x", "/etc/hosts", "ctrl+c", "f#"."""
    orders: frozenset[str]
    """What stands in an order: "4:1" for ratios, scores and ranges, "a-b" for formulas."""


_ENDINGS = (
    "pdf docx? xlsx? pptx? txt md csv tsv json ya?ml toml xml html? css [jt]sx? py rs go java c cpp h sh sql log conf "
    "cfg ini zip gz tar png jpe?g gif svg mp[34] wav exe lock bak"
)
_CODE = re.compile(
    rf"""
      (?<!\S)--[A-Za-z][\w-]* | (?<!\S)-[A-Za-z]{{1,3}}(?![\w-])
    | (?<!\S)(?:[A-Za-z]:\\|(?:~|\.{{1,2}})?/)[\w.][^\s"'<>|]*
    | (?<![\w/:.-])(?=[\w./-]{{0,80}}[A-Za-z])[\w.-]{{1,80}}(?:/[\w.-]{{1,80}}){{2,}}
    | (?<![\w-])[\w-]{{1,80}}\.(?:{"|".join(_ENDINGS.split())})\b(?!\.\w)
    | (?<![\w+])[A-Za-z]{{1,40}}(?:\+[A-Za-z0-9]{{1,40}})+(?![\w+])
    | (?<![\w+])[A-Za-z]{{1,2}}(?:\+\+?|[#♯♭])(?![\w+#]) | (?<!\S)[A-DFO]B?-(?=[\s.,;!?)]|$)
    """,
    re.VERBOSE,
)
#: Numbers that only look like decimals: version 1.10 comes nine after 1.1.
_COUNTED_PART = re.compile(
    r"(?i)\b(?:versions?|releases?|builds?|revisions?|v|sections?|chapters?|clauses?|articles?|python)\.?\s?"
    r"(\d{1,6}\.\d{0,6}[1-9]0{1,3})(?![\d.]\d|\d)"
)
#: Only options, paths and files tell "x" from "X".
_CASED = re.compile(r"^[-/~.]|[\\/]|\.\w+$")
#: "4:30" is a time.
_RATIO = re.compile(
    r"(?<![\d:./-])(\d{1,3})(?:\s?[-\u2013]\s?|\sto\s|:(?!\d\d)|\s:\s)(\d{1,3})(?![\d:/-]|\.\d|\s?[ap]\.?m\b)"
)
_OPERAND = r"[\w.()\[\]]{1,40}"
_MINUS = "[-\N{MINUS SIGN}]"
_FORMULA = re.compile(
    rf"""(?<![\w.])(?=
      (?P<left>{_OPERAND})
        (?:\s(?P<spaced>[+*/=^×÷]|->)\s|\s?(?P<compared>[<>=!]=|[<>])\s?(?=[\w-]))
        (?P<right>-?{_OPERAND})
    | (?P<first>[A-Za-z]|\d{{1,40}}|\w{{0,40}}[\d_]\w{{0,40}})
        (?P<close>\s?{_MINUS}\s?|[+*/^])
        (?P<second>[A-Za-z]|\w{{0,40}}_\w{{0,40}}|(?<=[A-Za-z]\s{_MINUS}\s)\d{{1,40}})(?![\w-])
    )""",
    re.VERBOSE,
)


def find_literals(text: str) -> Literals:
    """What a text holds letter by letter."""
    codes = [match.group().rstrip(".,;:!?)") for match in _CODE.finditer(text)]
    codes += _COUNTED_PART.findall(text)
    orders = {f"{first}:{second}" for first, second in _RATIO.findall(text)}
    for match in _FORMULA.finditer(text):
        part = match.groupdict(default="")
        operator = (part["spaced"] or part["compared"] or part["close"]).strip()
        orders.add(f"{part['left'] or part['first']}{operator}{(part['right'] or part['second']).rstrip('.')}".lower())
    return Literals(frozenset(code if _CASED.search(code) else code.lower() for code in codes), frozenset(orders))
