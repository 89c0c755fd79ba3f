"""What can go wrong, in one sentence each: the docstring is the message."""


class JobsError(Exception):
    """An operation could not be launched, run or changed."""

    def __str__(self):
        return super().__str__() or self.__doc__


class UnknownJobType(JobsError, LookupError):
    """No job type is registered under this code."""


class InvalidTransition(JobsError):
    """The operation is no longer in a state in which this can be done."""


class JobFailed(JobsError):
    """The operation cannot go on, for a reason that a person understands.

    Raised by a host's code: the text is shown on the report, without a traceback.
    """


class Interruption(BaseException):
    """The running code must end here: not an error, so `except Exception` lets it pass."""


class StopRequested(Interruption):
    """Somebody asked this operation to stop."""


class PauseRequested(Interruption):
    """Somebody asked this operation to pause."""


class GiveWay(Interruption):
    """The worker shuts down; this operation continues when one is back."""


class TimeLimitReached(Interruption):
    """The operation has run longer than its time limit."""


class AttemptReplaced(Interruption):
    """Another attempt at this execution has begun, or it was ended from outside."""
