"""Keras' products of tensors: with a kernel by an equation, and of tensors with each other."""

from __future__ import annotations

from math import prod

from ..builder import Unreadable
from .activations import with_activation
from .call import KerasCall, KerasValue
from .shapes import dense_of

Sizes = dict[str, int]


def einsum_dense(call: KerasCall) -> KerasValue:
    """The product with a kernel by an equation; of the channels alone it is a dense layer."""
    config, value = call.config, call.value
    dims = call.net.dims(value)
    parts = str(config.get("equation")).replace(" ", "").replace("->", ",").split(",")
    if len(parts) != 3:
        raise config.refuse("equation must be as 'ab,bc->ac'")
    read, kernel, given = _spelled_out(parts, len(dims))
    sizes = dict(zip(read[1:], dims))
    wanted = config.get("output_shape")
    wanted = wanted if isinstance(wanted, list) else [wanted]
    # The shape is given from its end on; what the dots stand for is not among it.
    for letter, size in zip(reversed(given[1:]), reversed(wanted)):
        if size is not None and sizes.setdefault(letter, size) != size:
            raise config.refuse(f"output_shape gives {size} for '{letter}' of {sizes[letter]}")
    if not set(kernel + given[1:]) <= sizes.keys():
        raise config.refuse("equation has letters of which neither input nor output tells a size")
    bias = config.get("bias_axes")
    if kernel == read[-1:] + given[-1:] and given[:-1] == read[:-1] and bias in (None, given[-1]):
        return with_activation(call, dense_of(call, value, sizes[given[-1]], bias is not None))
    biases = prod(sizes[letter] for letter in bias or ()) if bias else 0
    params = prod(sizes[letter] for letter in kernel) + biases
    macs = prod(sizes[letter] for letter in set(kernel + given[1:] + read[1:]))
    out = [sizes[letter] for letter in given[1:]]
    return with_activation(call, call.state(out, params=params, macs=macs))


def _spelled_out(parts: list[str], rank: int) -> list[str]:
    """The parts of an equation with letters for their dots, of an input of so many dimensions."""
    letters = (chr(number) for number in range(ord("A"), ord("Z") + 1))
    spare = [letter for letter in letters if not any(letter in part for part in parts)]
    dotted = next((part.replace("...", "") for part in parts if "..." in part), None)
    count = 0 if dotted is None else rank + 1 - len(parts[0].replace("...", ""))
    parts = [part.replace("...", "".join(spare[:count])) for part in parts]
    if len(parts[0]) != rank + 1 or len(set(parts[0])) != len(parts[0]):
        raise Unreadable(f"its equation does not read {rank} dimensions and a batch")
    if parts[2][:1] != parts[0][0] or parts[0][0] in parts[1]:
        raise Unreadable("its equation has the batch elsewhere than first")
    return parts


def dot(call: KerasCall) -> KerasValue:
    """The products of two tensors, summed along an axis of either."""
    if len(call.values) != 2:
        raise Unreadable(f"it reads {len(call.values)} tensors where two are expected")
    dims = [call.net.dims(value) for value in call.values]
    axes = call.config.wholes("axes")
    pairs = list(zip(axes * 2 if len(axes) == 1 else axes, dims))
    places = [axis - 1 if axis > 0 else axis + len(own) for axis, own in pairs]
    if any(not 0 <= place < len(own) for place, own in zip(places, dims)):
        raise call.config.refuse(f"axes {axes} are none of its inputs'")
    summed = dims[0][places[0]]
    rest = [n for place, own in zip(places, dims) for i, n in enumerate(own) if i != place]
    return _product(call, rest or [1], prod(rest) * summed)


def matmul(call: KerasCall) -> KerasValue:
    """The product of matrices, of every one of their leading dimensions."""
    first, second = _two(call)
    lead = _broadcast(first[:-2], second[:-2])
    rows, inner, columns = first[-2], first[-1], second[-1]
    return _product(call, [*lead, rows, columns], prod(lead) * rows * inner * columns)


def einsum(call: KerasCall) -> KerasValue:
    """The product of two tensors by an equation."""
    dims = [call.net.dims(value) for value in call.values]
    parts = str(call.config.get("subscripts")).replace(" ", "").replace("->", ",").split(",")
    if len(dims) != 2 or len(parts) != 3 or any("." in part for part in parts):
        raise Unreadable("its equation is none of two tensors and a result")
    if any(len(part) != len(own) + 1 for part, own in zip(parts, dims)):
        raise Unreadable("its equation does not fit its inputs' dimensions")
    batch = {part[:1] for part in parts}
    sizes = {letter: n for part, own in zip(parts, dims) for letter, n in zip(part[1:], own)}
    if len(batch) != 1 or batch & sizes.keys() or not set(parts[2][1:]) <= sizes.keys():
        raise Unreadable("its equation has the batch elsewhere than first")
    return _product(call, [sizes[letter] for letter in parts[2][1:]], prod(sizes.values()))


def _product(call: KerasCall, dims: list[int], macs: int) -> KerasValue:
    return call.state(dims, macs=macs, num_products=macs)


def _two(call: KerasCall) -> list[list[int]]:
    dims = [call.net.dims(value) for value in call.values]
    if len(dims) != 2 or min(map(len, dims)) < 2 or dims[0][-1] != dims[1][-2]:
        raise Unreadable("it reads other than two tensors of matrices")
    return dims


def _broadcast(one: list[int], other: list[int]) -> list[int]:
    rank = max(len(one), len(other))
    padded = [[1] * (rank - len(dims)) + dims for dims in (one, other)]
    if any(1 not in pair and pair[0] != pair[1] for pair in zip(*padded)):
        raise Unreadable("its leading dimensions differ")
    return [max(pair) for pair in zip(*padded)]
