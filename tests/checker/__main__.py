"""`python -m tests.checker`: play cases from the command line, such as the one that a violation names.

--book, --procedure, --scene choose runs (all of them when not given); --only 'KIND@EDGE:KEY#N' plays just that
disturbance (may be repeated: all at once); --budget N samples N disturbances a run (default: every one), --walks N adds
random walks. Prints the violations, with their stories, and the coverage.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from tests.checker.campaign import Campaign, undisturbed
from tests.checker.play import Played
from tests.checker.report import counted, table
from tests.checker.script import Disturbance
from tests.checker.stage import lanes


def main(arguments: Sequence[str]) -> int:
    """Play what was asked for; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.checker", description=__doc__)
    for name in ("book", "procedure", "scene", "only"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=int)
    parser.add_argument("--walks", type=int, default=0)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--story", action="store_true", help="print the story of every run")
    return asyncio.run(_play(parser.parse_args(arguments)))


async def _play(asked: argparse.Namespace) -> int:
    bases = [replace(base, seed=asked.seed) for base in undisturbed(asked.book, asked.procedure, asked.scene)]
    only = tuple(Disturbance.parse(text) for text in asked.only)
    began = time.monotonic()

    def tell(played: Played) -> None:
        if played.findings or asked.story:
            sys.stdout.write(f"{'-' * 80}\n{played.story()}\n")
            sys.stdout.flush()

    async with lanes(asked.lanes, 2) as made:
        campaign = Campaign(made, tell=tell)
        if only:
            await campaign.run([replace(base, disturbances=only) for base in bases])
        else:
            for base in bases:
                await campaign.sweep(base, asked.budget, asked.seed, asked.walks)
    took = time.monotonic() - began
    found = sum(bool(played.findings) for played in campaign.played)
    sys.stdout.write(f"{table(counted(campaign.played))}\n{len(campaign.played)} interleavings in {took:.0f} s")
    sys.stdout.write(f" ({len(campaign.played) / took:.1f}/s), {found} with violations\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
