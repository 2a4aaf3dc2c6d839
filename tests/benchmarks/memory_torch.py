"""Peaks and saved bytes of torchvision's and timm's networks against PyTorch's own storages.

    python tests/benchmarks/memory_torch.py [torchvision|timm] [SHARE/OF]

prints a line for each network that differs or that is not read, and how many are equal. Stochastic
depth is off. Networks of which autograd's part has no rule are counted apart.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import torch

import cnncalc

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "data"), str(TESTS / "support")]
from framework_rows import torchvision_models  # noqa: E402
from torch_memory import inference_peak, saved_bytes  # noqa: E402

TRANSFORMERS = re.compile("vit|swin|deit|beit|mixer|former|cait|xcit|eva|clip|maxxvit|siglip")
LARGEST = 60_000_000  # parameters; larger ones of a family are like smaller ones


def torchvision_networks():
    """Name and module of every classifier, in evaluation."""
    library = torchvision_models()
    for name in library.list_models(module=library):
        options = {}
        if name in ("googlenet", "inception_v3"):
            options = {"aux_logits": False, "init_weights": False}
        if name.startswith(("efficientnet", "convnext")):
            options = {"stochastic_depth_prob": 0.0}
        with torch.device("cpu" if name.startswith("regnet") else "meta"):
            yield name, library.get_model(name, weights=None, **options).eval(), (3, 224, 224)


def timm_networks():
    """Name and module of timm's convolutional networks, in evaluation."""
    torchvision_models()  # timm imports torchvision
    import timm

    for name in timm.list_models():
        if TRANSFORMERS.search(name):
            continue
        with torch.device("meta"):
            module = timm.create_model(name, pretrained=False).eval()
        if sum(each.numel() for each in module.parameters()) <= LARGEST:
            yield name, module, module.default_cfg.get("input_size", (3, 224, 224))


def verdict(module, shape):
    """What is equal and what is not, of peak and saved bytes."""
    try:
        network = cnncalc.from_torch(module, shape)
    except Exception as reason:  # whatever a foreign module raises
        return f"not read: {type(reason).__name__}", str(reason)
    found = cnncalc.memory(network, batch=2)
    told = []
    for name, count, ours in (
        ("peak", inference_peak, found.peak),
        ("saved", saved_bytes, found.saved),
    ):
        if ours is None:
            told.append(f"{name} unknown")
            continue
        try:
            truth = count(module, 2, *shape)
        except Exception as reason:
            told.append(f"{name} not counted: {type(reason).__name__}")
            continue
        told.append(f"{name} {'equal' if truth == ours else f'{ours - truth:+,}'}")
    return "; ".join(told), ""


def main(library="torchvision", part="1/1"):
    """Print the verdicts and how often each came; so far, where one has seen enough."""
    place, of = map(int, part.split("/"))
    counts = Counter()
    networks = torchvision_networks() if library == "torchvision" else timm_networks()
    try:
        for number, (name, module, shape) in enumerate(networks):
            if number % of != place - 1:
                continue
            told, reason = verdict(module, shape)
            counts[re.sub("[+-][0-9,]+", "different", told)] += 1
            if told != "peak equal; saved equal":
                print(f"{name}: {told} {reason[:100]}".rstrip(), flush=True)
    except KeyboardInterrupt:
        print(f"stopped at {name}")
    for told, count in counts.most_common():
        print(f"{count:5} {told}")


if __name__ == "__main__":
    main(*sys.argv[1:])
