"""How long PyTorch modules take to be read, as a ratio to torchinfo on the meta device.

    pip install torchinfo timm torchvision
    python tests/benchmarks/tracing.py [MODEL…]

A model of every classic family, in process, the least of several runs of either; `MODEL` is
`torchvision:resnet50` or `timm:convnext_tiny`. The aim is 2 at most.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import geometric_mean
from time import process_time
from typing import Any

from models import module_of

RUNS = 5
FAMILIES = (
    *("alexnet", "vgg16_bn", "resnet50", "densenet121", "inception_v3", "googlenet"),
    *("mobilenet_v2", "mobilenet_v3_large", "shufflenet_v2_x1_0", "squeezenet1_0", "mnasnet1_0"),
    *("efficientnet_b0", "regnet_y_400mf", "convnext_tiny", "swin_t", "vit_b_16"),
    *("fcn_resnet50", "deeplabv3_resnet50", "lraspp_mobilenet_v3_large"),
)
TIMM = (
    *(
        "resnet50",
        "efficientnet_b0",
        "mobilenetv3_large_100",
        "densenet121",
        "vgg16",
        "regnety_004",
    ),
    *("convnext_tiny", "inception_v4", "xception41", "dla34", "hrnet_w18", "resnest50d", "dpn68"),
    *("vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "mixer_s32_224"),
)
NAMES = (*(f"torchvision:{name}" for name in FAMILIES), *(f"timm:{name}" for name in TIMM))


def seconds(function: Callable[[], Any]) -> float:
    """The processor's time of the fastest of several runs."""
    times = []
    for _ in range(RUNS):
        start = process_time()
        function()
        times.append(process_time() - start)
    return min(times)


def ratio(name: str) -> float:
    """A model's row, printed: seconds of both, and their ratio."""
    import torch
    import torchinfo

    import cnncalc

    module, shape = module_of(name)
    batch = torch.empty(1, *shape, device="meta")
    theirs = seconds(lambda: torchinfo.summary(module, input_data=batch, verbose=0, device="meta"))
    ours = seconds(lambda: cnncalc.from_torch(module, shape))
    print(f"{name:44} {theirs:6.3f} s {ours:6.3f} s {ours / theirs:6.2f}", flush=True)
    return ours / theirs


def main() -> None:
    """A row per model, and what they come to."""
    ratios = [ratio(name) for name in sys.argv[1:] or NAMES]
    print(f"{'geometric mean, most':44} {geometric_mean(ratios):24.2f} {max(ratios):6.2f}")


if __name__ == "__main__":
    main()
