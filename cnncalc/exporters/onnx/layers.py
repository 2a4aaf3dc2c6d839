"""Layers without windows as ONNX nodes, and the table of all kinds."""

from __future__ import annotations

from collections.abc import Sequence

from ..layer_context import by_type
from .graph_builder import OnnxContext, Writer, operator
from .windows import WINDOWS, weight_and_bias

MERGES = {"add": ("Add", "Sum"), "maximum": ("Max", "Max")}
FUNCTIONS = {
    **{
        word.lower(): word
        for word in (
            *("Abs", "Acos", "Asin", "Atan", "Ceil", "Celu", "Cos", "Cosh", "Erf", "Exp", "Floor"),
            *("Log", "Neg", "Reciprocal", "Round", "Selu", "Sign", "Sin", "Sinh", "Softplus"),
            *("Softsign", "Sqrt", "Tan"),
        )
    },
    "thresholded_relu": "ThresholdedRelu",
}


def linear(context: OnnxContext) -> None:
    """A linear layer; a map is laid flat before it."""
    context.require(context.report.weight_shape, "input's length")
    vector = context.inputs[0]
    if not context.is_vector:
        vector = context.step("flat", "Reshape", [vector, context.graph.integers([0, -1])])
    context.join("Gemm", [vector, *weight_and_bias(context)], transB=1)


def reshape(context: OnnxContext) -> None:
    """The same numbers under another shape."""
    context.write("Reshape", context.graph.integers([0, *context.kind.shape]))


def _affine(context: OnnxContext) -> list[str]:
    """A norm's weight and bias, or ones and zeros in their place."""
    if context.kind.affine:
        shape = [context.channels]
        return [context.weight("weight", shape, 1), context.weight("bias", shape)]
    return [context.constant("ones", 1), context.constant("zeros", 0)]


def _norm(context: OnnxContext, name: str, *statistics: str, **attributes: int) -> None:
    epsilon = context.number("eps")
    context.write(name, *_affine(context), *statistics, epsilon=epsilon, **attributes)


def batch_norm(context: OnnxContext) -> None:
    """Batch normalization by running statistics."""
    if context.kind.track_running_stats:
        shape = [context.channels]
        mean = context.weight("running_mean", shape)
        variance = context.weight("running_var", shape, 1)
    else:
        mean, variance = context.constant("mean", 0), context.constant("variance", 1)
    _norm(context, "BatchNormalization", mean, variance)


def instance_norm(context: OnnxContext) -> None:
    """Normalization of every channel over its map; by running statistics it is a batch norm."""
    if context.kind.track_running_stats:
        batch_norm(context)
    elif context.is_vector:
        raise context.refuse("ONNX normalizes instances of maps, not of a vector")
    else:
        _norm(context, "InstanceNormalization")


def group_norm(context: OnnxContext) -> None:
    """Normalization over groups of channels."""
    _norm(context, "GroupNormalization", num_groups=context.kind.num_groups)


def layer_norm(context: OnnxContext) -> None:
    """Normalization over the channels, which are moved behind the axes for it and back."""
    if context.is_vector:
        _norm(context, "LayerNormalization")
        return
    graph, rank = context.graph, context.rank
    behind = [0, *range(2, rank), 1]
    last = context.step("channels_last", "Transpose", context.inputs, perm=behind)
    norm = graph.names.of(f"{context.name}/normalized")
    inputs = [last, *_affine(context)]
    epsilon = context.number("eps")
    graph.node("LayerNormalization", inputs, context.name, [norm], epsilon=epsilon)
    back = graph.names.of(f"{context.name}/channels_first")
    perm = [0, rank - 1, *range(1, rank - 1)]
    graph.node("Transpose", [norm], back, [context.name], perm=perm)


def scale(context: OnnxContext) -> None:
    """A learned factor per channel, and a bias."""
    shape = [context.channels] + [1] * (context.rank - 2)
    factor = context.weight("weight", shape, 1)
    if not context.kind.bias:
        context.write("Mul", factor)
        return
    product = context.graph.names.of(f"{context.name}/product")
    context.graph.node("Mul", [*context.inputs, factor], context.name, [product])
    bias = context.weight("bias", shape)
    shifted = context.graph.names.of(f"{context.name}/bias")
    context.graph.node("Add", [product, bias], shifted, [context.name])


def lrn(context: OnnxContext) -> None:
    """Local response normalization."""
    words = {"alpha": "alpha", "beta": "beta", "bias": "k"}
    numbers = {word: context.number(name) for word, name in words.items()}
    size = context.count("size")
    if size % 2 == 0 or numbers["alpha"] <= 0 or numbers["beta"] <= 0:
        raise context.refuse("onnxruntime runs it with an odd size, and alpha and beta over 0")
    if context.rank == 4:
        context.write("LRN", size=size, **numbers)
        return
    # On other than two axes, it is that of a map of one column.
    integers = context.graph.integers
    whole = context.require(context.report.out_shape, "size")
    column = context.step("column", "Reshape", [*context.inputs, integers([0, whole[0], -1, 1])])
    normal = context.step("normalized", "LRN", [column], size=size, **numbers)
    context.join("Reshape", [normal, integers([0, *whole])])


