"""An execution on a terminal: a line that moves while it runs, and its report."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akeneo_jobs import report, wording

BAR = 30  # characters
WARNINGS_SHOWN = 10


class ProgressLine:
    """One line, rewritten in place on a terminal; a line per change elsewhere."""

    def __init__(self, out):
        self._out = out
        self._is_terminal = out.isatty()
        self._last = ""

    def show(self, execution):
        line = describe(execution)
        if line == self._last:
            return
        if self._is_terminal:
            self._out.write(f"\r\033[K{line}", ending="")
            self._out.flush()
        else:
            self._out.write(line)
        self._last = line

    def end(self):
        if self._is_terminal and self._last:
            self._out.write("\r\033[K", ending="")


def describe(execution):
    """Put status, step and progress on one line."""
    progress = execution.progress
    parts = [_("Dry run")] if execution.is_dry_run else []
    parts.append(str(execution.get_status_display()))
    if execution.current_step:
        parts.append(f"{execution.current_step}/{execution.step_count}")
    if progress.percent is not None:
        filled = BAR * progress.percent // 100
        parts.append(f"[{'#' * filled}{'.' * (BAR - filled)}] {progress.percent:3} %")
    if progress.processed:
        total = f"/{progress.known_total}" if progress.known_total else ""
        parts.append(f"{progress.processed}{total}")
    return "  ".join(parts)


def print_report(execution, out):
    """Print status, counts per step, what a dry run would do, failures and the first warnings."""
    out.write(f"{execution.label}: {execution.get_status_display()}")
    if execution.is_dry_run:
        out.write(_("This was a dry run: nothing was changed."))
    for step in execution.steps_now():
        out.write(f"  {step} ({step.get_status_display()}): {wording.counted(step.counts)}")
        for outcome in report.outcomes_of(step):
            out.write(f"    {outcome.label}: {outcome.count}")
        warnings = report.warnings_of(execution).filter(step__position=step.position)
        for warning in warnings[:WARNINGS_SHOWN]:
            place = f"{warning.position}: " if warning.position is not None else ""
            out.write(f"    ! {place}{warning.reason}")
        if step.warning_count > WARNINGS_SHOWN:
            out.write(f"    ! {_more(step.warning_count - WARNINGS_SHOWN)}")
    for failure in execution.failures:
        out.write(f"  ✗ {failure['reason']}")


def _more(count):
    return ngettext("… %(count)d more warning", "… %(count)d more warnings", count) % {
        "count": count
    }
