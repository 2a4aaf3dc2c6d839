"""Keras' layers that wrap another one."""

from __future__ import annotations

from contextlib import suppress

from ..builder import UNIT, Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS, axes_of
from .model import KerasLayer

# Layers that work on each unit by itself, whose channels stay last.
UNIT_BY_UNIT = (
    *("Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout", "Rescaling"),
    *("BatchNormalization", "LayerNormalization", "RMSNormalization", "Identity", "LayerScale"),
)


# What these classes say of their axes: it is told of time, too, that it stays as it is.
FIRST = "channels_first"
PER_AXIS = {
    "Conv": ("kernel_size", "strides", "dilation_rate"),
    **dict.fromkeys(("MaxPooling", "AveragePooling"), ("pool_size", "strides")),
    "UpSampling": ("size",),
}


def _along_time(inner: KerasLayer) -> KerasLayer | None:
    """The layer of one axis more that does the same at every step of time; None for others."""
    stem, axes = inner.operator[:-2], axes_of(inner.operator)
    if stem not in PER_AXIS or axes > 2 or inner.foreign is not None:
        return None
    values = dict(inner.values)
    for key in PER_AXIS[stem]:
        own = values.get(key)
        if own is not None:
            values[key] = [1, *(own if isinstance(own, list) else [own] * axes)]
    return inner.but(operator=f"{stem}{axes + 1}D", values=values)


def time_distributed(call: KerasCall) -> KerasValue | list[KerasValue]:
    """A layer, or a model, applied to every step of time with the same parameters."""
    inner, value = call.inner_layer(), call.value
    last = inner.values.get("axis", -1) in (-1, [-1]) and value.order[-1] == CHANNELS
    if inner.operator in UNIT_BY_UNIT and inner.foreign is None and last:
        return call.reader.read(call.but(layer=inner))
    stretched = _along_time(inner)
    if stretched is not None and last and inner.values.get("data_format") != FIRST:
        with suppress(Unreadable):
            return call.reader.read(call.but(layer=stretched))
    steps, *dims = call.net.dims(value)
    if not dims:
        raise Unreadable("it reads a vector, which has no steps of time")
    one = call.reader.measure(inner, dims)
    return call.state(
        [steps, *one.dims],
        params=one.params,
        num_buffers=one.buffers,
        macs=steps * one.macs,
        num_products=steps * one.products,
    )


def spectral_norm(call: KerasCall) -> list[KerasValue]:
    """A layer whose kernel is divided by an estimate of its norm, which a vector is kept for."""
    inner = call.inner_layer()
    names = ("filters", "units", "output_dim")
    kept = next((inner.values[name] for name in names if name in inner.values), None)
    if inner.foreign is not None or not isinstance(kept, int):
        raise Unreadable(f"the kernel of {inner.operator} is not known here")
    given = call.reader.read(call.but(layer=inner))
    made = call.state(
        call.net.dims(given[0]),
        given[:1],
        ".vector_u",
        given[0].order,
        params=0,
        num_buffers=kept,
        reads=UNIT,
    )
    return [made]
