"""What PyTorch itself counts of a module, without numbers."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode


def macs_and_outputs(module, shape):
    """MACs of one image, attention as products of matrices, and the shapes of the outputs."""
    module = deepcopy(module).to("meta").eval()
    counter = FlopCounterMode(display=False)
    with counter, sdpa_kernel(SDPBackend.MATH):
        output = module(torch.empty(1, *shape, device="meta"))
    shapes = [tuple(one.shape) for one in tree_leaves(output) if hasattr(one, "shape")]
    return counter.get_total_flops() // 2, shapes
