"""What other tools count of ResNet-50 at 3×224×224, and how long each takes as a process.

Run by hand, in an environment with cnncalc, PyTorch and those of the tools that are wanted:

    pip install torchinfo fvcore thop ptflops torchscan
    python tests/benchmarks/comparison.py [RUNS]

The tools count the module that `cnncalc export resnet50 --to pytorch` writes. Prints parameters and
multiply-adds as each tool reports them, the median of the runs, and its ratio to cnncalc's, which
reads its own definition. What is not installed is left out.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time

MODEL = """
import torch
from model import Resnet50
m, x = Resnet50().eval(), torch.zeros(1, 3, 224, 224)"""
TOOLS = {
    "cnncalc": "import cnncalc; t = cnncalc.analyze('resnet50').totals; print(t.params, t.macs)",
    "torchinfo": f"{MODEL}\nimport torchinfo; "
    "s = torchinfo.summary(m, (1, 3, 224, 224), verbose=0); "
    "print(s.total_params, s.total_mult_adds)",
    "fvcore": f"{MODEL}\nimport logging; logging.disable(); "
    "from fvcore.nn import FlopCountAnalysis, parameter_count; "
    "print(parameter_count(m)[''], FlopCountAnalysis(m, x).total())",
    "thop": f"{MODEL}\nimport thop; macs, params = thop.profile(m, (x,), verbose=False); "
    "print(int(params), int(macs))",
    "ptflops": f"{MODEL}\nimport ptflops; macs, params = ptflops.get_model_complexity_info(m, "
    "(3, 224, 224), as_strings=False, print_per_layer_stat=False); print(params, int(macs))",
    "torchscan": f"{MODEL}\nimport torchscan; t = torchscan.crawl_module(m, (3, 224, 224)); "
    ""
    "print(t['totals']['parameters']['value'], t['totals']['macs']['value'])",
}


def run(code: str, folder: str) -> tuple[str, float]:
    """The last line that a process prints, and the seconds that it takes."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )
    seconds = time.perf_counter() - start
    lines = (done.stdout if done.returncode == 0 else done.stderr).splitlines()
    return (lines or [""])[-1], seconds


def main(runs: int) -> None:
    """Print a line for every tool."""
    export = [sys.executable, "-m", "cnncalc", "export", "resnet50", "--to", "pytorch", "-o"]
    base = None
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*export, f"{folder}/model.py"], check=True)
        for tool, code in TOOLS.items():
            if importlib.util.find_spec(tool) is None:
                continue
            results = [run(code, folder) for _ in range(runs + 1)][1:]  # the first warms caches
            median = statistics.median(seconds for _, seconds in results)
            base = base or median
            print(
                f"{tool:10} {results[-1][0]:35} {median:6.2f} s  x{median / base:.0f}", flush=True
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
