"""How far something is, and how long it may still take."""

from dataclasses import dataclass

from django.utils import timezone


@dataclass(frozen=True)
class Progress:
    """The progress of one step, or of the step that an execution is at.

    `processed` and `total` count items; `elapsed` is in seconds.
    """

    processed: int = 0
    total: int | None = None  # None: not known
    elapsed: float = 0.0
    is_done: bool = False  # completed: 100 %, whatever was counted
    is_running: bool = False

    @property
    def known_total(self):
        """The total, raised to what was processed when there were more items than promised."""
        return None if self.total is None else max(self.total, self.processed)

    @property
    def percent(self):
        """A whole number from 0 to 100; None while it cannot be known."""
        if self.is_done:
            return 100
        if not self.known_total:
            return None
        return self.processed * 100 // self.known_total

    @property
    def seconds_left(self):
        """Seconds until the step ends at the speed so far; None when it cannot be known."""
        if not self.is_running or not self.known_total or not self.processed:
            return None
        left = self.known_total - self.processed
        return round(self.elapsed / self.processed * left)


def seconds_since(moment):
    """Return the seconds from a moment until now; 0 where there is no moment."""
    return (timezone.now() - moment).total_seconds() if moment else 0.0
