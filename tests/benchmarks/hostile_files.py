"""Seconds and megabytes that hostile files take until they are answered or refused, each by itself.

Run by hand: python tests/benchmarks/hostile_files.py [NAME]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from hostile_files import FILES

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build


def measure(name: str) -> None:
    """Print what one file takes of the processor's time and of memory, and its answer."""
    reader, content, _ = FILES[name]
    given = content()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        answer = f"{len(build(read_content(given, '<file>', reader)).nodes):,} layers"
    except cnncalc.CnncalcError as error:
        answer = str(error)[:60]
    seconds = time.process_time() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{name:42} {len(given):>11,} B {seconds:6.2f} s "
        f"{most // 1000:5} MB (+{(most - before) // 1000:4}) {answer}"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        for one in FILES:
            subprocess.run([sys.executable, __file__, one], check=True)
