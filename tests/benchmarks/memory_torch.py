"""Peaks and saved bytes of torchvision's and timm's networks against PyTorch's own storages.

    python tests/benchmarks/memory_torch.py torchvision timm:1/4 timm:resnet18 -o memory.csv

A row for each network: inference peak and saved bytes of two images as cnncalc and as PyTorch have
them. Of a library every classifier and segmenter that is no transformer is taken, or each of
PART/OF. Stochastic depth and auxiliary heads are off: a mask for each image is no layer of a
network, and a network that is read as it is evaluated has no such heads.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import torch

import cnncalc

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "support")]
from models import libraries, module_of  # noqa: E402
from torch_memory import convolutions_pad, inference_peak, saved_bytes  # noqa: E402

COLUMNS = ("model", "peak", "torch_peak", "saved", "torch_saved", "verdict", "reason")
TRANSFORMERS = re.compile("vit|swin|deit|beit|mixer|former|cait|xcit|eva|clip|maxxvit|siglip")
BATCH = 2
LARGEST = 60_000_000  # parameters of timm's; larger ones of a family are like smaller ones
SHAPES = {"torchvision:s3d": (3, 16, 224, 224)}  # smaller ones are under its last pool's window
HEADS = ("aux1", "aux2", "AuxLogits")
# What PyTorch does besides, where all else is equal.
HELD = "forward asks the input for its size at the end, which holds it: peak_input_held is equal"
COPIES = "pads before a convolution, which makes a copy; equal where convolutions pad"
WEIGHTS = "makes weights or constants as it runs; equal where they are there"
UNREAD = "computes what nobody reads; equal where that is held to the end"
WAYS = (COPIES, WEIGHTS, UNREAD)
EQUAL, TORCHS, DIFFERENT, UNKNOWN, NOT_READ = (
    "equal",
    "PyTorch's",
    "different",
    "unknown",
    "not read",
)


def names_of(asked: str) -> Iterator[str]:
    """The networks that an argument stands for: a library's, a part of them, or one."""
    library, _, part = asked.partition(":")
    if part and "/" not in part:
        yield asked
        return
    models, timm = libraries()
    place, of = map(int, (part or "1/1").split("/"))
    listed = models.list_models() if library == "torchvision" else timm.list_models()
    names = [name for name in listed if not TRANSFORMERS.search(name)]
    yield from (f"{library}:{name}" for name in names[place - 1 :: of])


def plain_module(name: str) -> tuple[Any, tuple[int, ...]]:
    """A module without stochastic depth and auxiliary heads, and the shape that it reads."""
    module, shape = module_of(name)
    for each in module.modules():
        if type(each).__name__ == "StochasticDepth":
            each.p = 0.0
        if type(each).__name__ == "DropPath":
            each.drop_prob = 0.0
    if hasattr(module, "aux_logits"):
        module.aux_logits = False
        for head in HEADS:
            if hasattr(module, head):
                setattr(module, head, None)
    return module, SHAPES.get(name, shape)


def row_of(name: str) -> dict[str, Any] | None:
    """What is equal and what is not; None of a network that is too large."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {"model": name}
    try:
        module, shape = plain_module(name)
    except Exception as reason:  # whatever a foreign module raises
        return row | {"verdict": NOT_READ, "reason": _line(reason)}
    if name.startswith("timm") and sum(p.numel() for p in module.parameters()) > LARGEST:
        return None
    try:
        found = cnncalc.memory(cnncalc.from_torch(module, shape), batch=BATCH)
    except Exception as reason:
        return row | {"verdict": NOT_READ, "reason": _line(reason)}
    row |= {"peak": found.peak, "saved": found.saved}
    try:
        truth = _truth(module, shape)
    except Exception as reason:
        return row | {"verdict": UNKNOWN, "reason": f"PyTorch: {_line(reason)}"}
    row |= dict(zip(("torch_peak", "torch_saved"), truth))
    if _fits(truth, found.peak, found.saved):
        return row | _equal(found)
    if _fits(truth, found.peak_input_held, found.saved):
        return row | _equal(found, [HELD])
    for ways in combinations_of(WAYS):
        with convolutions_pad() if COPIES in ways else nullcontext():
            other = _truth(module, shape, WEIGHTS in ways, UNREAD in ways)
        if _fits(other, found.peak, found.saved):
            return row | _equal(found, ways)
    return row | {"verdict": DIFFERENT, "reason": f"{other} without all that is known"}


def combinations_of(ways: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """One of PyTorch's ways, or several together."""
    return chain.from_iterable(combinations(ways, count + 1) for count in range(len(ways)))


def _truth(
    module: Any, shape: tuple[int, ...], weights_made: bool = False, unread: bool = False
) -> tuple[int, int]:
    peak = inference_peak(module, BATCH, *shape, weights_made=weights_made, unread=unread)
    return peak, saved_bytes(module, BATCH, *shape, weights_made=weights_made)


def _fits(truth: tuple[int, int], peak: int | None, saved: int | None) -> bool:
    """Whether figures are PyTorch's as far as they are known."""
    return peak in (None, truth[0]) and saved in (None, truth[1])


def _equal(found: Any, ways: Sequence[str] = ()) -> dict[str, str]:
    """That all is equal that is known, and which of PyTorch's ways it is besides."""
    kinds = sorted({layer.type for layer in found.layers if layer.saved is None})
    unknown = f"no rule for {', '.join(kinds)}" if kinds else ""
    verdict = UNKNOWN if kinds else TORCHS if ways else EQUAL
    return {"verdict": verdict, "reason": "; ".join(filter(None, (*ways, unknown)))}


def _line(reason: Exception) -> str:
    lines = str(reason).splitlines() or [""]
    told = re.sub(r"/\S*/site-packages/", "", lines[0])
    return f"{type(reason).__name__}: {told[:200]}"


def main() -> None:
    """Write the table; print how often each verdict came, and what is different."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="LIBRARY[:PART/OF|:NAME]")
    parser.add_argument("-o", "--output", default="/dev/stdout")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    counts: Counter[str] = Counter()
    with open(asked.output, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name in (name for each in asked.names for name in names_of(each)):
            row = row_of(name)
            if row is None:
                continue
            writer.writerow(row)
            file.flush()
            counts[row["verdict"]] += 1
            if row["verdict"] == DIFFERENT:
                print(*row.values(), file=sys.stderr, flush=True)
    print(*(f"{count} {told}" for told, count in counts.most_common()), sep=", ", file=sys.stderr)


if __name__ == "__main__":
    main()
