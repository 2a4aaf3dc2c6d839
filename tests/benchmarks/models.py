"""Models that packages ship against PyTorch: parameters, MACs and output shape, a row each.

    python tests/benchmarks/models.py timm torchvision timm:vit_tiny_patch16_224 -o models.csv

`torchvision` stands for all that it has, `timm` for the first models of each of its modules, and
`smp`, `monai`, `ultralytics`, `transformers` and `diffusers` for what families.py has of them.
Every model runs in a process of its own, on the meta device unless it needs numbers. What PyTorch
says: the numbers of all parameters, half of the operations that its FlopCounterMode counts with
attention as matrix products (and those with vectors, which it leaves out), the output's shape.
"""

from __future__ import annotations

import argparse
import csv
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from families import LIBRARIES, Shapes

DATA = Path(__file__).parent.parent / "data"
COLUMNS = ("model", "params", "macs", "shape", "layers", "unknown_layers", "operators", "reason")
PER_MODULE, MOST = 4, 3
LONGEST, REASON = 80, 240
CANNOT_TRACE = "PyTorch cannot trace it"
MEMORY = 10 * 2**30
# Videos: 16 pictures, of 112×112 but for some.
VIDEO, LARGE = (3, 16, 112, 112), ("mvit_v1_b", "mvit_v2_s", "s3d")
FLOW = {"image1": (3, 224, 224), "image2": (3, 224, 224)}
Row = dict[str, Any]


def libraries() -> tuple[Any, Any]:
    """torchvision.models and timm, also where torchvision's compiled operators do not load."""
    sys.path.insert(0, str(DATA))
    from framework_rows import torchvision_models

    models = torchvision_models()
    import timm

    return models, timm


def names_of(asked: str) -> Iterator[str]:
    """The models that an argument stands for."""
    import cnncalc.readers.pytorch.reading  # noqa: F401

    models, timm = libraries()
    if asked == "torchvision":
        yield from (f"torchvision:{name}" for name in models.list_models())
    elif asked == "timm":
        for module in timm.list_modules():
            found = timm.list_models(module=module)
            yield from (f"timm:{name}" for name in found[:PER_MODULE])
    elif asked in LIBRARIES:
        import_module(LIBRARIES[asked].package)  # once, not in the process of every model
        yield from (f"{asked}:{name}" for name in LIBRARIES[asked].names())
    else:
        yield asked


def module_of(name: str, device: str = "meta") -> tuple[Any, Shapes]:
    """A model in evaluation mode, on the meta device say, and the shape that it reads."""
    import torch

    models, timm = libraries()
    library, _, model = name.partition(":")
    if library in LIBRARIES:
        with torch.device(device if LIBRARIES[library].meta else "cpu"):
            module, shape = LIBRARIES[library].model(model)
        return module.to(device).eval(), shape

    def factory() -> Any:
        if library == "timm":
            return timm.create_model(model, pretrained=False)
        without = {"weights": None}
        try:
            return models.get_model(model, weights_backbone=None, **without)
        except (TypeError, ValueError):
            return models.get_model(model, **without)

    try:
        with torch.device(device):
            module = factory()
    except (NotImplementedError, RuntimeError):
        module = factory().to(device)
    module.eval()
    if library == "timm":
        return module, tuple(module.default_cfg.get("input_size", (3, 224, 224)))
    if ".video." in type(module).__module__:
        return module, (3, 16, 224, 224) if model in LARGE else VIDEO
    return module, FLOW if model.startswith("raft") else (3, 224, 224)


