"""Time processes side by side, and print what was measured as a table or as lines of JSON.

A process is timed from its start until it has ended, as its user waits for it. Its peak memory is
what the system says of it (`ru_maxrss`), which never falls below that of the process it was started
from: a script that times others imports nothing large itself.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

RUNS = 5
PATIENCE_S = 80.0  # no further run of a side once its runs have taken this long together …
QUICK_S = 4.0  # … and this long where the script shall be quick
HEADER = (
    "| work | size | | s | runs | peak MiB | siteplan = 1 |\n| --- | --- | --- |" + 4 * " ---: |"
)
KEYS = ("work", "ours_s", "peer", "peer_s", "limit_s", "peak_mib", "peer_peak_mib", "ratio")

Words = Sequence[str | Path]


class Command(NamedTuple):
    """A program with its arguments, and what it finds in its environment beyond ours."""

    words: Words
    environment: Mapping[str, str] = {}


class Run(NamedTuple):
    """One process: seconds from start to end, peak memory, and what it printed."""

    seconds: float
    peak_mib: float
    output: str


class Timed(NamedTuple):
    """Runs of one side: the median of their seconds, their number, and the largest peak."""

    seconds: float
    runs: int
    peak_mib: float


def find_program(name: str) -> Path:
    """Return a program that was installed beside this Python."""
    return Path(sys.executable).with_name(name)


def run_apart(command: Command) -> Run:
    """Run a command in a process of its own; leave with its message if it fails."""
    words = [str(word) for word in command.words]
    with tempfile.TemporaryFile() as output:
        begin_s = perf_counter()
        process = subprocess.Popen(  # noqa: S603  (our own words)
            words, stdout=output, env={**os.environ, **command.environment}
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - begin_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(words)}: exit code {process.returncode}")
        output.seek(0)
        printed = output.read().decode(errors="replace")
    return Run(seconds, usage.ru_maxrss / 1024, printed)


def run_in_turn(
    sides: Mapping[str, Callable[[], Command]], runs: int = RUNS, patience_s: float = PATIENCE_S
) -> dict[str, list[Run]]:
    """Run all sides one after the other, again and again, so that drift hits all of them.

    Parameters
    ----------
    sides
        By name, what makes the command of the next run; its time does not count.
    runs
        Of each side, at most.
    patience_s
        No further run of a side once its runs have taken this long together.
    """
    done: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, make_command in sides.items():
            if sum(run.seconds for run in done[name]) < patience_s:
                done[name].append(run_apart(make_command()))
    return done


def summarise(runs: Sequence[Run], seconds: Sequence[float] | None = None) -> Timed:
    """Sum up the runs of one side; `seconds` replaces those of the whole process."""
    chosen = [run.seconds for run in runs] if seconds is None else seconds
    return Timed(median(chosen), len(runs), max(run.peak_mib for run in runs))


class Printer:
    """Prints what was measured, each work as soon as it is."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        if not as_json:
            print(HEADER, flush=True)

    def print_work(
        self, work: str, size: str, sides: Mapping[str, Timed], limit: str | None = None
    ) -> None:
        """Print a row for each side, or a line of JSON for each peer.

        Parameters
        ----------
        work, size
            What was done, and to how much.
        sides
            By name, siteplan first.
        limit
            The side below which nobody can be.
        """
        ours = next(iter(sides.values()))
        if not self.as_json:
            for name, timed in sides.items():
                ratio = timed.seconds / ours.seconds
                cells = [work, size, name, f"{timed.seconds:.3g}", timed.runs]
                print("|", *(f"{cell} |" for cell in cells), end=" ")
                print(f"{timed.peak_mib:,.0f} | {ratio:.3g} |", flush=True)
            return
        figures: dict[str, Any] = {"work": f"{work}: {size}", "ours_s": ours.seconds}
        figures["limit_s"] = sides[limit].seconds if limit else None
        figures["peak_mib"] = ours.peak_mib
        peers = dict(list(sides.items())[1:])
        if not peers:
            self.print_line(figures)
        for name, timed in peers.items():
            peer = {"peer": name, "peer_s": timed.seconds, "peer_peak_mib": timed.peak_mib}
            self.print_line(figures | peer | {"ratio": timed.seconds / ours.seconds})

    def print_line(self, figures: Mapping[str, object]) -> None:
        """Print a line of JSON with every key, what is missing as null."""
        print(json.dumps(dict.fromkeys(KEYS) | dict(figures), ensure_ascii=False), flush=True)

    def say(self, text: str) -> None:
        """Print a remark: below the table, or beside the lines of JSON on stderr."""
        print(text if not self.as_json else text.strip(), file=sys.stderr if self.as_json else None)
