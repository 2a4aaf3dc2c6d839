"""Caffe's layers that give the same numbers other axes: Permute, Flatten, Reshape.

Maps have their channels first here whatever a Permute does; its order is kept beside the blob. A
blob of other dimensions than the data's is a vector: what its axes are matters to no figure.
"""

from __future__ import annotations

from math import prod

from ...layers.base import product
from ...record import Record
from .entry import CaffeLayer
from .net import CaffeNet
from .prototxt_message import Message
from .shapes import CHANNELS, axis_of, rank_of

LEFT = -1


class Dim(Record):
    """A dimension that a Reshape asks for: a number, LEFT for what is left, or an axis kept."""

    number: int
    axis: int | None = None


def permute(net: CaffeNet, layer: CaffeLayer) -> None:
    """Another order of the axes."""
    param = layer.param("permute_param", ("order",))
    source = net.only(layer, any_order=True)
    rank = rank_of(net, source)
    front = param.wholes("order")
    order = [*front, *(axis for axis in range(rank) if axis not in front)]
    before = net.blob(layer).order
    if sorted(order) != list(range(rank)) or before == ():
        raise layer.refuse(f"order {front} does not name each of {rank} axes once", param.line)
    if order[0] != 0:
        raise layer.refuse("the batch must stay first: order 0, …", param.line)
    moved = tuple(before[axis] if before else axis for axis in order)
    net.add(layer, "identity", [source], None if moved == tuple(range(rank)) else moved)


def flatten(net: CaffeNet, layer: CaffeLayer) -> None:
    """A vector of all numbers."""
    param = layer.param("flatten_param", ("axis", "end_axis"))
    source = net.only(layer, any_order=True)
    rank = rank_of(net, source)
    first = axis_of(param, rank, CHANNELS, "axis")
    last = axis_of(param, rank, rank - 1, "end_axis")
    if first == CHANNELS and last == rank - 1:
        net.add(layer, "flatten", [source])
        return
    if not 1 <= first <= last < rank:
        raise layer.refuse("it flattens the batch, or axes that are none", param.line)
    source = net.only(layer)
    shape = net.builder.known_shape(source)
    joined = prod(shape[first - 1 : last])
    net.add_stated(layer, (*shape[: first - 1], joined, *shape[last:]), [source])


def reshape(net: CaffeNet, layer: CaffeLayer) -> None:
    """The same numbers as another map, or as a vector; the batch must stay."""
    param = layer.param("reshape_param", ("shape", "axis", "num_axes"))
    source = net.only(layer, any_order=True)
    order = net.blob(layer).order
    batch, *dims = _dims(layer, param, rank_of(net, source))
    kept = [dim.axis is not None for dim in dims]
    if (any(kept) and order is not None) or (batch.axis is None and order):
        raise layer.refuse("dimensions of moved axes cannot be kept; write them out", param.line)
    if not _keeps_batch(net, source, batch, dims):
        raise layer.refuse("the batch must stay as it is: dim: 0 first", param.line)
    if len(dims) == 1 and dims[0].number == LEFT:
        net.add(layer, "flatten", [source])
    elif len(dims) in (1, net.axes + 1) and not order:
        shape = [_target(net, layer, source, place, dim) for place, dim in enumerate(dims)]
        net.add(layer, "reshape", [source], shape=shape)
    elif len(dims) == net.axes + 1:
        raise layer.refuse("moved axes cannot become a map again", param.line)
    else:
        net.add(layer, "flatten", [source], None if len(dims) == 1 else ())


def _dims(layer: CaffeLayer, param: Message, rank: int) -> list[Dim]:
    """All dimensions asked for, the batch first."""
    numbers = param.message("shape").wholes("dim", least=LEFT)
    first = axis_of(param, rank + 1, 0, "axis")
    covered = param.whole("num_axes", LEFT, least=LEFT)
    last = rank if covered == LEFT else first + covered
    asked = [Dim(n, None if n else first + place) for place, n in enumerate(numbers)]
    past = any(dim.axis is not None and dim.axis >= rank for dim in asked)
    if past or not 0 <= first <= last <= rank:
        raise layer.refuse(f"it reaches past the {rank} dimensions of its input", param.line)
    dims = [Dim(0, axis) for axis in range(first)] + asked
    dims += [Dim(0, axis) for axis in range(last, rank)]
    if len(dims) < 2:
        raise layer.refuse("shape must give a batch and at least one dimension", param.line)
    return dims


def _keeps_batch(net: CaffeNet, source: str, batch: Dim, dims: list[Dim]) -> bool:
    """Whether the batch surely stays: kept, equal, or all that the other dimensions leave."""
    if batch.axis == 0 or (batch.number == net.batch and batch.axis is None):
        return True
    shape = net.shape(source)
    numbers = [dim.number if dim.axis is None else shape[dim.axis - 1] for dim in dims]
    return LEFT not in numbers and None not in shape and product(numbers) == product(shape)


def _target(net: CaffeNet, layer: CaffeLayer, source: str, place: int, dim: Dim) -> int:
    """A dimension as the definition gives it: 0 keeps the number at its own place."""
    if dim.axis is None:
        return dim.number
    if dim.axis == place + 1:
        return 0
    channels = net.shape(source)[0] if dim.axis == CHANNELS else None
    if channels is None:
        raise layer.refuse(f"axis {dim.axis} cannot be kept at place {place + 1}; write it out")
    return channels
