"""What operators without a layer kind are known to do: what they cost, and what a unit reads."""

from __future__ import annotations

from ..tensors.call import Call
from ..tensors.layout import CHANNELS
from ..tensors.traced import ALL, Form, what_units_read
from ..tensors.values import Constant, Value
from .call import TorchCall
from .operators import OPERATORS

REDUCTIONS = (
    *("mean", "sum", "amax", "amin", "max", "min", "var", "std", "var_mean", "argmax", "argmin"),
    *("any", "all"),
    *("norm", "linalg_vector_norm", "logsumexp", "prod", "softmax", "log_softmax"),
    *("rms_norm", "layer_norm", "group_norm"),
)
# Numbers picked, moved, compared, normalized or interpolated: nothing of weights or activations.
MOVES = (
    *("roll", "flip", "rot90", "index", "index_select", "index_put", "gather", "scatter", "copy"),
    *("masked_fill", "masked_select", "repeat", "repeat_interleave", "tile", "narrow", "diagonal"),
    *("where", "fill", "zero", "rand_like", "randn_like", "bernoulli", "broadcast_to"),
    *("unfold", "im2col", "fold", "col2im", "as_strided", "select_scatter", "slice_scatter"),
    *("sort", "argsort", "topk", "tril", "triu", "one_hot", "embedding", "grid_sampler", "cumsum"),
    *("affine_grid_generator", "broadcast_tensors", "mse_loss", "l1_loss", "histc", "bincount"),
    *("numpy_T", "mT", "adjoint", "take", "take_along_dim", "pixel_shuffle", "hstack"),
    *("normalize", "lp_pool2d", "isnan", "logical_not", "bitwise_not", "meshgrid", "vstack"),
    *("avg_pool2d", "fractional_max_pool2d", "unsqueeze_", "squeeze_", "frobenius_norm"),
)
# What they give depends on a tensor's shape alone.
NUMBERLESS = (
    *("zeros_like", "ones_like", "full_like", "empty_like"),
    *("new_zeros", "new_ones", "new_full", "new_empty"),
)
# Products of matrices whose multiply–accumulates are not known here.
MAY_MULTIPLY = (
    *("tensordot", "addbmm", "chain_matmul", "linalg_multi_dot", "inner", "bilinear"),
    *("cdist", "linalg_matrix_power"),
)
COSTLESS = {*OPERATORS, *REDUCTIONS, *MOVES}


def is_costless(call: TorchCall) -> bool:
    """Whether an operator is known to take no multiply–accumulates."""
    return call.operator in COSTLESS or _is_pointwise(call)


def _is_pointwise(call: TorchCall) -> bool:
    return "pointwise" in {tag.name for tag in getattr(call.node.target, "tags", ())}


def statistics(call: Call) -> int:
    """Numbers of running statistics that an operator reads."""
    read = (call.arguments.get(name) for name in ("running_mean", "running_var"))
    return sum(one.count for one in read if isinstance(one, Constant))


def what_a_unit_reads(call: TorchCall, sources: list[Value], output: Form, axes: int) -> str | None:
    """Whether a unit reads the units at its own place or all; None where that is not known."""
    if call.operator == "scaled_dot_product_attention" and call.shape[0] == 1:
        return None if call["is_causal"] or isinstance(call["attn_mask"], Constant) else ALL
    reduces = call.operator in REDUCTIONS
    pointwise = _is_pointwise(call) or _picks_channels(call, sources[0])
    return what_units_read(sources, output, axes, pointwise, reduces)


def _picks_channels(call: Call, value: Value) -> bool:
    """Whether an operator picks, repeats or turns channels alone, each unit its own."""
    if call.operator == "index":
        dims = [dim for dim, one in enumerate(call["indices"]) if one is not None]
    elif call.operator in ("index_select", "repeat_interleave", "flip"):
        given = call.arguments.get("dim", call.arguments.get("dims"))
        dims = given if isinstance(given, list) else [] if given is None else [given]
    else:
        return False
    return bool(dims) and all(value.axis(dim % len(value.dims)) == CHANNELS for dim in dims)
