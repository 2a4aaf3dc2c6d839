"""Keras' recurrent layers: parameters as Keras counts them, MACs of all steps of time."""

from __future__ import annotations

from math import prod

from ...record import Record
from ..builder import ALL, Unreadable
from .call import KerasCall, KerasValue
from .config import Config
from .input import axes_of, default_order
from .model import KerasLayer

# What each gate of a cell has: a kernel, a recurrent kernel and a bias.
GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
MERGES = ("concat", "sum", "mul", "ave")


class Pass(Record):
    """A pass over a sequence: dimensions of the output and of the states, parameters and MACs."""

    dims: list[int]
    states: list[list[int]]
    params: int
    macs: int


def recurrent(call: KerasCall) -> KerasValue | list[KerasValue]:
    """A pass over a sequence from one end to the other."""
    one = _pass(call, call.layer)
    whole = call.config.flag("return_sequences", False)
    first = call.state(one.dims, reads=None if whole else ALL, params=one.params, macs=one.macs)
    return [first, *_states(call, one.states)]


def _states(call: KerasCall, states: list[list[int]]) -> list[KerasValue]:
    """The states behind the output, where the layer returns them."""
    return [call.state(dims, suffix=f".state{n}") for n, dims in enumerate(states, start=1)]


def bidirectional(call: KerasCall) -> KerasValue | list[KerasValue]:
    """Two passes, from either end, and their outputs merged."""
    forward = _pass(call, call.inner_layer())
    other = call.layer.values.get("backward_layer")
    back = _pass(call, call.inner_layer("backward_layer")) if other is not None else forward
    mode = call.config.get("merge_mode")
    if mode is not None and mode not in MERGES:
        raise call.config.refuse(f"merge_mode must be one of {', '.join(MERGES)} or null")
    dims = list(forward.dims)
    if mode == "concat":
        dims[-1] += back.dims[-1]
    first = call.state(
        dims, reads=ALL, params=forward.params + back.params, macs=forward.macs + back.macs
    )
    second = [] if mode is not None else [call.state(back.dims, suffix=".backward")]
    return [first, *second, *_states(call, forward.states + back.states)]


def _pass(call: KerasCall, layer: KerasLayer) -> Pass:
    dims = call.net.dims(call.values[0])
    config = Config(call.net.builder.source, call.name, layer.values)
    if layer.operator.startswith("ConvLSTM"):
        return _convolutional(call, config, layer.operator, dims)
    if layer.foreign is not None or len(dims) != 2:
        raise Unreadable("it reads no sequence of numbers, or has cells that are not Keras'")
    steps, features = dims
    params = macs = 0
    states = []
    for cell in _cells(call, layer):
        name, units = cell.operator.removesuffix("Cell"), cell.values.get("units")
        if name not in GATES or cell.foreign is not None or not isinstance(units, int):
            raise Unreadable(f"its cell {cell.operator} is not known")
        own = Config(call.net.builder.source, call.name, cell.values)
        gates = GATES[name] * own.whole("units")
        # A GRU that resets after its product has a bias for either product.
        biases = 1 + (name == "GRU" and own.flag("reset_after", True))
        params += gates * (features + units + biases * own.flag("use_bias", True))
        macs += steps * gates * (features + units)
        states += [[units]] * (1 + (name == "LSTM"))
        features = units
    whole, told = config.flag("return_sequences", False), config.flag("return_state", False)
    out = [steps, features] if whole else [features]
    return Pass(out, states if told else [], params, macs)


def _cells(call: KerasCall, layer: KerasLayer) -> list[KerasLayer]:
    """The cells of a layer, one after the other; it is a cell itself where it is no RNN."""
    if layer.operator != "RNN":
        return [layer]
    inner = call.but(layer=layer)
    cell = layer.values.get("cell")
    listed = isinstance(cell, list)
    stacked = layer if listed else inner.inner_layer("cell")
    cells = cell if listed else stacked.values.get("cells")
    if not isinstance(cells, list):
        return [stacked]
    places = range(len(cells))
    within = stacked.but(values={str(place): cells[place] for place in places})
    return [call.but(layer=within).inner_layer(str(place)) for place in places]


def _convolutional(call: KerasCall, config: Config, operator: str, dims: list[int]) -> Pass:
    """An LSTM whose products are convolutions; that of its state keeps the state's size."""
    axes = axes_of(operator)
    if len(dims) != axes + 2:
        raise Unreadable(f"it reads {len(dims)} dimensions where {axes + 2} are expected")
    default = "channels_first" if call.net.channels_first else "channels_last"
    word = config.word("data_format", default, "channels_first", "channels_last")
    order = default_order(axes, word == "channels_first")
    named = dict(zip(order, dims[1:]))
    channels = named.pop(order[order.index(-1)])
    filters, kernel = config.whole("filters"), config.per_axis("kernel_size", axes)
    strides = config.per_axis("strides", axes, 1)
    dilation = config.per_axis("dilation_rate", axes, 1)
    same = config.word("padding", "valid", "valid", "same") == "same"
    sizes = [
        -(-named[axis] // s) if same else (named[axis] - d * (k - 1) - 1) // s + 1
        for axis, (k, s, d) in enumerate(zip(kernel, strides, dilation))
    ]
    if min(sizes) < 1:
        raise config.refuse(f"kernel_size {kernel} is larger than its input")
    weights = 4 * filters * (channels + filters) * prod(kernel)
    params = weights + 4 * filters * config.flag("use_bias", True)
    out = [filters if axis < 0 else sizes[axis] for axis in order]
    steps = dims[:1] if config.flag("return_sequences", False) else []
    states = [out, out] if config.flag("return_state", False) else []
    return Pass([*steps, *out], states, params, dims[0] * weights * prod(sizes))