def merge(context: OnnxContext) -> None:
    """A sum or maximum of its inputs."""
    of_two, of_more = MERGES[context.report.type]
    context.join(of_two if len(context.inputs) == 2 else of_more, context.inputs)


def mul(context: OnnxContext) -> None:
    """A product of its inputs, two at a time."""
    product, *others = context.inputs
    for other in others[:-1]:
        product = context.step("product", "Mul", [product, other])
    context.join("Mul", [product, others[-1]])


def concat(context: OnnxContext) -> None:
    """Channels joined, or maps along an axis."""
    context.join("Concat", context.inputs, axis=1 + context.kind.place)


def channel_range(context: OnnxContext) -> None:
    """A range of the channels."""
    first, end = context.kind.channels
    context.write("Slice", *map(context.graph.integers, ([first], [end], [1])))


def _rearrange(context: OnnxContext, parts: Sequence[int], order: list[int]) -> None:
    """Parts of the dimensions in another order, joined to the layer's shape."""
    integers = context.graph.integers
    cut = context.step("parts", "Reshape", [context.inputs[0], integers(parts)])
    moved = context.step("moved", "Transpose", [cut], perm=order)
    shape = context.require(context.report.out_shape, "size")
    context.join("Reshape", [moved, integers([0, *shape])])


def channel_shuffle(context: OnnxContext) -> None:
    """Groups of channels interleaved."""
    groups = context.kind.groups
    parts = [0, groups, context.channels // groups, *context.report.in_shape[1:]]
    known = context.require(tuple(parts), "input's size")
    _rearrange(context, known, [0, 2, 1, *range(3, len(parts))])


def pixel_shuffle(context: OnnxContext) -> None:
    """Channels moved into space."""
    factor, axes = context.kind.factor, context.axes
    if axes == 2:
        context.write("DepthToSpace", blocksize=factor, mode="CRD")
        return
    sizes = context.in_sizes
    parts = [0, context.channels // factor**axes, *[factor] * axes, *sizes]
    order = [place for axis in range(axes) for place in (2 + axes + axis, 2 + axis)]
    _rearrange(context, parts, [0, 1, *order])


def space_to_depth(context: OnnxContext) -> None:
    """Space moved into channels."""
    factor, axes = context.kind.factor, context.axes
    if axes == 2:
        context.write("SpaceToDepth", blocksize=factor)
        return
    parts = [part for size in context.in_sizes for part in (size // factor, factor)]
    order = [0, 1, *range(3, 2 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2)]
    _rearrange(context, [0, context.channels, *parts], order)


def function(context: OnnxContext) -> None:
    """Another function of each number by itself."""
    name = FUNCTIONS.get(str(context.kind.operator))
    if name is None:
        raise context.refuse(
            f"ONNX has no operator for the function {context.kind.operator!r} alone; "
            "replace it by an activation"
        )
    context.write(name)


def dropout(context: OnnxContext) -> None:
    """Dropout, which does nothing in inference."""
    share = context.probability
    if share == 1:
        raise context.refuse("onnxruntime takes a p below 1")
    context.write("Dropout", context.graph.number(share))


def relu6(context: OnnxContext) -> None:
    """Numbers held between 0 and 6."""
    context.write("Clip", *map(context.graph.number, (0.0, 6.0)))


def slope(name: str, attribute: str) -> Writer:
    """An activation with a slope, as the kind calls it."""
    return lambda context: context.write(name, alpha=context.number(attribute))


def gelu(context: OnnxContext) -> None:
    """x·Φ(x)."""
    context.write("Gelu", approximate=context.approximation)


def silu(context: OnnxContext) -> None:
    """x·sigmoid(x), which is two nodes."""
    gate = context.step("sigmoid", "Sigmoid", context.inputs)
    context.write("Mul", gate)


def softmax(context: OnnxContext) -> None:
    """Softmax, or its logarithm."""
    word = "Softmax" if context.report.type == "softmax" else "LogSoftmax"
    context.write(word, axis=context.softmax_axis)


def prelu(context: OnnxContext) -> None:
    """A rectifier with a learned slope."""
    count = context.channels if context.kind.per_channel else 1
    context.write("PRelu", context.weight("weight", [count] + [1] * (context.rank - 2), 0.25))


LAYERS: dict[str, Writer] = {
    **WINDOWS,
    **by_type(linear, reshape, batch_norm, instance_norm, group_norm, layer_norm, scale, lrn),
    **by_type(mul, concat, channel_shuffle, pixel_shuffle, space_to_depth),
    **by_type(function, dropout, relu6, gelu, silu, softmax, prelu),
    "flatten": operator("Flatten", axis=1),
    "add": merge,
    "maximum": merge,
    "slice": channel_range,
    "identity": operator("Identity"),
    "relu": operator("Relu"),
    "sigmoid": operator("Sigmoid"),
    "tanh": operator("Tanh"),
    "hard_sigmoid": operator("HardSigmoid", alpha=1 / 6, beta=0.5),  # relu6(x + 3)/6
    "hard_swish": operator("HardSwish"),
    "mish": operator("Mish"),
    "leaky_relu": slope("LeakyRelu", "negative_slope"),
    "elu": slope("Elu", "alpha"),
    "log_softmax": softmax,
}
