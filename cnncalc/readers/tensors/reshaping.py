"""Operators that give the same numbers under another shape, or in another order."""

from __future__ import annotations

from .call import Call
from .graph import Graph
from .layout import REPEATED, axes_in, reshaped_dims, whole
from .maps import flat_vector, lies_flat
from .values import Constant, Unreadable, Value


def same(graph: Graph, call: Call) -> Value | Constant:
    """The same numbers at the same places."""
    source = next(iter(call.arguments.values()))
    return _as_constant(call, source) if isinstance(source, Constant) else call.values()[0]


def _as_constant(call: Call, source: Constant) -> Constant:
    """A constant in the shape of another tensor."""
    return Constant(call.shape, source.names)


def view(graph: Graph, call: Call) -> Value | Constant:
    """Another shape. Where that makes a vector, flattening waits until something reads it."""
    value: Value | Constant = call["input"]
    if isinstance(value, Constant):
        return _as_constant(call, value)
    dims = reshaped_dims(value.dims, call.shape)
    if dims is None:
        raise Unreadable(f"it cuts {value.shape} unevenly into {call.shape}")
    made = value.but(dims=dims, scope=call.scope)
    copies = call.operator == "reshape" and len(dims) > 1 and _is_map_of_copies(graph, made)
    return graph.rearrangement(made, graph.axes) if copies else made


def _is_map_of_copies(graph: Graph, value: Value) -> bool:
    """Whether channels of a map are copies of each other, which no view gives."""
    channels, *axes = map(axes_in, value.dims[1:])
    return (
        len(axes) == graph.axes
        and REPEATED in channels
        and len(channels) > 1
        and all(found <= {axis} or found == {REPEATED} for axis, found in enumerate(axes))
    )


def flatten(graph: Graph, call: Call) -> Value | Constant:
    """Another shape; with all of a map in its second dimension it is a flatten layer at once."""
    made = view(graph, call)
    if isinstance(made, Constant) or not lies_flat(made):
        return made
    return flat_vector(graph, made, graph.names.of(call, "flatten"))


def permute(graph: Graph, call: Call) -> Value:
    """The dimensions in another order."""
    value: Value = call["input"]
    rank = len(value.dims)
    return _reorder(call, value, [dim % rank for dim in call["dims"]])


def transpose(graph: Graph, call: Call) -> Value:
    """Two dimensions exchanged: the given ones, or those of a matrix."""
    value: Value = call["input"]
    order = list(range(len(value.dims)))
    keys = ("axis0", "axis1") if "axis0" in call.arguments else ("dim0", "dim1")
    one, other = (call.arguments.get(key, place) for key, place in zip(keys, (0, -1)))
    order[one], order[other] = order[other], order[one]
    return _reorder(call, value, order)


def moved_dimensions(graph: Graph, call: Call) -> Value:
    """Dimensions moved to other places."""
    value: Value = call["input"]
    rank = len(value.dims)
    sources, targets = (
        [one] if isinstance(one, int) else one for one in (call["source"], call["destination"])
    )
    places = {to % rank: dim % rank for dim, to in zip(sources, targets)}
    rest = iter(dim for dim in range(rank) if dim not in places.values())
    return _reorder(call, value, [places[at] if at in places else next(rest) for at in range(rank)])


def _reorder(call: Call, value: Value, order: list[int]) -> Value:
    return value.but(dims=tuple(value.dims[dim] for dim in order), scope=call.scope)


def squeeze(graph: Graph, call: Call) -> Value:
    """Without dimensions of size 1, all or the given ones."""
    value: Value = call["input"]
    rank = len(value.dims)
    dropped = call.arguments.get("dim", list(range(rank)))
    at_all = {dim % rank for dim in (dropped if isinstance(dropped, list) else [dropped])}
    dims = tuple(dim for at, dim in enumerate(value.dims) if dim or at not in at_all)
    return value.but(dims=dims, scope=call.scope)


def unsqueeze(graph: Graph, call: Call) -> Value:
    """With dimensions of size 1 more, at one place or at several."""
    value: Value = call["input"]
    places = call["dim"] if isinstance(call["dim"], list) else [call["dim"]]
    dims = list(value.dims)
    rank = len(dims) + len(places)
    for place in sorted(place % rank for place in places):
        dims.insert(place, ())
    return value.but(dims=tuple(dims), scope=call.scope)


def expand(graph: Graph, call: Call) -> Value | Constant:
    """Dimensions of size 1 repeated."""
    value: Value | Constant = call["input"]
    if isinstance(value, Constant):
        return _as_constant(call, value)
    dims = ((),) * (len(call.shape) - len(value.dims)) + value.dims
    repeated = tuple(dim or whole(REPEATED, size) for dim, size in zip(dims, call.shape))
    return value.but(dims=repeated, scope=call.scope)
