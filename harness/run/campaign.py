"""Many seeds of one choice over several processes, until one of them is violated.

One process runs one seed at a time and takes the next when it is done; results are told in the order of seeds, so that two
campaigns print the same lines (but for the rate).
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from harness.kit.clock import Clock, WallClock
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import find_parts, run_scenario
from harness.run.scenario import ScenarioError
from sync_engine.dictionary import load as load_dictionary

SEEDS_MAX = 1_000_000
FINDINGS_SHOWN = 3
WALL_CLOCK = WallClock()


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What came of one seed. `error` tells why there is no verdict: the harness itself broke, or the engine never came up."""

    seed: int
    verdict: str
    findings: tuple[str, ...]
    replay: str
    error: str = ""

    @property
    def bad(self) -> bool:
        return bool(self.error) or self.verdict == Verdict.VIOLATED


def read_seeds(text: str) -> tuple[int, int]:
    """`1..200` → (1, 200). Raises ScenarioError."""
    match = re.fullmatch(r"(\d{1,18})\.\.(\d{1,18})", text.strip())
    if match is None:
        raise ScenarioError(f"--seeds: {text!r} are no seeds; write the first and the last, such as 1..200")
    first, last = int(match[1]), int(match[2])
    if last < first:
        raise ScenarioError(f"--seeds: {text!r} ends before it begins; write {last}..{first}")
    if last - first >= SEEDS_MAX:
        raise ScenarioError(f"--seeds: {text!r} are {last - first + 1:,} seeds; at most {SEEDS_MAX:,} at once")
    return first, last


def run_seeds(
    choice: Choice, seeds: Iterable[int], jobs: int | None, say: Callable[[str], None], clock: Clock = WALL_CLOCK
) -> bool:
    """Whether one was violated; it stops there. Raises ScenarioError and what else is wrong with the choice first."""
    load_dictionary(find_parts(choice).loaded.dictionary_path)
    wanted = list(seeds)
    processes = max(1, min(jobs or os.cpu_count() or 1, len(wanted)))
    begun, counts = clock.now(), {verdict.value: 0 for verdict in Verdict}
    context = multiprocessing.get_context("spawn")  # a fork would copy this process's event loop and threads
    with context.Pool(processes) as pool:
        for done, result in enumerate(pool.imap(partial(_run_seed, choice), wanted), 1):
            rate = done / max((clock.now() - begun).total_seconds(), 1e-9)
            if result.bad:
                pool.terminate()
                _tell_violation(result, say)
                return True
            counts[result.verdict] += 1
            say(f"{result.verdict:<9}seed {result.seed}  {done} of {len(wanted)}, {rate:.1f} seeds/s")
    unknown = f", {counts[Verdict.UNKNOWN]} exercised nothing" if counts[Verdict.UNKNOWN] else ""
    say(f"held: {counts[Verdict.HELD]} of {len(wanted)} seeds of {choice.scenario}{unknown}")
    return False


def _tell_violation(result: SeedResult, say: Callable[[str], None]) -> None:
    say(f"VIOLATED seed {result.seed}" if not result.error else f"BROKEN   seed {result.seed}: {result.error}")
    for finding in result.findings[:FINDINGS_SHOWN]:
        say(f"  {finding}")
    if len(result.findings) > FINDINGS_SHOWN:
        say(f"  and {len(result.findings) - FINDINGS_SHOWN} more")
    say(f"again    {result.replay}")


def _run_seed(choice: Choice, seed: int) -> SeedResult:
    """In a process of the pool: nothing but texts goes back, so that a broken run cannot break the pool as well."""
    chosen = replace(choice, seed=seed)
    replay = chosen.replay(live=False)
    try:
        run = run_scenario(chosen)
    except Exception as error:
        return SeedResult(seed, "", (), replay, f"{type(error).__name__}: {error}")
    found = tuple(f"{finding.oracle}: {finding.summary}" for judged in run.judgements for finding in judged.findings)
    return SeedResult(seed, run.verdict.value, found, replay)
