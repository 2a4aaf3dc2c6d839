"""Shapes that ONNX itself infers, for what no rule here computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..tensors.values import Unreadable, Value
from .constants import FLOAT, INT64, Array, origin

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto, TypeProto

    from .node import OnnxNode


Shape = tuple[int, ...]
DATA = {INT64: int, FLOAT: float}


def constants(node: OnnxNode, model: ModelProto) -> list[Array | None]:
    """What a node makes of constants whose numbers are not read; raises Unreadable.

    Statistics of a weight are no weights.
    """
    statistic = node.operator.startswith("Reduce")
    arrays = [one for one in node.inputs if isinstance(one, Array) and not statistic]
    made_of = origin(node.operator, arrays)
    made = [
        None if shape is None else Array(shape, dtype=kind.tensor_type.elem_type, **made_of)
        for kind, shape in zip(_types(node, model), shapes(node, model))
    ]
    if not made or made[0] is None:
        raise Unreadable("the shape of what it computes from constants is not known")
    return made


def shapes(node: OnnxNode, model: ModelProto) -> list[Shape | None]:
    """The shapes of a node's outputs, None where they cannot be inferred."""
    return [_shape(kind) for kind in _types(node, model)]


def stated_shapes(graph: GraphProto, starts: dict[str, Shape]) -> dict[str, Shape]:
    """The shapes that a file tells of its tensors, none where it tells another of an input.

    Sizes that go by a name there are those of the inputs that have it.
    """
    symbols: dict[str, int] = {}
    for one in graph.input:
        for dim, size in zip(one.type.tensor_type.shape.dim, starts.get(one.name, ())):
            if dim.dim_value > 0 and dim.dim_value != size:
                return {}
            if dim.dim_param and symbols.setdefault(dim.dim_param, size) != size:
                return {}
    told = {
        one.name: [dim.dim_value or symbols.get(dim.dim_param, 0) for dim in tensor.shape.dim]
        for one in (*graph.value_info, *graph.output)
        if (tensor := one.type.tensor_type).HasField("shape")
    }
    return {name: tuple(shape) for name, shape in told.items() if min(shape, default=1) > 0}


def _shape(kind: TypeProto) -> tuple[int, ...] | None:
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        return None
    dims = list(tensor.shape.dim)
    known = all(dim.HasField("dim_value") and dim.dim_value >= 0 for dim in dims)
    return tuple(dim.dim_value for dim in dims) if known else None


def _types(node: OnnxNode, model: ModelProto) -> list[Any]:
    """The inferred types of a node's outputs, empty ones where ONNX cannot tell."""
    from onnx import TypeProto, defs
    from onnx.checker import ValidationError
    from onnx.shape_inference import InferenceError, infer_node_outputs

    # ONNX allocates what a Split says that it gives.
    count = node.attributes.get("num_outputs")
    excessive = count is not None and count.i > len(node.outputs)
    known = all(given is None or isinstance(given, (Value, Array)) for given in node.inputs)
    if excessive or not known:
        return [TypeProto() for _ in node.outputs]
    versions = {one.domain or "": one.version for one in model.opset_import}
    proto = node.proto
    try:
        schema = defs.get_schema(proto.op_type, versions.get(proto.domain, 1), proto.domain)
        types, data = _inputs(node)
        made = infer_node_outputs(schema, proto, types, data, None, list(model.opset_import))
    except (
        *(defs.SchemaError, InferenceError, ValidationError),
        *(RuntimeError, ValueError, TypeError, OverflowError, MemoryError),
    ):
        made = {}
    return [made.get(name, TypeProto()) for name in node.outputs]


def _inputs(node: OnnxNode) -> tuple[dict[str, TypeProto], dict[str, TensorProto]]:
    from onnx import helper

    types, data = {}, {}
    for name, given in zip(node.proto.input, node.inputs):
        if isinstance(given, Value):
            types[name] = helper.make_tensor_type_proto(FLOAT, given.shape)
        elif isinstance(given, Array):
            types[name] = helper.make_tensor_type_proto(given.dtype, given.shape)
            numbers = None if given.numbers is None else list(given.numbers.flat)
            if given.dtype in DATA and numbers is not None and None not in numbers:
                exact = list(map(DATA[given.dtype], numbers))
                data[name] = helper.make_tensor(name, given.dtype, given.shape, exact)
    return types, data
