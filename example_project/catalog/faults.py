"""What is wrong with one row: a warning on the report, and the row is left out."""


class RowFault(Exception):
    """One row cannot be saved; the others can."""

    def __init__(self, reason, *, code, field=None):
        super().__init__(reason)
        self.code = code
        self.field = field  # The column of the file.


def skip(context, row, fault):
    """Leave a row out, and say why."""
    context.count("skipped")
    context.warn(str(fault), item=row, position=row.position, field=fault.field, code=fault.code)
