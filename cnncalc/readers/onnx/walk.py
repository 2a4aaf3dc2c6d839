"""An ONNX graph, walked in order: every node becomes constants, layers, or a view of one."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from math import prod
from operator import is_
from typing import TYPE_CHECKING, Any

from ...wording import quote
from ..tensors.maps import as_map, as_read, flat_vector, lies_flat
from ..tensors.traced import is_in_own_order
from ..tensors.values import NO_NAMES, Indices, Opaque, Unreadable, Value
from . import inference
from .aliases import standard
from .constants import (
    FLOAT,
    INT64,
    MOST_NUMBERS,
    Array,
    Extent,
    array_of,
    checked_shape,
    exact,
    from_tensor,
)
from .elementwise import ELEMENTWISE
from .folding import FOLDS, compute
from .graph import Handler, OnnxGraph
from .inputs import OnnxInputs
from .node import Contradiction, OnnxNode
from .pooling import POOLING
from .reshaping import RESHAPING
from .resizing import RESIZING
from .roles import is_product_of_constants
from .slicing import SLICING
from .unknown import unknown
from .weights import WEIGHTS

OPERATORS: dict[str, Handler] = {
    **ELEMENTWISE,
    **RESIZING,
    **RESHAPING,
    **SLICING,
    **WEIGHTS,
    **POOLING,
}

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

DEEPEST = 20
SEQUENCES = ("SplitToSequence", "SequenceAt")
MOST_COMPUTED = 2_000_000
UNPOOL = "MaxUnpool"
QUANTIZERS = ("QuantizeLinear", "DequantizeLinear")
# The numbers that a Constant node may hold: the field of its attribute, and their type.
VALUES = {
    "value_int": ("i", INT64),
    "value_float": ("f", FLOAT),
    "value_ints": ("ints", INT64),
    "value_floats": ("floats", FLOAT),
}


class OnnxWalk:
    """What every name of the graph stands for, node by node."""

    def __init__(self, graph: OnnxGraph, model: ModelProto, given: OnnxInputs) -> None:
        self.graph = graph
        self.model = model
        self.given = given
        starts = dict(zip((one.name for one in given.inputs), graph.starts.values()))
        self.values: dict[str, Any] = {"": None, **starts}
        self.tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        self.others = {one.name: one for one in model.graph.input}
        self.computed = 0
        self.sparse = {one.values.name: one for one in model.graph.sparse_initializer}

    @cached_property
    def stated_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes that the file tells of its tensors."""
        starts = zip(self.given.inputs, self.graph.starts.values())
        return inference.stated_shapes(
            self.model.graph, {one.name: start.shape for one, start in starts}
        )

    def run(self) -> None:
        """Read the nodes that the graph's outputs need, and hand their layers to the builder."""
        self._nodes(self.model.graph, [output.name for output in self.model.graph.output], 0)
        outputs = [
            self._output(self._lookup(one.name, "the graph")) for one in self.model.graph.output
        ]
        drafts = [one.layer for one in outputs if isinstance(one, (Value, Opaque))]
        self.graph.complete(drafts)

    def _output(self, output: Any) -> Any:
        """An output of the graph, behind the layer that its view stands for, if there is one."""
        if isinstance(output, Value):
            if lies_flat(output):
                return flat_vector(self.graph, output)
            to_layer = as_map if len(output.dims) == self.graph.axes + 2 else as_read
            if is_in_own_order(output, self.graph.axes):
                return output
            with suppress(Unreadable):
                return to_layer(self.graph, output)
        return output

    def _nodes(self, graph: GraphProto, wanted: list[str], depth: int) -> None:
        needed = set(wanted)
        kept: list[NodeProto] = []
        for proto in reversed(graph.node):
            if needed.intersection(proto.output):
                kept.append(proto)
                needed.update(_reads(proto, depth))
        self.graph.uses.update(name for proto in kept for name in _reads(proto, depth))
        self.graph.uses.update(wanted)
        places = {id(proto): place for place, proto in enumerate(graph.node, start=1)}
        for proto in reversed(kept):
            self._node(proto, places.get(id(proto), 0), depth)

    def _node(self, proto: NodeProto, place: int, depth: int) -> None:
        for each in standard(proto):
            self._standard_node(each, place, depth)

    def _standard_node(self, proto: NodeProto, place: int, depth: int) -> None:
        reader = f"node {place} {quote(proto.name or ', '.join(proto.output))}"
        node = OnnxNode(proto, place, [self._lookup(name, reader) for name in proto.input])
        self.graph.node_names.note(node.name, proto)
        try:
            made = self._outputs(node, depth)
        except Unreadable as reason:
            made = self._unknown(node, reason)
        if made and isinstance(made[0], Value):
            # Statistics, say, that a norm gives beside what it is read for.
            made += [Opaque(made[0].layer)] * (len(node.outputs) - len(made))
        for name, output in zip(node.outputs, made):
            if name and output is not None:
                self.values[name] = output
            if isinstance(output, Value):
                self.graph.outputs.setdefault(output.layer, []).append(name)
                if not output.padding:
                    output.layer.shape = (output.channels, *output.sizes)

    def _outputs(self, node: OnnxNode, depth: int) -> list[Any]:
        if node.operator in CONSTANTS:
            return [self.graph.learn(CONSTANTS[node.operator](node))]
        if node.operator == "If":
            return self._branch(node, depth)
        if node.operator in SIZES and isinstance(node.input(0), (Value, Array)):
            return [SIZES[node.operator](node)]
        if any(isinstance(given, Opaque) for given in node.inputs):
            known = any(node.operator in table for table in (OPERATORS, FOLDS, SIZES))
            raise Unreadable("what it reads is not known" if known else "")
        if any(isinstance(given, Indices) for given in node.inputs) and node.operator != UNPOOL:
            raise Unreadable("it reads where a pool found its maxima")
        sequence = node.operator in SEQUENCES
        return self._layers(node) if node.values() or sequence else self._constants(node)

    def _layers(self, node: OnnxNode) -> list[Any]:
        """What a node's handler makes of it.

        Where that cannot read the views of tensors as they are, it gets them in their own order.
        """
        reason = Unreadable("")
        handler = OPERATORS.get(node.operator)
        if handler is None:
            raise reason
        for ordered in (False, True):
            before = self.graph.mark()
            try:
                asked = node.in_own_order(self.graph) if ordered else node
                if ordered and all(map(is_, asked.inputs, node.inputs)):
                    break
                made = handler(self.graph, asked)
                return made if isinstance(made, list) else [made]
            except Contradiction:
                raise
            except Unreadable as error:
                reason = reason if ordered else error
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                reason = Unreadable(f"its arguments are not as expected ({error})")
            self.graph.take_back(before)
        raise reason

    def _constants(self, node: OnnxNode) -> list[Any]:
        """Numbers where they are few, or else shapes; a product of matrices is a layer."""
        if node.operator in QUANTIZERS and isinstance(node.input(0), Array):
            return [self._quantized_weight(node.inputs[0], node)]
        made = self._compute(node) or inference.constants(node, self.model)
        if is_product_of_constants(node) and made[0]:
            return unknown(self.graph, node, [made[0].shape], [self.graph.start])
        return made

    def _quantized_weight(self, array: Array, node: OnnxNode) -> Array:
        """A constant quantized, or what that stands for: a weight, whose scale is none."""
        names = array.names or (frozenset([node.proto.input[0]]) if array.count > 1 else NO_NAMES)
        return self.graph.learn(Array(array.shape, names, uniform=array.uniform))

    def _unknown(self, node: OnnxNode, reason: Unreadable) -> list[Any]:
        """A layer of no kind, or a refusal where no shape is known, or none would be true."""
        shapes = [
            self.stated_shapes.get(name) if shape is None else shape
            for name, shape in zip(node.outputs, inference.shapes(node, self.model))
        ]
        known = all(one is None or isinstance(one, (Value, Array)) for one in node.inputs)
        if known and not isinstance(reason, Contradiction):
            with suppress(Unreadable):
                return unknown(self.graph, node, shapes)
        return self.graph.refuse(node, str(reason), shapes)

    def _compute(self, node: OnnxNode) -> list[Array] | None:
        made = compute(node) if self.computed <= MOST_COMPUTED else None
        self.computed += sum(array.count for array in made or ())
        return made

    def _branch(self, node: OnnxNode, depth: int) -> list[Any]:
        """The outputs of an If whose condition is known."""
        condition = node.array(0)
        if condition is None or condition.single is None:
            raise Unreadable("its condition is not known")
        if depth > DEEPEST:
            raise Unreadable(f"branches are nested deeper than {DEEPEST} levels")
        branch = node.graph("then_branch" if condition.single else "else_branch")
        self.tensors.update({tensor.name: tensor for tensor in branch.initializer})
        names = [output.name for output in branch.output]
        self._nodes(branch, names, depth + 1)
        return [self._lookup(name, node.name) for name in names]

    def _lookup(self, name: str, reader: str) -> Any:
        if name not in self.values:
            try:
                self.values[name] = self.graph.learn(self._constant(name, reader))
            except Unreadable as damage:
                raise self.graph.builder.refuse(str(damage)) from None
        return self.values[name]

    def _constant(self, name: str, reader: str) -> Array:
        """A weight of the file, or an input of the graph that stands for one."""
        if name in self.tensors:
            return from_tensor(self.tensors[name], name, False, self.graph.builder.source.folder)
        if name in self.sparse:
            return Array(checked_shape(self.sparse[name].dims, name), frozenset([name]))
        if name in self.others:
            # What is given beside the map (regions, say) may leave out how many there are.
            kind = self.others[name].type.tensor_type
            shape = checked_shape((max(one.dim_value, 1) for one in kind.shape.dim), name)
            names = frozenset([name]) if self.given.has_weights else NO_NAMES
            return Array(shape, names, None, kind.elem_type)
        raise self.graph.builder.refuse(
            f"{reader} reads {quote(name)}, which nothing before it gives; "
            "the nodes of a graph stand in the order in which they are computed"
        )


