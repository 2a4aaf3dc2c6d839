"""What a command takes beside the imports that it cannot do without.

Run by hand, with the interpreter of an environment that cnncalc is installed in:

    python tests/benchmarks/startup.py [RUNS]

Prints medians of alternating runs of whole processes, and their ratio. Install a wheel: an editable
install or a checkout takes longer to be found.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

COMMAND = str(Path(sysconfig.get_path("scripts")) / "cnncalc")
AIMS = (
    ("import click, yaml", ["rf", "vgg16", "--csv"], 1.15),
    ("import click, yaml, rich.console, rich.table", ["rf", "vgg16"], 1.25),
)


def seconds(command: list[str]) -> float:
    """Seconds that a process takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Print a line for every command: its time, its ratio to the imports and what that may be."""
    for imports, arguments, aim in AIMS:
        baseline, command = [], []
        for _ in range(runs):
            baseline.append(seconds([sys.executable, "-c", imports]))
            command.append(seconds([COMMAND, *arguments]))
        ratio = statistics.median(command) / statistics.median(baseline)
        print(
            f"cnncalc {' '.join(arguments)}: {statistics.median(command) * 1000:.1f} ms, "
            f"{ratio:.2f} × `{imports}` (aim: {aim})"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 41)
