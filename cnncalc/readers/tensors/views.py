"""Operators that give the same numbers under another shape, or in another order."""

from __future__ import annotations

from typing import Any

from ..pytorch.names import place
from .call import Call
from .graph import Graph, Handler
from .layout import REPEATED, reshaped, whole
from .maps import flattened, lies_flat
from .values import Constant, Unreadable, Value

FLATTEN_MODULE = "torch.nn.modules.flatten.Flatten"


def same(graph: Graph, call: Call) -> Value | Constant:
    """The same numbers at the same places."""
    given = next(iter(call.arguments.values()))
    return _constant(call, given) if isinstance(given, Constant) else call.values()[0]


def _constant(call: Call, given: Constant) -> Constant:
    """A constant in the shape of another tensor."""
    return Constant(call.shape, given.names)


def view(graph: Graph, call: Call) -> Value | Constant:
    """Another shape. Where that makes a vector, flattening waits until something reads it."""
    value: Value | Constant = call["self"]
    if isinstance(value, Constant):
        return _constant(call, value)
    dims = reshaped(value.dims, call.shape)
    if dims is None:
        raise Unreadable(f"it cuts {value.shape} unevenly into {call.shape}")
    made = value.but(dims=dims, scope=call.scope)
    if place(call.node)[2] == FLATTEN_MODULE and not made.is_vector and lies_flat(made):
        return flattened(graph, made, graph.names.of(call.node, "flatten"))
    return made


def permute(graph: Graph, call: Call) -> Value:
    """The dimensions in another order."""
    value: Value = call["self"]
    rank = len(value.dims)
    order = list(range(rank))
    if call.operator == "permute":
        order = [dim % rank for dim in call["dims"]]
    elif call.operator == "t":
        order.reverse()
    else:
        one, other = call["dim0"] % rank, call["dim1"] % rank
        order[one], order[other] = other, one
    return value.but(dims=tuple(value.dims[dim] for dim in order), scope=call.scope)


def moved(graph: Graph, call: Call) -> Value:
    """Dimensions moved to other places."""
    value: Value = call["self"]
    rank = len(value.dims)
    given, wanted = (
        [one] if isinstance(one, int) else one for one in (call["source"], call["destination"])
    )
    places = {to % rank: dim % rank for dim, to in zip(given, wanted)}
    rest = iter(dim for dim in range(rank) if dim not in places.values())
    order = [places[at] if at in places else next(rest) for at in range(rank)]
    return value.but(dims=tuple(value.dims[dim] for dim in order), scope=call.scope)


def squeeze(graph: Graph, call: Call) -> Value:
    """Without dimensions of size 1, all or the given ones."""
    value: Value = call["self"]
    rank = len(value.dims)
    given = call.arguments.get("dim", list(range(rank)))
    asked = {dim % rank for dim in (given if isinstance(given, list) else [given])}
    dims = tuple(dim for at, dim in enumerate(value.dims) if dim or at not in asked)
    return value.but(dims=dims, scope=call.scope)


def unsqueeze(graph: Graph, call: Call) -> Value:
    """With a dimension of size 1 more."""
    value: Value = call["self"]
    at = call["dim"] % (len(value.dims) + 1)
    dims = (*value.dims[:at], (), *value.dims[at:])
    return value.but(dims=dims, scope=call.scope)


def expand(graph: Graph, call: Call) -> Any:
    """Dimensions of size 1 repeated."""
    value: Value | Constant = call["self"]
    shape = call.shape
    if isinstance(value, Constant):
        return _constant(call, value)
    dims = ((),) * (len(shape) - len(value.dims)) + value.dims
    made = tuple(dim or whole(REPEATED, size) for dim, size in zip(dims, shape))
    return value.but(dims=made, scope=call.scope)


VIEWS: dict[str, Handler] = {
    **dict.fromkeys(
        ("view", "reshape", "flatten", "unflatten", "_unsafe_view", "view_as", "reshape_as"), view
    ),
    **dict.fromkeys(("permute", "transpose", "t"), permute),
    "movedim": moved,
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    **dict.fromkeys(("expand", "expand_as"), expand),
    **dict.fromkeys(
        (
            *("contiguous", "clone", "detach", "alias", "to", "type_as", "_to_copy"),
            *("float", "half", "double", "bfloat16", "lift_fresh_copy"),
        ),
        same,
    ),
}
