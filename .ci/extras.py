"""Try what an extra promises: to be run where the package is installed with that extra alone."""

import io
import sys

from django.conf import settings

settings.configure(USE_I18N=False)

from akeneo_jobs.exceptions import JobFailed  # noqa: E402
from akeneo_jobs.io import XlsxWriter, open_rejects, read_csv, read_xlsx  # noqa: E402


def xlsx():
    """Write a workbook, read it, and hand a row of it back."""
    book = io.BytesIO()
    with XlsxWriter(book, ["sku", "name"]) as writer:
        writer.write({"sku": "lamp-7", "name": "=1+1"})
    rows = read_xlsx(book)
    assert [dict(row) for row in rows] == [{"sku": "lamp-7", "name": "=1+1"}]
    rejects = io.BytesIO()
    with open_rejects(rejects, rows.rejects_format) as writer:
        writer.write_reject(1, "No such family.", ["lamp-7", "=1+1"])
    assert next(iter(read_xlsx(rejects))).origin == 1


def encodings():
    """Name the encoding that a file seems to have."""
    text = "sku,name\n" + "".join(f"lamp-{number},Lämpchen für Käufer\n" for number in range(50))
    said = "The wrong encoding was not noticed."
    try:
        list(read_csv(io.BytesIO(text.encode("cp1252"))))
    except JobFailed as refusal:
        said = str(refusal)
    assert "It looks like" in said, said


for name in sys.argv[1:]:
    globals()[name]()
    print(f"[{name}] does what it promises.")
