"""Lines of a text file, decoded in blocks; where each ends is known to the byte."""

import io
from itertools import chain

BLOCK = 64 * 1024  # Bytes.
END = "\0"  # A line of our own behind the last one: an unclosed quote swallows it.


class Lines:
    """An iterable of the lines from a byte on, with their ends, and `END`.

    The encoding is UTF-8, or has one byte for a character.
    """

    def __init__(self, file, encoding, start):
        self.is_plain = True  # No NUL has been read.
        self.is_ended = False  # `END` has been read.
        self._file = file
        self._encoding = encoding
        self._start = start  # Of the block at hand.
        self._block = io.StringIO()

    def __iter__(self):
        return chain.from_iterable(self._blocks())

    def offset(self):
        """Return the byte at which the line read last ends."""
        read = self._block.getvalue()[: self._block.tell()]
        return self._start + len(read.encode(self._encoding))

    def _blocks(self):
        for content in self._contents():
            self.is_plain = self.is_plain and b"\0" not in content
            self._block = io.StringIO(content.decode(self._encoding), newline="")
            yield self._block
            self._start += len(content)
        self.is_plain, self.is_ended, self._block = False, True, io.StringIO()
        yield [END]

    def _contents(self):
        """Yield the bytes in blocks of whole lines."""
        place, rest = self._start, b""
        while content := self._read(place, max(BLOCK, len(rest))):
            place += len(content)
            content = rest + content
            end = max(content.rfind(b"\n"), content.rfind(b"\r", 0, -1)) + 1
            rest = content[end:]
            if end:
                yield content[:end]
        if rest:
            yield rest

    def _read(self, place, size):
        self._file.seek(place)  # Another reader may have been here.
        return self._file.read(size)
