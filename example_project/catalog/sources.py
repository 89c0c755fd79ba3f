"""The tables that people upload, and how the products that they choose are shared out."""

from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx

PARTS = 8  # of a step, at most: more would cost more than they save on a few workers
PART_SIZE = 500  # items of a part, at least


def slices_of(source):
    """Return the slices of a source for several workers; None where there is little to do."""
    count = min(PARTS, len(source) // PART_SIZE)
    return source.slices(count) if count > 1 else None


def open_csv(parameters):
    return read_csv(
        parameters["file"],
        delimiter=parameters["delimiter"] or None,
        encoding=parameters["encoding"] or None,
    )


def open_xlsx(parameters):
    return read_xlsx(parameters["file"], sheet=parameters["sheet"] or None)


def open_json_lines(parameters):
    return read_json_lines(parameters["file"])