def truth(module: Any, shape: Shapes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Parameters, MACs and the shapes of the outputs, batch left out, as PyTorch has them."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils._pytree import tree_leaves
    from torch.utils.flop_counter import FlopCounterMode

    vectors = {torch.ops.aten.mv: lambda one, *_, **__: 2 * prod(one)}
    counter = FlopCounterMode(display=False, custom_mapping=vectors)
    device = next(module.parameters()).device
    named = shape if isinstance(shape, dict) else {"": shape}
    batches = {key: torch.zeros(1, *one, device=device) for key, one in named.items()}
    hooks = patch("torch.utils.module_tracker.register_multi_grad_hook")  # which may fail
    with hooks, counter, sdpa_kernel(SDPBackend.MATH):
        output = module(batches[""]) if "" in batches else module(**batches)
    shapes = [tuple(one.shape[1:]) for one in tree_leaves(output) if hasattr(one, "shape")]
    return sum(p.numel() for p in module.parameters()), counter.get_total_flops() // 2, shapes


def row_of(name: str) -> Row:
    """What cnncalc says of a model beside what PyTorch says, or why it says nothing."""
    import cnncalc

    row: Row = dict.fromkeys(COLUMNS, "") | {"model": name}
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        module, shape, figures = _counted(name)
    except Exception as error:
        told = _export_refusal(name) or f"PyTorch: {type(error).__name__}: {error}"
        return row | {"reason": _reason(told)}
    try:
        network = cnncalc.from_torch(module, shape)
        return row | verdicts(network, *figures)
    except cnncalc.CnncalcError as error:
        return row | {"reason": _reason(f"refused: {error}")}


def _counted(name: str) -> tuple[Any, Shapes, tuple[int, int, list[tuple[int, ...]]]]:
    """A model, the shape that it reads, and what PyTorch says of it: by numbers where it must."""
    try:
        module, shape = module_of(name)
        return module, shape, truth(module, shape)
    except Exception:
        module, shape = module_of(name, "cpu")
        return module, shape, truth(module, shape)


def _export_refusal(name: str) -> str:
    """Why PyTorch does not trace a model that does not run; empty where it is not even built."""
    import cnncalc

    try:
        module, shape = module_of(name, "cpu")
        cnncalc.from_torch(module, shape)
    except cnncalc.CnncalcError as error:
        return f"refused: {error}" if CANNOT_TRACE in str(error) else ""
    except Exception:
        return ""
    return ""


def _reason(told: str) -> str:
    """A reason in one line, without the folders of this machine."""
    line = " ".join(told.split())
    return re.sub(r"(?<=[ (])/\S*/", "", line)[:REASON]


def verdicts(network: Any, params: int, macs: int, shapes: list[tuple[int, ...]]) -> Row:
    """A network's figures beside the true ones, and how many of its layers are of no kind.

    `operators` are those that most of these layers are, with their numbers.
    """
    import cnncalc

    report = cnncalc.analyze(network)
    outputs = {one.out_shape for one in (report.layers if len(shapes) > 1 else report.layers[-1:])}
    fits = any(_is_shape(one, found) for one in shapes[:1] for found in outputs)
    kinds = [node.kind for node in network.nodes if node.kind.type == "unknown"]
    operators = Counter(kind.operator for kind in kinds).most_common(MOST)
    return {
        "params": _verdict(report.totals.params, params),
        "macs": _verdict(report.totals.macs, macs),
        "shape": "ok" if fits else f"WRONG {sorted(outputs)[-1:]} for {shapes[:1]}",
        "layers": len(report),
        "unknown_layers": len(kinds),
        "operators": "; ".join(f"{count}×{name}" for name, count in operators),
    }


def _verdict(found: int | None, true: int) -> str:
    return "?" if found is None else "ok" if found == true else f"WRONG {found} for {true}"


def _is_shape(true: tuple[int, ...], found: tuple[int | None, ...]) -> bool:
    """Whether a layer's shape is the tensor's: channels first, or tokens by channels.

    A vector may be a map of one unit, a map without channels one of a single channel: a view behind
    the last layer is none of its own.
    """
    if len(found) == 1:
        return found[0] == prod(true)
    if len(true) == 1:
        return found[0] == true[0] and set(found[1:]) <= {1}
    return true in (found, found[found[0] == 1 :]) or (
        len(found) == 2 and found == (true[-1], prod(true[:-1]))
    )


def row_by_process(row_of: Callable[[str], Row], name: str, seconds: int) -> Row:
    """The row of a model, from a process of its own."""
    row: Row = dict.fromkeys(COLUMNS, "") | {"model": name}
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(row_of(name)))
    process.start()
    sender.close()
    try:
        return receiver.recv() if receiver.poll(seconds) else row | {"reason": f"over {seconds} s"}
    except EOFError:
        return row | {"reason": "fails: its process ended"}
    finally:
        process.kill()
        process.join()


def state_of(row: dict[str, Any]) -> str:
    """How a model was read, or why it was not."""
    verdicts = [str(row[key]) for key in ("params", "macs", "shape")]
    if row["reason"].startswith("PyTorch: "):
        return "left out: PyTorch does not build or run it so"
    if CANNOT_TRACE in row["reason"]:
        return "left out: PyTorch's export refuses it"
    if row["reason"]:
        return re.sub(r"\d+", "N", row["reason"].partition("; ")[0])[:LONGEST]
    if any(one.startswith("WRONG") for one in verdicts):
        return "wrong"
    if "?" in verdicts:
        return "read, with unknown totals"
    return "read, with unknown layers" if int(row["unknown_layers"]) else "read exactly"


def summary(rows: list[dict[str, Any]]) -> Iterator[str]:
    """How many models are in each state, most first; wrong is always told."""
    states = Counter({"wrong": 0})
    states.update(map(state_of, rows))
    yield from (f"{count:5} {state}" for state, count in states.most_common())


def sweep(description: str, row_of: Callable[[str], Row], names: Callable[[str], Any]) -> None:
    """Print the table, and the number of models in each state."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("-o", "--output", default="/dev/stdout")
    asked = parser.parse_args()
    models = [name for each in asked.names for name in names(each)]
    rows = []
    with open(asked.output, "w", newline="") as file, ThreadPoolExecutor(asked.jobs) as pool:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in pool.map(lambda name: row_by_process(row_of, name, asked.seconds), models):
            writer.writerow(row)
            file.flush()
            rows.append(row)
    print(*summary(rows), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sweep(__doc__.splitlines()[0], row_of, names_of)
