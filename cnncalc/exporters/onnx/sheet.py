"""An ONNX graph in the making: its nodes, the tensors that they give, and their shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...arithmetic import Shape
from ...errors import NetworkError
from ...network.network import Network
from ...report.layer import LayerReport
from ...report.report import Report

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

INPUT, BATCH = "input", "batch"
INTEGERS, NUMBERS = 7, 1


class Sheet:
    """Nodes and constants so far. Tensors are called as the layers that give them."""

    def __init__(self, network: Network, report: Report) -> None:
        self.network = network
        self.taken = {INPUT, *(node.name for node in network.nodes)}
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.lists: dict[tuple[Any, ...], str] = {}
        self.weights: dict[tuple[int, str], str] = {}
        self.batches: dict[int, Any] = {0: BATCH}
        self.indices: dict[int, str] = {}
        self.undone = {node.referred for node in network.nodes if node.type == "max_unpool"}
        read = {source for node in network.nodes for source in node.sources}
        self.results = {node.index for node in network.nodes} - read
        self.inputs = [self._value(INPUT, BATCH, report.input)]
        self.outputs: list[ValueInfoProto] = []
        self.values: list[ValueInfoProto] = []

    def unique(self, wanted: str) -> str:
        """The wanted name, or with a number after it where it is taken."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def _value(self, name: str, batch: Any, shape: Shape) -> ValueInfoProto:
        from onnx import helper

        return helper.make_tensor_value_info(name, NUMBERS, [batch, *shape])

    def add_input(self, name: str, shape: Sequence[int], whole: bool = False) -> str:
        """An input beside the network's own."""
        from onnx import helper

        own = self.unique(name)
        kind = INTEGERS if whole else NUMBERS
        self.inputs.append(helper.make_tensor_value_info(own, kind, list(shape)))
        return own

    def node(
        self, operator: str, inputs: Sequence[str], name: str, outputs: Sequence[str], **given: Any
    ) -> None:
        """Add a node."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, outputs, name, **given))

    def integers(self, numbers: Sequence[int]) -> str:
        """A constant list of integers; equal lists are one."""
        key = tuple(numbers)
        if key not in self.lists:
            name = "_".join(["integers", *map(str, key)])[:60].replace("-", "m")
            self.lists[key] = self._constant(name, INTEGERS, [len(key)], list(key))
        return self.lists[key]

    def numbers(self, values: Sequence[float], single: bool = False) -> str:
        """A constant list of numbers, or one number."""
        name = "_".join(["numbers", *map(str, values)])[:60]
        return self._constant(name, NUMBERS, [] if single else [len(values)], list(values))

    def _constant(self, name: str, kind: int, shape: list[int], values: list[Any]) -> str:
        from onnx import helper

        own = self.unique(name)
        self.constants.append(helper.make_tensor(own, kind, shape, values))
        return own

    def note(self, layer: LayerReport) -> None:
        """Take note of the shape of a layer's output."""
        value = self._value(layer.layer, self.batches[layer.index], layer.out_shape)
        (self.outputs if layer.index in self.results else self.values).append(value)

    def graph(self, name: str) -> GraphProto:
        """The whole graph."""
        from onnx import helper

        return helper.make_graph(
            self.nodes, name, self.inputs, self.outputs, self.constants, value_info=self.values
        )


class Context:
    """A layer to write."""

    def __init__(self, sheet: Sheet, layer: LayerReport) -> None:
        self.sheet = sheet
        self.layer = layer
        self.name = layer.layer
        self.kind: Any = layer.node.kind
        self.axes = sheet.network.axes
        self.inputs = [sheet.network.name_of(source) for source in layer.node.sources]
        sheet.batches[layer.index] = sheet.batches[layer.node.sources[0]]

    def refuse(self, message: str) -> NetworkError:
        """The refusal of the layer."""
        node = self.layer.node
        return NetworkError(message, path=node.path, line=node.line, layer=node.name)

    def known(self, numbers: Shape | None, what: str) -> tuple[int, ...]:
        """The numbers, refused where one is unknown."""
        if numbers is None or None in numbers:
            raise self.refuse(f"ONNX needs its {what}, which is unknown; give the whole input")
        return numbers  # type: ignore[return-value]

    @property
    def is_vector(self) -> bool:
        """Whether it reads a vector."""
        return len(self.layer.in_shape) == 1

    @property
    def channels(self) -> int:
        """Channels of the input, or its length."""
        return self.known(self.layer.in_shape[:1], "number of input channels")[0]

    @property
    def rank(self) -> int:
        """Dimensions of the tensor that it reads, the batch included."""
        return len(self.layer.in_shape) + 1

    @property
    def ones(self) -> list[int]:
        """Sizes that spread a number per channel over what it reads."""
        return [1] * (len(self.layer.in_shape) - 1)

    def write(self, operator: str, *more: str, **given: Any) -> None:
        """The node that gives the layer's output from its input."""
        self.sheet.node(operator, [*self.inputs[:1], *more], self.name, [self.name], **given)

    def step(self, word: str, operator: str, inputs: Sequence[str], **given: Any) -> str:
        """A node beside the layer's own, called after what it is for; gives its tensor."""
        name = self.sheet.unique(f"{self.name}/{word}")
        self.sheet.node(operator, inputs, name, [name], **given)
        return name

    def weight(self, word: str, shape: Sequence[int], number: float = 0) -> str:
        """A weight's tensor; of a layer that shares them, that of the layer that has it."""
        node = self.layer.node
        owner = node.index if node.shares is None else node.shares
        if (owner, word) not in self.sheet.weights:
            from onnx import helper

            name = self.sheet.unique(f"{self.sheet.network.name_of(owner)}.{word}")
            value = helper.make_tensor("value", NUMBERS, [1], [number])
            shapes = self.sheet.integers(shape)
            self.sheet.node("ConstantOfShape", [shapes], name, [name], value=value)
            self.sheet.weights[owner, word] = name
        return self.sheet.weights[owner, word]

    def fixed(self, word: str, number: float) -> str:
        """A number for every channel that is written into the model: no weight."""
        from onnx import helper

        values = [number] * self.channels
        return self.step(
            word, "Constant", [], value=helper.make_tensor("value", NUMBERS, [len(values)], values)
        )


Writer = Callable[[Context], None]
