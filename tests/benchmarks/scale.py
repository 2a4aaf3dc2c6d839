"""How analysis scales: a long chain and a dense net, timed against half their size.

Run by hand: python tests/benchmarks/scale.py
"""

from __future__ import annotations

import time

import cnncalc

CHAIN = """\
name: chain
input: [16, 64, 64]
layers:
  - {{name: c, type: conv, out_channels: 16, kernel_size: 3, padding: 1, repeat: {count}}}
"""


def chain(count: int) -> str:
    """A chain of so many convolutions."""
    return CHAIN.format(count=count)


def dense(count: int) -> str:
    """A net whose every layer reads all layers before it."""
    lines = ["name: dense", "input: [1, 32, 32]", "layers:"]
    names = ["input"]
    for number in range(1, count + 1):
        lines.append(f"  - {{name: cat{number}, type: concat, from: [{', '.join(names)}]}}")
        lines.append(
            f"  - {{name: c{number}, type: conv, out_channels: 1, kernel_size: 3, padding: 1}}"
        )
        names.append(f"c{number}")
    return "\n".join(lines) + "\n"


def seconds(text: str) -> tuple[float, float]:
    """Seconds to read a definition and to analyse its network."""
    start = time.perf_counter()
    network = cnncalc.loads(text)
    read = time.perf_counter()
    cnncalc.analyze(network)
    return read - start, time.perf_counter() - read


def compare(name: str, text: str, half: str) -> None:
    """Print a network's times, and their ratio to those of one of half the size."""
    read_half, analysed_half = seconds(half)
    read, analysed = seconds(text)
    print(
        f"{name}: read {read:.2f} s ({read / read_half:.1f} × half the size), "
        f"analysed {analysed:.2f} s ({analysed / analysed_half:.1f} ×)"
    )


if __name__ == "__main__":
    compare("chain of 100,000 convolutions", chain(100_000), chain(50_000))
    compare("dense net of 400 layers", dense(400), dense(283))
