"""Attention and tokens as PyTorch modules and expressions."""

from __future__ import annotations

from ..layer_context import by_type
from .constructor_calls import Argument, Build, positional
from .layer_code import PLAIN, TorchCode, TorchContext, Writer


def attention(context: TorchContext) -> TorchCode:
    """Self-attention, of all units or in windows."""
    kind = context.kind
    offsets = None
    if kind.position_bias:
        offsets = context.in_sizes if kind.window is None else kind.window
    arguments = (
        positional("channels", context.channels),
        positional("heads", kind.heads),
        Argument("key_dim", kind.key_dim, None),
        Argument("window", kind.window, None),
        Argument("shift", kind.shift if any(kind.shift) else None, None),
        Argument("qkv_bias", kind.qkv_bias, True),
        Argument("bias", kind.bias, True),
        Argument("offsets", offsets, None),
    )
    return TorchCode(Build("Attention", arguments), PLAIN, "attention")


def prepend(context: TorchContext) -> TorchCode:
    """Learned tokens before others."""
    arguments = positional("channels", context.channels), Argument("count", context.kind.count, 1)
    return TorchCode(Build("Prepend", arguments), PLAIN, "prepend")


def position(context: TorchContext) -> TorchCode:
    """A learned number added to each."""
    shape = context.require(context.report.out_shape, "shape")
    return TorchCode(Build("Position", (positional("shape", shape),)), PLAIN, "position")


def take(context: TorchContext) -> TorchCode:
    """Some of the tokens."""
    first, end = context.kind.index
    return TorchCode(None, f"{{0}}[:, :, {first or ''}:{end}]")


def tokens(context: TorchContext) -> TorchCode:
    """A map's units in a row."""
    return TorchCode(None, "{0}.flatten(2)")


def untokens(context: TorchContext) -> TorchCode:
    """Tokens as a map."""
    return TorchCode(None, "{0}.unflatten(2, {like}.shape[2:])")


def matmul(context: TorchContext) -> TorchCode:
    """The product of two matrices, which tokens of so many channels are transposed."""
    return TorchCode(None, "{1}.mT @ {0}" if context.kind.transpose else "{1} @ {0}")


TOKENS: dict[str, Writer] = by_type(attention, prepend, position, take, tokens, untokens, matmul)
