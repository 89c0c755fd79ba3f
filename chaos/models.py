from django.db import models


class ImportedRow(models.Model):
    """What the import writes. Nothing forbids to write it twice: a double write shows."""

    execution = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)

    def __str__(self):
        return f"{self.execution} {self.number}"
