"""Which cases there are, which of them a campaign plays, and the playing of many at once."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tests.checker import books
from tests.checker.fakes import Fakes
from tests.checker.play import MakeFakes, Played, play
from tests.checker.scenes import SCENES
from tests.checker.script import CALLS, SAYINGS, WORLD, Border, Case, Disturbance
from tests.checker.stage import Lane

_MOVING = ("fence", "promote", "cut_over", "reseed", "catch_up", "salvage", "undo")
"""Where the most can go wrong: half of a sample is played around these."""


def undisturbed(
    only_books: Sequence[str] = (), only_procedures: Sequence[str] = (), only_scenes: Sequence[str] = ()
) -> list[Case]:
    """One run of each runbook, procedure and scene."""
    return [
        Case(name, procedure.value, scene)
        for name in books.names()
        for procedure, scenes in SCENES.items()
        for scene in scenes
        if (not only_books or name in only_books)
        and (not only_procedures or procedure in only_procedures)
        and (not only_scenes or scene in only_scenes)
    ]


def disturbances(borders: Iterable[Border]) -> list[Disturbance]:
    """Everything that can happen once, at every border."""
    found = []
    for border in borders:
        kinds = [kind for kind in CALLS if border.edge == "start" or kind != "twice"]
        kinds += WORLD
        if border.edge == "start":  # between the end of one call and the start of the next nothing is to be said
            kinds += SAYINGS
        found += [Disturbance(kind, border) for kind in kinds]
    return found


def once(base: Case, borders: Iterable[Border]) -> list[Case]:
    """Each disturbance by itself."""
    return [replace(base, disturbances=(one,)) for one in disturbances(borders)]


def sample(cases: Sequence[Case], budget: int, seed: int) -> list[Case]:
    """So many of them: half around the steps that move writers and traffic, the others anywhere."""
    chance = random.Random(f"{seed} {cases[0].title if cases else ''}")  # noqa: S311 - a seed, no secret
    moving = [case for case in cases if case.disturbances[0].at.key.startswith(_MOVING)]
    first = chance.sample(moving, min(len(moving), budget // 2))
    taken = set(first)
    others = [case for case in cases if case not in taken]
    return first + chance.sample(others, min(len(others), budget - len(first)))


def budget_of(base: Case, budget: int) -> int:
    """How many are sampled: of runbooks in a cloud fewer, whose plans have the shapes that the others have, too."""
    return max(2, budget // 3) if base.book.startswith(("aws-", "azure-")) else budget


def walks(base: Case, borders: Sequence[Border], count: int, seed: int) -> list[Case]:
    """Two or three disturbances at once, at random."""
    chance = random.Random(f"walk {seed} {base.title}")  # noqa: S311 - a seed, no secret
    every = disturbances(borders)
    found = []
    for _ in range(count):
        picked = tuple(sorted(chance.sample(every, chance.choice((2, 2, 3)))))
        found.append(replace(base, disturbances=picked, seed=chance.randrange(2)))
    return found


@dataclass
class Campaign:
    """Plays many cases, in all lanes at once."""

    lanes: Sequence[Lane]
    fakes: MakeFakes = Fakes
    tell: Callable[[Played], None] = lambda _played: None
    played: list[Played] = field(default_factory=list)

    async def run(self, cases: Sequence[Case]) -> list[Played]:
        """Play them in the order given, as lanes come free; those in which a worker dies in the forgetful lanes."""
        deadly = [case for case in cases if any(one.kind == "crash" for one in case.disturbances)]
        others = [case for case in cases if case not in set(deadly)]
        done: list[Played] = []

        async def work(lane: Lane) -> None:
            mine = deadly if lane.forgetful else others
            while mine:
                played = await play(lane, mine.pop(0), self.fakes)
                done.append(played)
                self.tell(played)

        await asyncio.gather(*(work(lane) for lane in self.lanes))
        self.played += done
        return done

    async def sweep(self, base: Case, budget: int | None, seed: int, walking: int) -> list[Played]:
        """The run undisturbed, then each disturbance at each of its borders (or a sample), then random walks."""
        (plain,) = await self.run([base])
        cases = once(base, plain.borders)
        if budget is not None:
            cases = sample(cases, budget, seed)
        return [plain, *await self.run([*cases, *walks(base, plain.borders, walking, seed)])]

    async def shortest(self, violated: Played) -> Played:
        """The same violation with as few disturbances as it takes."""
        rules = {finding.rule for finding in violated.findings}
        best = violated
        for one in violated.case.disturbances:
            fewer = tuple(other for other in best.case.disturbances if other != one)
            (again,) = await self.run([replace(best.case, disturbances=fewer)])
            if rules & {finding.rule for finding in again.findings}:
                best = again
        return best
