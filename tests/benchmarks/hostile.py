"""What small definitions can cost: the processor's seconds and the peak memory of the worst.

Each is read and analysed in a process of its own, beside what it is allowed: 3 s, 30 µs more for
each layer that it expands to, and 500 MB. With an argument, that study is asked for as well.

Run by hand: python tests/benchmarks/hostile.py [explain|lint]
"""

from __future__ import annotations

import json
import subprocess
import sys

ONE = "input: [1, 64]\nlayers:\n"
BICUBIC = "type: upsample, size: 9973, mode: bicubic"
PRIMES = "  - {type: upsample, size: 9967, mode: bilinear}\n  - {type: upsample, size: 9973}\n"
CORNERS = "mode: bilinear, align_corners: true"
CONV = "type: conv, out_channels: 1, kernel_size: 3, padding: 1"
WAVES = [7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]


def chain(start: str, repeated: str, count: int = 199_000) -> str:
    """A layer or two, then one that is repeated."""
    return f"{ONE}{start}  - {{{repeated}, repeat: {count}}}\n"


def block(start: str, layers: list[str], count: int, output: str = "") -> str:
    """A layer or two, then a block that is repeated."""
    inner = "".join(f"      - {{{layer}}}\n" for layer in layers)
    ends = f"    output: {output}\n" if output else ""
    head = f"input: [1, 64]\nblocks:\n  b:\n{ends}    layers:\n{inner}layers:\n{start}"
    return f"{head}  - {{type: b, repeat: {count}}}\n"


def nested(layer: str, depth: int) -> str:
    """Blocks that use the one before twice each."""
    text = f"input: [1, 64]\nblocks:\n  b0: {{layers: [{{{layer}}}]}}\n"
    for number in range(1, depth):
        text += f"  b{number}: {{layers: [{{type: b{number - 1}, repeat: 2}}]}}\n"
    return f"{text}layers: [{{type: b{depth - 1}}}]\n"


