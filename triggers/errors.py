"""What can go wrong at the door.

TriggerError                 the sentence says what to do next
+-- NoSuchRunError               nothing of that name is, or was, there
+-- NoSuchScheduleError          nothing is scheduled so
+-- TimetableError               it cannot be scheduled so
+-- UnclearError                 it must be told what is meant: the sentence names the choice
+-- RunEndedError                there is nothing left to decide or to join
+-- NoAnswerError                Temporal answers, but no worker does in time
|   +-- NoWorkerError                there is none at all
+-- DifferentDetectorError       a detector with another text or other options is armed already
+-- RunFailedError               Temporal closed the run without a result (terminated, cancelled, failed)
"""


class TriggerError(RuntimeError):
    """Base of this room's errors."""


class NoSuchRunError(TriggerError):
    """No run, or no detector, of that name."""


class NoSuchScheduleError(TriggerError):
    """No schedule of that procedure."""


class TimetableError(TriggerError):
    """Not a timetable, or nothing that can be put on one."""


class UnclearError(TriggerError):
    """It can be understood in several ways."""


class RunEndedError(TriggerError):
    """The run has ended: it takes no more decisions."""


class NoAnswerError(TriggerError):
    """The run is kept by Temporal, but no worker answers for it now."""


class NoWorkerError(NoAnswerError):
    """No worker polls the task queue."""


class DifferentDetectorError(TriggerError):
    """The armed detector is not the one asked for."""


class RunFailedError(TriggerError):
    """The run was closed from outside, so it left no result."""
