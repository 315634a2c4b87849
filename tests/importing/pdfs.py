"""PDF files, written by hand: what a test needs of one and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def pdf(
    *pages: str,
    title: str | None = None,
    created: str | None = None,
    outline: Sequence[tuple[str, int]] = (),
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """A PDF file.

    Args:
        pages: The lines of each page; none for a page without words.
        title: What it says its title is.
        created: When it was made, such as ``D:20240105120000Z``.
        outline: Headings, each with the number of its page from 0, on one level.
        extra: Further entries of the trailer.
    """
    objects: list[str] = ["<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>", "", ""]
    objects[2] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    first = 5 + len(outline)
    numbers = [first + 2 * number for number in range(len(pages))]
    objects[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] >>"
    entries = f"/First 5 0 R /Last {4 + len(outline)} 0 R" if outline else ""
    objects.append(f"<< /Type /Outlines {entries} /Count {len(outline)} >>")
    for at, (words, page) in enumerate(outline):
        following = f"/Next {6 + at} 0 R" if at + 1 < len(outline) else ""
        objects.append(f"<< /Title ({words}) /Parent 4 0 R /Dest [{numbers[page]} 0 R /Fit] {following} >>")
    for number, text in zip(numbers, pages, strict=True):
        drawn = "".join(f"({escaped(line)}) Tj T*\n" for line in text.split("\n"))
        stream = f"BT /F1 11 Tf 14 TL 50 780 Td\n{drawn}ET" if text else ""
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} /Contents {number + 1} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream.encode('latin-1'))} >>\nstream\n{stream}\nendstream")
    about = f"/Title ({title})" * (title is not None) + f" /CreationDate ({created})" * (created is not None)
    objects.append(f"<< {about} >>")
    return assembled(objects, {"Info": f"{len(objects)} 0 R", **(extra or {})})


def assembled(objects: Sequence[str], trailer: Mapping[str, str]) -> bytes:
    """A file of objects, the first of which is its catalogue."""
    written = bytearray(b"%PDF-1.7\n")
    places = []
    for number, text in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += "".join(f"{place:010d} 00000 n \n" for place in places).encode()
    entries = "".join(f" /{name} {value}" for name, value in trailer.items())
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{entries} >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(written)


def escaped(text: str) -> str:
    """A text as it stands between brackets."""
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


#: One that cannot be read without its password.
ENCRYPTED = pdf(
    "Nobody reads this.",
    extra={
        "Encrypt": f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{'a1' * 32}> /U <{'b2' * 32}> >>",
        "ID": f"[<{'00' * 16}> <{'00' * 16}>]",
    },
)