UNITS = (
    "  - {name: a, type: upsample, size: 99991}\n  - {type: max_pool, kernel_size: 2}\n"
    f"  - {{name: u, type: upsample, like: a, {CORNERS}}}\n  - {{type: add, from: [a, u]}}\n"
)
DEFINITIONS = {
    "plain chain": chain("", CONV),
    "phases, convolutions": chain("  - {type: upsample, size: 9973}\n", CONV),
    "phases, wide convolutions": chain(
        "  - {type: upsample, size: 9973}\n",
        "type: conv, out_channels: 1, kernel_size: 1001, padding: 500",
    ),
    "phases, dilated convolutions": chain(
        "  - {type: upsample, size: 97}\n",
        "type: conv, out_channels: 1, kernel_size: 3, dilation: 5, padding: 5",
    ),
    "dilated chain": chain(
        "", "type: conv, out_channels: 1, kernel_size: 3, dilation: 2, padding: 2"
    ),
    "strided chain with gaps": chain(
        "  - {type: upsample, size: 1000000}\n  - {type: conv, out_channels: 1, kernel_size: 1,"
        " stride: 64}\n",
        "type: conv, out_channels: 1, kernel_size: 3, padding: 1",
    ),
    "phases, up and down": block(
        "",
        ["type: upsample, size: 9973, mode: bilinear", "type: adaptive_avg_pool, output_size: 64"],
        99_000,
    ),
    "phases, two primes": block(PRIMES, [CONV, BICUBIC], 99_000),
    "phases, merges": block(
        "  - {type: upsample, size: 9973}\n",
        ["name: c, " + CONV, "type: add, from: [input, c]"],
        99_000,
    ),
    "phases, merges of one map": block(
        "  - {type: upsample, size: 9973}\n", ["type: add, from: [input, input]"], 199_000
    ),
    "phases, many inputs": block(
        "  - {type: upsample, size: 9973}\n",
        [
            *[f"name: c{n}, {CONV}, from: input" for n in range(40)],
            f"type: add, from: [{', '.join(f'c{n}' for n in range(40))}]",
        ],
        4_800,
    ),
    "phases, global pools": block(
        "  - {type: upsample, size: 9973}\n",
        ["name: g, type: global_avg_pool", "name: o, type: relu, from: input"],
        99_000,
        "o",
    ),
    "phases, dead branches": block(
        "  - {type: upsample, size: 9973}\n",
        ["name: d, " + CONV, "name: o, type: relu, from: input"],
        99_000,
        "o",
    ),
    "windows, one a layer": block(
        "",
        [
            "name: g, type: conv, out_channels: 1, kernel_size: 2, padding: 1",
            "type: upsample, size: 9973, mode: bilinear",
        ],
        99_000,
        "g",
    ),
    "windows, transposed": block(
        "",
        [
            "name: g, type: conv, out_channels: 1, kernel_size: 2, padding: 1",
            "type: conv_transpose, out_channels: 1, kernel_size: 9000, stride: 9973, dilation: 7,"
            " from: g",
        ],
        99_000,
        "g",
    ),
    "windows, adaptive": block(
        "  - {type: upsample, size: 10007}\n",
        [
            "name: g, type: conv, out_channels: 1, kernel_size: 2, padding: 1",
            "type: adaptive_avg_pool, output_size: 9973, from: g",
        ],
        99_000,
        "g",
    ),
    "units, convolutions": chain(UNITS, CONV),
    "units, few and deep": chain(UNITS.replace("99991", "97"), CONV),
    "units, wide convolutions": chain(
        UNITS, "type: conv, out_channels: 1, kernel_size: 99999, padding: 49999"
    ),
    "units, padded": chain(
        UNITS.replace("99991", "97"),
        "type: conv, out_channels: 1, kernel_size: 1000001, padding: 500000",
    ),
    "units, dilated": chain(
        UNITS.replace("99991", "997"),
        "type: conv, out_channels: 1, kernel_size: 3, dilation: 5, padding: 5",
    ),
    "units, merges": block(UNITS, ["name: c, " + CONV, "type: add, from: [input, c]"], 99_000),
    "units, dead branches": block(
        UNITS, ["name: d, " + CONV, "name: o, type: relu, from: input"], 99_000, "o"
    ),
    "units, up and down": block(
        "",
        [
            f"name: u, type: upsample, scale_factor: 2, {CORNERS}",
            "type: max_pool, kernel_size: 2",
            "type: add, from: [input, max_pool1]",
        ],
        66_000,
    ),
    "merges of edges": block("", [f"type: add, from: [{', '.join(['input'] * 5)}]"], 199_000),
    "strides of all sizes": ONE.replace("64", "1000000")
    + "".join(
        f"  - {{type: conv, out_channels: 1, kernel_size: {prime}, dilation: {prime}, padding:"
        f" {prime * prime}, repeat: 9000}}\n"
        for prime in WAVES
    ),
    "nested blocks": nested(CONV, 18),
    "nested blocks, phases": nested("type: upsample, scale_factor: 2.001", 18),
}

MEASURE = """\
import json, resource, sys, time
import cnncalc
text, study = json.load(sys.stdin)
start = time.process_time()
try:
    network = cnncalc.loads(text)
    report = cnncalc.analyze(network)
    if study:
        getattr(cnncalc, study)(network)
    outcome = report.warnings[0] if report.warnings else "all known"
    layers = len(report)
except cnncalc.CnncalcError as error:
    layers, outcome = 0, str(error)
seconds = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
print(json.dumps([layers, seconds, peak, outcome]))
"""


def measure(name: str, text: str, study: str) -> None:
    """Print what a definition takes; what is beyond the bound has a mark."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=json.dumps([text, study]),
        capture_output=True,
        text=True,
        check=True,
    )
    layers, seconds, peak, outcome = json.loads(ran.stdout)
    allowed = 3 + 30e-6 * layers
    mark = "!" if seconds > allowed or peak > 500 else " "
    print(
        f"{mark} {name:28} {len(text):5} bytes {layers:7,} layers {seconds:6.2f} of {allowed:5.2f}"
        f" s {peak:5} MB  {outcome[:70]}",
        flush=True,
    )


if __name__ == "__main__":
    study = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, text in DEFINITIONS.items():
        if all(part in name for part in sys.argv[2:]):
            measure(name, text, study)
