"""The map that an ONNX graph reads: which of its inputs it is, and how it is laid out."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from ...definition.shape import MOST_AXES
from ...record import Record
from ...wording import quote
from ..source import Source
from ..tensors.layout import CHANNELS, REGIONS, Dims, whole
from ..tensors.values import Draft, Unreadable, Value
from .constants import from_tensor

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

CONVOLUTIONS = {"Conv": 1, "ConvTranspose": 1, "ConvInteger": 1, "QLinearConv": 3}
# Operators that leave the layout of what they read as it is, on the way to the first that tells it.
PLAIN = (
    *("Identity", "Cast", "Relu", "Clip", "Sub", "Add", "Mul", "Div", "Pad", "Neg", "Sqrt"),
    *("QuantizeLinear", "DequantizeLinear"),
)


class OnnxInput(Record):
    """The input's name, its shape (channels, *axes) and what each of its dimensions holds."""

    name: str
    shape: tuple[int | None, ...]
    layout: tuple[int, ...]
    batch: int = 1

    def value(self, layer: Draft, shape: tuple[int, ...]) -> Value:
        """The input of a shape as the graph reads it."""
        sizes = {CHANNELS: shape[0], REGIONS: self.batch, **dict(enumerate(shape[1:]))}
        dims: Dims = tuple(whole(axis, sizes[axis]) for axis in self.layout)
        return Value(layer, shape[0], shape[1:], dims, self.batch)


def input_of(model: ModelProto, source: Source) -> OnnxInput:
    """The first input that is a map, or else a vector; raises DefinitionError without any."""
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    axes = _convolution_axes(graph)
    for given in graph.input:
        kind = given.type.tensor_type
        if given.name in weights or not given.type.HasField("tensor_type"):
            continue
        sizes: list[int | None] = [
            one.dim_value if one.dim_value > 0 else None for one in kind.shape.dim
        ]
        if not kind.HasField("shape") and axes:
            sizes = [None] * (axes + 2)
        if 2 <= len(sizes) <= MOST_AXES + 2:
            return _laid_out(graph, given.name, sizes, axes)
    names = ", ".join(quote(given.name) for given in list(graph.input)[:3]) or "none"
    raise source.refuse(f"it has no input that is a map or a vector; its inputs: {names}")


def _convolution_axes(graph: GraphProto) -> int:
    """How many axes the convolutions have; 0 without any of a known weight."""
    declared = [*graph.value_info, *graph.input]
    ranks = {one.name: len(one.type.tensor_type.shape.dim) for one in declared}
    ranks |= {name: len(tensor.dims) for name, tensor in _tensors(graph).items()}
    axes = [
        ranks.get(node.input[CONVOLUTIONS[node.op_type]], 0) - 2
        for node in graph.node
        if node.op_type in CONVOLUTIONS and len(node.input) > CONVOLUTIONS[node.op_type]
    ]
    return min(max(axes, default=0), MOST_AXES)


def _tensors(graph: GraphProto) -> dict[str, TensorProto]:
    """The tensors that are in the file, those of nodes included."""
    tensors = {one.name: one for one in graph.initializer}
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                tensors.update(dict.fromkeys(node.output, attribute.t))
    return tensors


def _laid_out(graph: GraphProto, name: str, sizes: list[int | None], axes: int) -> OnnxInput:
    """What the dimensions of an input hold, as its rank and its first readers tell."""
    rank = len(sizes)
    axes = max(axes, rank - 2, 1)
    spatial = tuple(range(axes))
    batch = sizes[0] or 1
    if rank == axes + 2:
        if _is_channels_last(graph, name, rank):
            return OnnxInput(name, (sizes[-1], *sizes[1:-1]), (REGIONS, *spatial, CHANNELS), batch)
        channels = sizes[1] or _weight_channels(graph, name)
        return OnnxInput(name, (channels, *sizes[2:]), (REGIONS, CHANNELS, *spatial), batch)
    if rank == axes + 1 and rank > 2 and _added_axis(graph, name) == 0:
        return OnnxInput(name, tuple(sizes), (CHANNELS, *spatial))
    if rank == axes + 1 and _added_axis(graph, name) is not None:
        return OnnxInput(name, (1, *sizes[1:]), (REGIONS, *spatial), batch)
    features = sizes[-1]
    return OnnxInput(name, (features, *(1,) * axes), (REGIONS, CHANNELS), batch)


def _first_readers(graph: GraphProto, name: str) -> list[NodeProto]:
    """The first nodes behind an input that may tell its layout."""
    readers = defaultdict(list)
    for node in graph.node:
        for read in node.input:
            readers[read].append(node)
    first, names, seen = [], [name], {name}
    while names:
        for node in readers[names.pop()]:
            if node.op_type not in PLAIN:
                first.append(node)
                continue
            names += [output for output in node.output if output not in seen]
            seen.update(node.output)
    return first


def _is_channels_last(graph: GraphProto, name: str, rank: int) -> bool:
    """Whether all that reads the input moves its last dimension to where channels are."""
    order = [0, rank - 1, *range(1, rank - 1)]
    readers = _first_readers(graph, name)
    orders = [
        [list(one.ints) for one in node.attribute if one.name == "perm"][:1]
        for node in readers
        if node.op_type == "Transpose"
    ]
    return bool(readers) and orders == [[order]] * len(readers)


def _added_axis(graph: GraphProto, name: str) -> int | None:
    """Where the first reader puts a dimension of size 1; None where it does not."""
    tensors = _tensors(graph)
    for node in _first_readers(graph, name):
        if node.op_type != "Unsqueeze":
            continue
        axes = [axis for one in node.attribute if one.name == "axes" for axis in one.ints]
        if not axes and len(node.input) > 1 and node.input[1] in tensors:
            with suppress(Unreadable):
                axes = from_tensor(tensors[node.input[1]], node.input[1]).integers
        if len(axes) == 1:
            return int(axes[0])
    return None


def _weight_channels(graph: GraphProto, name: str) -> int | None:
    """The channels that the convolutions expect which read the input first."""
    dims = {one.name: list(one.dims) for one in graph.initializer}
    for node in _first_readers(graph, name):
        if node.op_type == "Conv" and len(node.input) > 1:
            weight = dims.get(node.input[1], [])
            groups = next((one.i for one in node.attribute if one.name == "group"), 1)
            if len(weight) > 2 and weight[1] > 0:
                return int(weight[1] * groups)
    return None
