"""A tensor that an ONNX graph reads from outside: how it is laid out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from ...definition.shape import MOST_AXES
from ...record import Record
from ..tensors.layout import CHANNELS, REGIONS, Dims, whole
from ..tensors.values import Draft, Unreadable, Value
from .constants import from_tensor

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

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


class InputLayouts:
    """What the dimensions of a graph's inputs hold, as their ranks and their first readers tell."""

    def __init__(self, graph: GraphProto) -> None:
        self.graph = graph

    @cached_property
    def readers(self) -> dict[str, list[NodeProto]]:
        """The nodes that read each tensor."""
        readers: dict[str, list[NodeProto]] = defaultdict(list)
        for node in self.graph.node:
            for read in dict.fromkeys(node.input):
                readers[read].append(node)
        return readers

    @cached_property
    def tensors(self) -> dict[str, TensorProto]:
        """The tensors that are in the file, those of nodes included."""
        tensors = {one.name: one for one in self.graph.initializer}
        for node in self.graph.node:
            for attribute in node.attribute if node.op_type == "Constant" else ():
                if attribute.name == "value":
                    tensors.update(dict.fromkeys(node.output, attribute.t))
        return tensors

    @cached_property
    def axes(self) -> int:
        """How many axes the convolutions have; 0 without any of a known weight."""
        declared = [*self.graph.value_info, *self.graph.input]
        ranks = {one.name: len(one.type.tensor_type.shape.dim) for one in declared}
        ranks |= {name: len(tensor.dims) for name, tensor in self.tensors.items()}
        axes = [
            ranks.get(node.input[CONVOLUTIONS[node.op_type]], 0) - 2
            for node in self.graph.node
            if node.op_type in CONVOLUTIONS and len(node.input) > CONVOLUTIONS[node.op_type]
        ]
        return min(max(axes, default=0), MOST_AXES)

    def sizes(self, given: ValueInfoProto) -> list[int | None]:
        """The sizes of an input's dimensions; those of a map where not even their count is told."""
        kind = given.type.tensor_type
        if not kind.HasField("shape") and self.axes:
            return [None] * (self.axes + 2)
        return [one.dim_value if one.dim_value > 0 else None for one in kind.shape.dim]

    def input(self, given: ValueInfoProto, is_first: bool = True) -> OnnxInput:
        """An input as a network has it: if it is the first one, a map, of one unit if need be."""
        name, sizes = given.name, self.sizes(given)
        rank = len(sizes)
        axes = max(self.axes, rank - 2, 1)
        spatial = tuple(range(axes))
        batch = sizes[0] or 1
        if rank == axes + 2:
            return self._map(name, sizes, spatial)
        added = self._added_axis(name) if rank == axes + 1 else None
        if added == 0 and rank > 2:
            return OnnxInput(name, tuple(sizes), (CHANNELS, *spatial))
        if added is not None:
            return OnnxInput(name, (1, *sizes[1:]), (REGIONS, *spatial), batch)
        features, units = sizes[-1], spatial[: rank - 2]
        if is_first:
            return OnnxInput(name, (features, *(1,) * axes), (REGIONS, CHANNELS), batch)
        if any(node.op_type in CONVOLUTIONS for node in self._first_readers(name)):
            return self._map(name, sizes, units)
        return OnnxInput(name, (features, *sizes[1:-1]), (REGIONS, *units, CHANNELS), batch)

    def _map(self, name: str, sizes: list[int | None], axes: tuple[int, ...]) -> OnnxInput:
        batch = sizes[0] or 1
        if self._is_channels_last(name, len(sizes)):
            return OnnxInput(name, (sizes[-1], *sizes[1:-1]), (REGIONS, *axes, CHANNELS), batch)
        channels = sizes[1] or self._weight_channels(name)
        return OnnxInput(name, (channels, *sizes[2:]), (REGIONS, CHANNELS, *axes), batch)

    def reads(self, name: str, passed: Collection[str]) -> Iterator[tuple[NodeProto, str]]:
        """Reads of a tensor behind those of operators that are passed: the nodes, and of what."""
        names, seen = [name], {name}
        while names:
            read = names.pop()
            for node in self.readers[read]:
                if node.op_type not in passed:
                    yield node, read
                    continue
                names += [output for output in node.output if output not in seen]
                seen.update(node.output)

    def _first_readers(self, name: str) -> list[NodeProto]:
        """The first nodes behind an input that may tell its layout."""
        return [node for node, _ in self.reads(name, PLAIN)]

    def _is_channels_last(self, name: str, rank: int) -> bool:
        """Whether all that reads the input moves its last dimension to where channels are."""
        order = [0, rank - 1, *range(1, rank - 1)]
        readers = self._first_readers(name)
        orders = [
            [list(one.ints) for one in node.attribute if one.name == "perm"][:1]
            for node in readers
            if node.op_type == "Transpose"
        ]
        return bool(readers) and orders == [[order]] * len(readers)

    def _added_axis(self, name: str) -> int | None:
        """Where the first reader puts a dimension of size 1; None where it does not."""
        for node in self._first_readers(name):
            if node.op_type != "Unsqueeze":
                continue
            axes = [axis for one in node.attribute if one.name == "axes" for axis in one.ints]
            if not axes and len(node.input) > 1 and node.input[1] in self.tensors:
                with suppress(Unreadable):
                    axes = from_tensor(self.tensors[node.input[1]], node.input[1]).integers
            if len(axes) == 1:
                return int(axes[0])
        return None

    def _weight_channels(self, name: str) -> int | None:
        """The channels that the convolutions expect which read the input first."""
        for node in self._first_readers(name):
            if node.op_type == "Conv" and len(node.input) > 1:
                tensor = self.tensors.get(node.input[1])
                weight = [] if tensor is None else list(tensor.dims)
                groups = next((one.i for one in node.attribute if one.name == "group"), 1)
                if len(weight) > 2 and weight[1] > 0:
                    return int(weight[1] * groups)
        return None
