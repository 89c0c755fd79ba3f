"""A storage that fills up, or turns read-only, on demand."""

import errno
import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class TroubledStorage(FileSystemStorage):
    """Refuses to save while the file FAULT holds the name of an error, such as ENOSPC."""

    def _save(self, name, content):
        if fault := self._fault():
            if fault == "ENOSPC":  # Half of it goes through.
                half = content.size // 2
                path = Path(self.path(name))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read(half))
            number = getattr(errno, fault)
            raise OSError(number, os.strerror(number), name)
        return super()._save(name, content)

    def _fault(self):
        path = Path(settings.FAULT)
        return path.read_text().strip() if path.exists() else ""
