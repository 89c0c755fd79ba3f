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
        self._begin("")

    def __iter__(self):
        return chain.from_iterable(self._blocks())

    def offset(self):
        """Return the byte at which the line read last ends; it costs little."""
        place = self._block.tell()
        if self._is_narrow:
            return self._start + place
        passed, size = self._passed
        size += len(self._text[passed:place].encode(self._encoding))
        self._passed = place, size
        return self._start + size

    def _blocks(self):
        for content in self._contents():
            self.is_plain = self.is_plain and b"\0" not in content
            self._begin(content.decode(self._encoding), len(content))
            yield self._block
            self._start += len(content)
        self.is_plain, self.is_ended = False, True
        self._begin("")
        yield [END]

    def _begin(self, text, size=0):
        """Take a block in hand."""
        self._text, self._block = text, io.StringIO(text, newline="")
        self._is_narrow = len(text) == size  # Each character is one byte.
        self._passed = 0, 0  # Characters whose bytes were counted, and the bytes.

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
