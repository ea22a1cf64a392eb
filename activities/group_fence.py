"""The shape of a fence for AWS's databases: a security group that lets nobody in, and a restart that ends what is open.

A security group does not end connections that are open already (`connection tracking`), so only a restart after it
proves that nobody writes. Replication to other regions goes its own way, and comes back by itself.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
"""

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import JsonValue

from activities.acting import Act
from activities.aws import OnAws, account_of
from activities.clients.aws import Aws, aws
from activities.clients.guarded import FENCED_AT_TAG, Guarded, forget_fence, note, note_epoch, note_fence
from activities.clients.rds import last_restart, restart
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import lifts
from activities.lagging import moment_of_fence
from activities.lifeline import poll
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.aws.rds import FencedSettings
from runbooks.steps import ErrorType, StepResult

_SILENT = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})

S = TypeVar("S", bound=FencedSettings)


@dataclass(frozen=True)
class Suspect:
    """The database being left, or why nothing can be seen of it."""

    seen: Guarded | StepError
    group: str

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes, or None."""
        if isinstance(self.seen, StepError):
            return None
        if self.seen.role == "standby":
            return f"{self.seen.name} is a replica: it takes no writes."
        if self.seen.status == "stopped":
            return f"{self.seen.name} is stopped: AWS starts it again after seven days."
        return f"Nobody can connect to {self.seen.name}: it is fenced." if self.seen.fenced(self.group) else None

    def evidence(self) -> dict[str, JsonValue]:
        """What AWS said."""
        if isinstance(self.seen, StepError):
            return {"silence": self.seen.sentence}
        return {**self.seen.evidence(), "fenced": self.why_fenced is not None}


class GroupFence(OnAws, Act[S, Suspect], Generic[S]):
    """A region whose interface is silent is answered `proved=False`: a person or a policy decides.

    Must give `_see` and `_regroup`.
    """

    undoable = True
    every: ClassVar[float] = 1.0
    service: ClassVar[str] = "rds"
    unscoped = frozenset({"ec2:DescribeSecurityGroups", "rds:DescribeEvents"})

    @abstractmethod
    async def _see(self, job: Job[S]) -> Guarded:
        """Look. Raises StepError."""

    @abstractmethod
    async def _regroup(self, job: Job[S], seen: Guarded, groups: Sequence[str]) -> None:
        """Give it other security groups. Raises StepError."""

    def _unfenced(self, job: Job[S], silence: StepError) -> str:
        return f"It could not be fenced in {job.call.region}, and may still take writes. {silence.sentence}"

    async def _observe(self, job: Job[S]) -> Suspect:
        group = job.settings.fenced_group
        try:
            seen = await self._see(job)
        except StepError as error:
            if error.kind not in _SILENT:
                raise
            return Suspect(error, group)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        if seen.role == "primary" and not seen.passing and seen.status != "stopped":
            sentence = f"{seen.name} is {seen.status}: AWS changes nothing of it now; look at it."
            return Suspect(StepError(ErrorType.WRONG_STATE, sentence, seen.evidence()), group)
        return Suspect(seen, group)

    def _settled(self, job: Job[S], seen: Suspect) -> str | None:
        if isinstance(seen.seen, StepError):
            return self._unfenced(job, seen.seen)
        known = not seen.seen.passing or seen.seen.role == "standby" or seen.seen.epoch == job.call.epoch
        return seen.why_fenced if known else None

    def _proved(self, seen: Suspect) -> bool:
        return seen.why_fenced is not None

    async def _check(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            reason, ready = self._unfenced(job, seen.seen), False
        else:
            await self._prove_closed(job, aws(job))
            reason, ready = seen.why_fenced or f"It could be fenced by {seen.group}.", True
        return StepResult(changed=False, proved=ready, reason=reason, before=seen.evidence())

    async def _act(self, job: Job[S], seen: Suspect) -> str:
        there, group = aws(job), job.settings.fenced_group
        assert isinstance(seen.seen, Guarded)
        await self._prove_closed(job, there)
        now = await self._until_available(job)
        if now.fence_of or not now.closed(group):
            await note_fence(job, there, now, self.service)
        else:
            await note_epoch(job, there, now, self.service)  # somebody else has put it behind that group
        if not now.closed(group):
            await self._regroup(job, now, (group,))
            now = await self._until(job, lambda now: now.closed(group), "behind its fence")
        if now.fenced_at is None:
            await self._end_connections(job, there, now)
        return f"Nobody can connect to {now.name}: it has {group} alone, and was restarted behind it."

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        del before  # its own tags say what it had
        seen = await self._observe(job)
        now = seen.seen
        if isinstance(now, StepError):
            raise now
        if not now.fence_of or not lifts(job, now.epoch, now.fenced_by):
            reason = "It has no fence of this decision."
            return self._result(job, seen, seen, reason, changed=False).model_copy(update={"proved": True})
        reason = await self.lift(job, now)
        after = await self._observe(job)
        return self._result(job, seen, after, reason, changed=True).model_copy(update={"proved": True})

    async def lift(self, job: Job[S], seen: Guarded) -> str:
        """Give back the security groups that the fence has taken, and say so. Raises StepError."""
        now = await self._until_available(job)
        refuse_stale(job, now.epoch, f"{now.name} in {job.call.region}")  # a newer run may have found it meanwhile
        if set(now.groups) != set(now.fence_of):
            await self._regroup(job, now, seen.fence_of)
            now = await self._until(job, lambda now: now.applied and set(now.groups) == set(seen.fence_of), "open")
        await forget_fence(aws(job), now, self.service)
        return f"{now.name} can be reached again: it has {' and '.join(now.groups)} as before."

    async def _end_connections(self, job: Job[S], there: Aws, seen: Guarded) -> None:
        """Restart it, and keep when that was done. Raises StepError."""
        if seen.writer:  # a cluster may have no instance
            await self._restart(there, job, seen)
        now = await self._until_available(job)
        await note(there, now, {FENCED_AT_TAG: str(moment_of_fence(time.time()))}, self.service)

    async def _restart(self, there: Aws, job: Job[S], seen: Guarded) -> None:
        before = await last_restart(there, seen.writer, self.service)
        await restart(there, seen.writer, self.service)

        async def restarted() -> datetime | None:
            now = await last_restart(there, seen.writer, self.service)
            return now if before is None or (now is not None and now > before) else None

        at, _ = await poll(restarted, lambda at: at is not None, every=self.every, within=job.allowed)
        if at is None:
            sentence = f"{seen.writer} was told to restart, and no event says that it has: look at its events."
            raise StepError(ErrorType.NOT_YET, sentence, seen.evidence())

    async def _until_available(self, job: Job[S]) -> Guarded:
        return await self._until(job, lambda now: now.status == "available", "available")

    async def _until(self, job: Job[S], enough: Callable[[Guarded], bool], wanted: str) -> Guarded:
        return await until(job, lambda: self._see(job), enough, every=self.every, wanted=wanted)

    async def _prove_closed(self, job: Job[S], there: Aws) -> None:
        """The group lets nobody in. Raises StepError."""
        group = job.settings.fenced_group
        answer = await there.read("ec2", "describe_security_groups", GroupIds=[group])
        if answer["SecurityGroups"][0].get("IpPermissions"):
            sentence = f"The security group {group} has inbound rules: it would fence nothing; take them away."
            raise StepError(ErrorType.WRONG_STATE, sentence)


def database_arns(settings: FencedSettings, kind: str, name: str) -> tuple[str, ...]:
    """The ARN of an instance (`db`) or cluster."""
    return (f"arn:aws:rds:{settings.aws_region}:{account_of(settings)}:{kind}:{name}",)
