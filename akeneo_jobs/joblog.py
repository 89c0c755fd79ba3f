"""The log of an execution: standard logging on one side, a file of bounded size on the other."""

import logging
import threading

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from akeneo_jobs.conf import conf
from akeneo_jobs.files import store_file
from akeneo_jobs.models import JobFile
from akeneo_jobs.secrecy import SECRET

FORMAT = "%(asctime)s %(levelname)s %(message)s"


class ExecutionLog(logging.Handler):
    """Keeps lines in memory up to LOG_SIZE bytes and saves them as the execution's log file.

    The whole file is written anew at each save: any storage can do that, none can append.
    """

    def __init__(self, execution, secrets=(), *, part=None):
        super().__init__()
        self.part = part  # a `StepExecution`: these are the lines of a part of a step
        self.secrets = [secret for secret in secrets if secret]
        self.setFormatter(logging.Formatter(FORMAT))
        self.execution = execution
        self.limit = conf.LOG_SIZE
        self.parts = []
        self.size = 0
        self.dropped = 0
        self.is_changed = False
        self._saving = threading.Lock()
        self._continue_earlier_log()

    def emit(self, record):
        text = self.masked(self.format(record))
        self.add((text + "\n").encode("utf-8", "backslashreplace"))

    def add(self, line):
        """Keep bytes while there is room for them."""
        if self.size + len(line) > self.limit:
            self.dropped += 1
        else:
            self.parts.append(line)
            self.size += len(line)
        self.is_changed = True

    def add_once(self, lines):
        """Keep the lines of another process, unless an attempt before this one has done it."""
        if lines not in b"".join(self.parts):
            self.add(lines)

    def masked(self, text):
        """Hide the values of secret parameters."""
        for secret in self.secrets:
            text = text.replace(secret, SECRET)
        return text

    def save(self, fence):
        """Store the log; `fence` refuses in the same transaction if the attempt was replaced."""
        if not self.is_changed:
            return
        with self._saving:
            self.is_changed = False
            try:
                store_file(self.execution, content=self._content(), fence=fence, **self._key())
            except BaseException:
                self.is_changed = True
                raise

    def _content(self):
        content = b"".join(self.parts)
        if self.dropped:
            note = _("… %(count)d more lines were not kept.") % {"count": self.dropped}
            content += note.encode() + b"\n"
        return ContentFile(content)

    def _key(self):
        if self.part is None:
            return {"role": JobFile.Role.LOG, "name": "log.txt"}
        return {"role": JobFile.Role.PART, "name": "log.txt", "parameter": self.part.piece("log")}

    def _continue_earlier_log(self):
        earlier = self.execution.files.filter(**self._key()).first()
        if earlier is not None:
            with earlier.file.open("rb") as content:
                self.parts = [content.read(self.limit)]
            self.size = len(self.parts[0])


def logger_for(handler, name="akeneo_jobs.job"):
    """Return a logger of its own for one execution; its lines reach the host's logging too."""
    logger = logging.Logger(name, logging.INFO)
    logger.parent = logging.getLogger(name)
    logger.addHandler(handler)
    return logger
