"""Layers without windows as ONNX nodes, and the table of all kinds."""

from __future__ import annotations

from typing import Any

from .activations import ACTIVATIONS
from .sheet import Context, Writer
from .windows import WINDOWS

MERGES = {"add": ("Add", "Sum"), "maximum": ("Max", "Max")}


def linear(context: Context) -> None:
    """A linear layer; a map is laid flat before it."""
    features, length = context.known(context.layer.weight_shape, "input's length")
    given = context.inputs[0]
    if not context.is_vector:
        given = context.step("flat", "Reshape", [given, context.sheet.integers([0, -1])])
    weights = [context.weight("weight", [features, length])]
    if context.kind.bias:
        weights.append(context.weight("bias", [features]))
    context.sheet.node("Gemm", [given, *weights], context.name, [context.name], transB=1)


def flatten(context: Context) -> None:
    """A map as a vector."""
    context.write("Flatten", axis=1)


def reshape(context: Context) -> None:
    """The same numbers under another shape."""
    context.write("Reshape", context.sheet.integers([0, *context.kind.shape]))


def _affine(context: Context) -> list[str]:
    """A norm's weight and bias, or ones and zeros in their place."""
    if context.kind.affine:
        shape = [context.channels]
        return [context.weight("weight", shape, 1), context.weight("bias", shape)]
    return [context.fixed("ones", 1), context.fixed("zeros", 0)]


def batch_norm(context: Context) -> None:
    """Batch normalization by running statistics."""
    if context.kind.track_running_stats:
        shape = [context.channels]
        statistics = [
            context.weight("running_mean", shape),
            context.weight("running_var", shape, 1),
        ]
    else:
        statistics = [context.fixed("mean", 0), context.fixed("variance", 1)]
    given = [*_affine(context), *statistics]
    context.write("BatchNormalization", *given, epsilon=float(context.kind.eps))


def instance_norm(context: Context) -> None:
    """Normalization of every channel over its map; by running statistics it is a batch norm."""
    if context.kind.track_running_stats:
        batch_norm(context)
    else:
        epsilon = float(context.kind.eps)
        context.write("InstanceNormalization", *_affine(context), epsilon=epsilon)


def group_norm(context: Context) -> None:
    """Normalization over groups of channels."""
    given: dict[str, Any] = {
        "epsilon": float(context.kind.eps),
        "num_groups": context.kind.num_groups,
    }
    context.write("GroupNormalization", *_affine(context), **given)


def layer_norm(context: Context) -> None:
    """Normalization over the channels, which are moved behind the axes for it and back."""
    epsilon = float(context.kind.eps)
    if context.is_vector:
        context.write("LayerNormalization", *_affine(context), epsilon=epsilon)
        return
    rank = context.rank
    behind = [0, *range(2, rank), 1]
    last = context.step("channels_last", "Transpose", context.inputs, perm=behind)
    norm = context.sheet.unique(f"{context.name}/normalized")
    context.sheet.node(
        "LayerNormalization", [last, *_affine(context)], context.name, [norm], epsilon=epsilon
    )
    back = context.sheet.unique(f"{context.name}/channels_first")
    perm = [0, rank - 1, *range(1, rank - 1)]
    context.sheet.node("Transpose", [norm], back, [context.name], perm=perm)


def scale(context: Context) -> None:
    """A learned factor per channel, and a bias."""
    shape = [context.channels, *context.ones]
    factor = context.weight("weight", shape, 1)
    if not context.kind.bias:
        context.write("Mul", factor)
        return
    product = context.sheet.unique(f"{context.name}/product")
    context.sheet.node("Mul", [*context.inputs, factor], context.name, [product])
    bias = context.weight("bias", shape)
    shifted = context.sheet.unique(f"{context.name}/bias")
    context.sheet.node("Add", [product, bias], shifted, [context.name])


def lrn(context: Context) -> None:
    """Local response normalization."""
    kind = context.kind
    numbers = {"alpha": float(kind.alpha), "beta": float(kind.beta), "bias": float(kind.k)}
    context.write("LRN", size=int(kind.size), **numbers)


def merge(context: Context) -> None:
    """A sum or maximum of its inputs."""
    of_two, of_more = MERGES[context.layer.type]
    operator = of_two if len(context.inputs) == 2 else of_more
    context.sheet.node(operator, context.inputs, context.name, [context.name])


def mul(context: Context) -> None:
    """A product of its inputs, two at a time."""
    product, *others = context.inputs
    for other in others[:-1]:
        product = context.step("product", "Mul", [product, other])
    context.sheet.node("Mul", [product, others[-1]], context.name, [context.name])


def concat(context: Context) -> None:
    """Channels joined."""
    context.sheet.node("Concat", context.inputs, context.name, [context.name], axis=1)


def slice_(context: Context) -> None:
    """A range of the channels."""
    first, end = context.kind.channels
    context.write("Slice", *map(context.sheet.integers, ([first], [end], [1])))


def _rearranged(context: Context, parts: list[int], order: list[int]) -> None:
    """Parts of the dimensions in another order, joined to the layer's shape."""
    integers = context.sheet.integers
    cut = context.step("parts", "Reshape", [context.inputs[0], integers(parts)])
    moved = context.step("moved", "Transpose", [cut], perm=order)
    shape = context.known(context.layer.out_shape, "size")
    node = [moved, integers([0, *shape])]
    context.sheet.node("Reshape", node, context.name, [context.name])


def channel_shuffle(context: Context) -> None:
    """Groups of channels interleaved."""
    groups = context.kind.groups
    parts = [0, groups, context.channels // groups, *context.layer.in_shape[1:]]
    known = context.known(tuple(parts), "input's size")
    _rearranged(context, list(known), [0, 2, 1, *range(3, len(parts))])


def pixel_shuffle(context: Context) -> None:
    """Channels moved into space."""
    factor, axes = context.kind.factor, context.axes
    if axes == 2:
        context.write("DepthToSpace", blocksize=factor, mode="CRD")
        return
    sizes = context.known(context.layer.in_shape[1:], "input's size")
    parts = [0, context.channels // factor**axes, *[factor] * axes, *sizes]
    order = [0, 1]
    for axis in range(axes):
        order += [2 + axes + axis, 2 + axis]
    _rearranged(context, parts, order)


def space_to_depth(context: Context) -> None:
    """Space moved into channels."""
    factor, axes = context.kind.factor, context.axes
    if axes == 2:
        context.write("SpaceToDepth", blocksize=factor)
        return
    sizes = context.known(context.layer.in_shape[1:], "input's size")
    parts = [0, context.channels]
    for size in sizes:
        parts += [size // factor, factor]
    order = [0, 1, *(3 + 2 * axis for axis in range(axes)), *(2 + 2 * axis for axis in range(axes))]
    _rearranged(context, parts, order)


LAYERS: dict[str, Writer] = {
    **WINDOWS,
    **ACTIVATIONS,
    "linear": linear,
    "flatten": flatten,
    "reshape": reshape,
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "scale": scale,
    "lrn": lrn,
    "add": merge,
    "maximum": merge,
    "mul": mul,
    "concat": concat,
    "slice": slice_,
    "channel_shuffle": channel_shuffle,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
}
