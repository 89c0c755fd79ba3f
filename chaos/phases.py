"""Which phase of its chunk a process is in: told by the operation, read by who disturbs it.

Each process tells it in a file of its own, in memory, so it costs nothing and outlives a kill.
"""

import mmap
import os
import threading
import time
from pathlib import Path

from akeneo_jobs.beat import Beat

PHASES = ("reading", "processing", "writing", "committing")
NOW, LANDED = 0, 1  # bytes of the file: numbers of phases from 1 on, 0 for none
PATIENCE = 2  # seconds in which a phase comes round again
PAUSE = 0.0002  # seconds between two looks

_own = None  # of this process: its number, and its file


def be_in(phase):
    """Tell that this process comes to a phase."""
    _file()[NOW] = PHASES.index(phase) + 1


def phase_of(pid):
    """Return the phase that a process is in, None before the first one."""
    return _named(_read(pid)[NOW])


def landing_of(pid):
    """Return the phase in which an order reached a process, None before."""
    return _named(_read(pid)[LANDED])


def want(phase):
    """Ask for the orders that a beat reads to land in a phase; None: in any."""
    _directory().joinpath("wanted").write_text(phase or "")


def aim_orders():
    """From now on, an order that comes by the beat lands in the phase that is wanted."""
    original = Beat.order

    def order(beat, interruption):
        if beat.asked is None and _own is not None and _own[0] == os.getpid():
            _land()
        original(beat, interruption)

    Beat.order = order


def _land():
    file = _file()
    if threading.current_thread() is not threading.main_thread():  # A signal cannot wait.
        wanted, deadline = _wanted(), time.monotonic() + PATIENCE
        while wanted and _named(file[NOW]) != wanted and time.monotonic() < deadline:
            time.sleep(PAUSE)
    file[LANDED] = file[NOW]


def _file():
    global _own
    if _own is None or _own[0] != os.getpid():
        path = _directory() / str(os.getpid())
        path.write_bytes(bytes(2))
        with path.open("r+b") as file:
            _own = os.getpid(), mmap.mmap(file.fileno(), 2)
    return _own[1]


def _read(pid):
    try:
        return (_directory() / str(pid)).read_bytes() or bytes(2)
    except FileNotFoundError:
        return bytes(2)


def _wanted():
    try:
        return _directory().joinpath("wanted").read_text()
    except FileNotFoundError:
        return ""


def _named(number):
    return PHASES[number - 1] if number else None


def _directory():
    directory = Path(os.environ["CHAOS_PHASES"])
    directory.mkdir(exist_ok=True)
    return directory
