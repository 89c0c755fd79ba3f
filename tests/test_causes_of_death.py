"""What a report says of a process that was killed."""

import signal
from types import SimpleNamespace

from akeneo_jobs.worker import cause_of_death


def test_a_kill_is_named_with_what_it_most_often_means_and_the_memory():
    used = SimpleNamespace(ru_maxrss=512 * 1024)  # kilobytes
    assert cause_of_death(signal.SIGKILL, used) == (
        "The worker's process was killed by signal 9 (SIGKILL)."
        " Most often this means that the machine ran out of memory. It used up to 512 MB."
    )


def test_another_signal_means_nothing_in_particular():
    said = cause_of_death(signal.SIGSEGV)
    assert said == "The worker's process was killed by signal 11 (SIGSEGV)."


def test_an_exit_is_named_by_its_code():
    said = cause_of_death(3 << 8)
    assert said == "The worker's process ended unexpectedly with exit code 3."
