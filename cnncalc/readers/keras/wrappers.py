"""Keras' layers that wrap another one."""

from __future__ import annotations

from ..builder import UNIT, Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS

# Layers that work on each unit by itself, whose channels stay last.
UNIT_BY_UNIT = (
    *("Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout", "Rescaling"),
    *("BatchNormalization", "LayerNormalization", "RMSNormalization", "Identity", "LayerScale"),
)


def time_distributed(call: KerasCall) -> KerasValue | list[KerasValue]:
    """A layer, or a model, applied to every step of time with the same parameters."""
    inner, value = call.inner_layer(), call.value
    last = inner.values.get("axis", -1) in (-1, [-1]) and value.order[-1] == CHANNELS
    if inner.operator in UNIT_BY_UNIT and inner.foreign is None and last:
        return call.reader.read(call.but(layer=inner))
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
