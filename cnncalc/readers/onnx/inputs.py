"""Which of the tensors that an ONNX graph reads from outside are a network's inputs.

Others are weights that the file leaves out, bounds, masks, numbers of regions or of tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...arithmetic import Shape
from ...definition.shape import MOST_AXES
from ...record import Record
from ...wording import quote
from ..builder import input_names
from ..source import Source
from .constants import FLOATS
from .input import InputLayouts, OnnxInput

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

MAP, VECTOR = 4, 2
PIXELS, WHOLE = (2, 3, 4, 5), (6, 7, 12, 13)
# Where operators read weights, and where they read what is neither weight nor map.
WEIGHTS = {
    **dict.fromkeys(("Conv", "ConvTranspose", "Gemm", "FusedConv", "FusedGemm"), (1, 2)),
    "ConvInteger": (1,),
    "QLinearConv": (3, 8),
    "MatMulInteger": (1,),
    "QLinearMatMul": (3,),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), (1, 2, 3, 7)),
    **dict.fromkeys(("BatchNormalization",), (1, 2, 3, 4)),
    **dict.fromkeys(("LayerNormalization", "InstanceNormalization", "GroupNormalization"), (1, 2)),
    "PRelu": (1,),
}
ASIDE = {
    "RoiAlign": (1, 2),
    "MaxRoiPool": (1,),
    "GridSample": (1,),
    "Resize": (1, 2, 3),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), (4, 5, 6)),
}
# A matrix in these places of operators is a weight, a tensor of more dimensions may be a map.
MATRICES = {"MatMul": 1, "Gather": 0}
# What weights and maps go through alike on the way to the operators that tell them apart.
PASSED = (
    *("Identity", "Cast", "Relu", "Clip", "Pad", "Neg", "Sqrt", "Transpose", "Concat", "Slice"),
    *("Reshape", "Squeeze", "Unsqueeze", "Flatten", "QuantizeLinear", "DequantizeLinear"),
)
# Behind these there are other numbers than those of the map.
ENDS = ("NonMaxSuppression", "TopK", "Shape", "Size")
IS_MAP, IS_WEIGHT, IS_EITHER = "map", "weight", "either"


class OnnxInputs(Record):
    """The network's inputs; `has_weights` says that the graph reads weights from outside, too."""

    inputs: tuple[OnnxInput, ...]
    has_weights: bool

    @property
    def shapes(self) -> dict[str, Shape]:
        """Their shapes by name; an only one is called `input`."""
        return dict(
            zip(input_names([one.name for one in self.inputs]), (one.shape for one in self.inputs))
        )


def inputs_of(model: ModelProto, source: Source) -> OnnxInputs:
    """The inputs of a network, those of the most axes first; raises DefinitionError without any."""
    return _Choice(model.graph).inputs(source)


class _Choice:
    """Tells the inputs of one graph apart."""

    def __init__(self, graph: GraphProto) -> None:
        self.layouts = InputLayouts(graph)
        weights = {tensor.name for tensor in graph.initializer}
        weights.update(tensor.values.name for tensor in graph.sparse_initializer)
        tensors = {one.name: one for one in graph.input if one.type.HasField("tensor_type")}
        self.given = [one for name, one in tensors.items() if name and name not in weights]
        self.names = ", ".join(quote(one.name) for one in list(graph.input)[:3]) or "none"

    def inputs(self, source: Source) -> OnnxInputs:
        """The inputs, laid out."""
        roles = {one.name: self._role(one) for one in self.given}
        has_weights = IS_WEIGHT in roles.values()
        maps = [one for one in self.given if VECTOR <= self._rank(one) <= MOST_AXES + 2]
        chosen = [one for one in maps if self._is_input(one, roles[one.name], has_weights)]
        chosen = chosen or [one for one in maps if roles[one.name] != IS_WEIGHT][:1] or maps[:1]
        if not chosen:
            raise source.refuse(
                f"it has no input that is a map or a vector; its inputs: {self.names}"
            )
        others = [self.layouts.input(one, is_first=False) for one in chosen]
        first = max(others, key=lambda one: len(one.shape))
        place = others.index(first)
        made = self.layouts.input(chosen[place])
        return OnnxInputs((made, *others[:place], *others[place + 1 :]), has_weights)

    def _rank(self, given: ValueInfoProto) -> int:
        return len(self.layouts.sizes(given))

    def _is_input(self, given: ValueInfoProto, role: str | None, has_weights: bool) -> bool:
        """Whether a tensor is one that people would call an input of the network."""
        rank, kind = self._rank(given), given.type.tensor_type.elem_type
        holds_numbers = (
            kind in FLOATS or (kind in PIXELS and rank > VECTOR) or (kind in WHOLE and rank >= MAP)
        )
        if not holds_numbers or role in (None, IS_WEIGHT):
            return False
        if has_weights:
            return role == IS_MAP
        return rank > VECTOR or self._is_computed_with(given.name)

    def _role(self, given: ValueInfoProto) -> str | None:
        """What the operators that read a tensor first take it for; None where none reads it."""
        rank, roles = self._rank(given), set()
        for node, name in self.layouts.reads(given.name, PASSED):
            kind = node.op_type
            for place in (place for place, read in enumerate(node.input) if read == name):
                if place in WEIGHTS.get(kind, ()) or (
                    rank == VECTOR and MATRICES.get(kind) == place
                ):
                    roles.add(IS_WEIGHT)
                elif place not in ASIDE.get(kind, ()):
                    roles.add(IS_MAP if kind in WEIGHTS else IS_EITHER)
        return next((role for role in (IS_WEIGHT, IS_MAP, IS_EITHER) if role in roles), None)

    def _is_computed_with(self, name: str) -> bool:
        """Whether a layer with weights computes with what comes of a tensor."""
        names, seen = [name], {name}
        while names:
            read = names.pop()
            for node in self.layouts.readers[read]:
                if node.op_type in WEIGHTS or node.op_type == "MatMul":
                    return True
                place = list(node.input).index(read)
                if node.op_type in ENDS or place in ASIDE.get(node.op_type, ()):
                    continue
                names += [output for output in node.output if output not in seen]
                seen.update(node.output)
        return False