def _reads(proto: NodeProto, depth: int) -> set[str]:
    """The names that a node reads, those of its branches included."""
    names = set(proto.input)
    if depth <= DEEPEST:
        for attribute in proto.attribute:
            for graph in (attribute.g, *attribute.graphs):
                names.update(output.name for output in graph.output)
                for inner in graph.node:
                    names |= _reads(inner, depth + 1)
    return names


def _constant_node(node: OnnxNode) -> Array:
    """The tensor that is written into a Constant node."""
    name = node.outputs[0] if node.outputs else node.name
    tensor = node.tensor("value")
    if tensor is not None:
        return from_tensor(tensor, name, True)
    for key, (field, dtype) in VALUES.items():
        if key in node.attributes:
            value = getattr(node.attributes[key], field)
            numbers = list(value) if key.endswith("s") else [value]
            shape = (len(numbers),) if key.endswith("s") else ()
            return array_of(numbers if dtype == INT64 else list(map(exact, numbers)), shape, dtype)
    raise Unreadable("its value is no tensor of numbers")


def _filled_constant(node: OnnxNode) -> Array:
    """A tensor of one number; it stands for a weight in models that are kept without their own."""
    sizes = node.array(0)
    shape = checked_shape(sizes.integers if sizes is not None else (), node.name)
    value = node.tensor("value")
    number = array_of([0], (), FLOAT) if value is None else from_tensor(value, node.name, True)
    names = frozenset(node.outputs if number.dtype == FLOAT else [])
    if prod(shape) > MOST_NUMBERS:
        return Array(shape, names, None, number.dtype, computed=bool(names))
    if number.count != 1:
        raise Unreadable("it is filled with other than one number")
    numbers = array_of(number.flat * prod(shape), shape).numbers
    return Array(shape, names, numbers, number.dtype, computed=bool(names))


def _shape(node: OnnxNode) -> Array:
    """The shape of a tensor, each size known as the one of its layer's axis where it is one."""
    tensor = node.inputs[0]
    sizes: list[Any] = list(tensor.shape)
    if isinstance(tensor, Value):
        for dim, size in enumerate(tensor.shape):
            axis = tensor.axis(dim)
            if axis is not None and axis >= 0:
                sizes[dim] = Extent(size, tensor.layer, axis)
    sizes = sizes[node.integer("start") : node.integer("end", len(sizes))]
    return array_of(sizes, (len(sizes),))


def _count(node: OnnxNode) -> Array:
    """How many numbers a tensor has."""
    return array_of([prod(node.inputs[0].shape)], ())


CONSTANTS = {"Constant": _constant_node, "ConstantOfShape": _filled_constant}
SIZES = {"Shape": _shape, "Size": _count}
