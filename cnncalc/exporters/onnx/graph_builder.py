"""An ONNX graph in the making: its nodes, the tensors that they give, and their shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...arithmetic import Number
from ...network.network import Network
from ...report.layer import LayerReport
from ...report.report import Report
from ..layer_context import LayerContext
from ..unique_names import UniqueNames

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

BATCH = "batch"
INTEGERS, NUMBERS = 7, 1


class GraphBuilder:
    """Nodes and constants so far. Tensors are called as the layers that give them."""

    def __init__(self, network: Network, report: Report) -> None:
        from onnx import helper

        self.helper = helper
        self.network = network
        self.names = UniqueNames([*network.inputs, *(node.name for node in network.nodes)])
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.lists: dict[tuple[int, ...], str] = {}
        self.weights: dict[tuple[int, str], str] = {}
        self.batches: dict[int, int | str] = {-n: BATCH for n, _ in enumerate(network.inputs)}
        self.indices: dict[int, str] = {}
        self.undone = {node.referred for node in network.nodes if node.type == "max_unpool"}
        read = {source for node in network.nodes for source in node.sources}
        self.results = {node.index for node in network.nodes} - read
        self.inputs = [self._tensor(name, (BATCH, *s)) for name, s in report.inputs.items()]
        self.outputs: list[ValueInfoProto] = []
        self.values: list[ValueInfoProto] = []

    def _tensor(
        self, name: str, shape: Sequence[Number | str], kind: int = NUMBERS
    ) -> ValueInfoProto:
        return self.helper.make_tensor_value_info(name, kind, list(shape))

    def add_input(self, name: str, shape: Sequence[int], kind: int = NUMBERS) -> str:
        """An input beside the network's own."""
        own = self.names.of(name)
        self.inputs.append(self._tensor(own, shape, kind))
        return own

    def node(
        self, operator: str, inputs: Sequence[str], name: str, outputs: Sequence[str], **named: Any
    ) -> None:
        """Add a node with attributes."""
        self.nodes.append(self.helper.make_node(operator, inputs, outputs, name, **named))

    def integers(self, numbers: Sequence[int]) -> str:
        """A constant list of integers; equal lists are one."""
        key = tuple(numbers)
        if key not in self.lists:
            name = "_".join(["integers", *map(str, key)])[:60].replace("-", "m")
            self.lists[key] = self._constant(name, INTEGERS, [len(key)], key)
        return self.lists[key]

    def numbers(self, values: Sequence[float]) -> str:
        """A constant list of numbers."""
        name = "_".join(["numbers", *map(str, values)])[:60]
        return self._constant(name, NUMBERS, [len(values)], values)

    def number(self, value: float) -> str:
        """A constant number."""
        return self._constant(f"numbers_{value}"[:60], NUMBERS, [], [value])

    def _constant(self, name: str, kind: int, shape: list[int], values: Sequence[float]) -> str:
        own = self.names.of(name)
        self.constants.append(self.helper.make_tensor(own, kind, shape, values))
        return own

    def vector(self, values: Sequence[float]) -> TensorProto:
        """Numbers as a node's attribute holds them."""
        return self.helper.make_tensor("value", NUMBERS, [len(values)], values)

    def note(self, layer: LayerReport) -> None:
        """Take note of the shape of a layer's output."""
        value = self._tensor(layer.layer, (self.batches[layer.index], *layer.out_shape))
        (self.outputs if layer.index in self.results else self.values).append(value)

    def graph(self) -> GraphProto:
        """The whole graph."""
        lists = self.inputs, self.outputs, self.constants
        name = self.network.name
        return self.helper.make_graph(self.nodes, name, *lists, value_info=self.values)


class OnnxContext(LayerContext):
    """A layer to write, and the graph that takes its nodes."""

    graph: GraphBuilder

    tool = "ONNX"

    @property
    def name(self) -> str:
        """The layer's name, which is its node's and its tensor's."""
        return self.report.layer

    @property
    def inputs(self) -> list[str]:
        """The tensors that it reads."""
        return [self.graph.network.name_of(source) for source in self.report.node.sources]

    @property
    def out_sizes(self) -> tuple[int, ...]:
        """Sizes of the map that it gives."""
        return self.require(self.report.out_shape[1:], "size")

    @property
    def rank(self) -> int:
        """Dimensions of the tensor that it reads, the batch included."""
        return len(self.report.in_shape) + 1

    def write(self, operator: str, *more: str, **named: Any) -> None:
        """The node that gives the layer's output from its first input, and more."""
        self.join(operator, [*self.inputs[:1], *more], **named)

    def join(self, operator: str, inputs: Sequence[str], **named: Any) -> None:
        """The node that gives the layer's output from any tensors."""
        self.graph.node(operator, inputs, self.name, [self.name], **named)

    def step(self, word: str, operator: str, inputs: Sequence[str], **named: Any) -> str:
        """A node beside the layer's own, called after what it is for; gives its tensor."""
        name = self.graph.names.of(f"{self.name}/{word}")
        self.graph.node(operator, inputs, name, [name], **named)
        return name

    def weight(self, word: str, shape: Sequence[int], number: float = 0) -> str:
        """A weight's tensor; of a layer that shares them, that of the layer that has it."""
        node, graph = self.report.node, self.graph
        owner = node.index if node.shares is None else node.shares
        if (owner, word) not in graph.weights:
            name = graph.names.of(f"{graph.network.name_of(owner)}.{word}")
            shapes, value = graph.integers(shape), graph.vector([number])
            graph.node("ConstantOfShape", [shapes], name, [name], value=value)
            graph.weights[owner, word] = name
        return graph.weights[owner, word]

    def constant(self, word: str, number: float) -> str:
        """A number for every channel that is written into the model: no weight."""
        value = self.graph.vector([number] * self.channels)
        return self.step(word, "Constant", [], value=value)


Writer = Callable[[OnnxContext], None]


def operator(name: str, **named: Any) -> Writer:
    """A layer that is an operator of its own, the same for all of its kind."""
    return lambda context: context.write(name, **named)
