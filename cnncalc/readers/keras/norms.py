"""Keras' normalizations: what training changes are parameters, what it keeps are buffers."""

from __future__ import annotations

from math import prod
from typing import Any

from ..builder import ALL, UNIT, Unreadable
from .call import KerasCall, KerasValue
from .shapes import holds_channels


def _along_channels(call: KerasCall) -> KerasValue:
    value = call.value
    if not holds_channels(call.config.get("axis", -1), value.order):
        raise Unreadable("its axis is not that of the channels alone")
    return value


def _affine(call: KerasCall, type_name: str, value: KerasValue, **attributes: Any) -> KerasValue:
    """A normalization; with only a gamma or only a beta, a layer of these numbers follows."""
    config = call.config
    scaled, centred = config.flag("scale", True), config.flag("center", True)
    attributes.update(call.config.numbers(eps="epsilon"))
    if scaled == centred:
        return call.emit_weighted(type_name, value, affine=scaled, **attributes)
    normal = call.emit_weighted(type_name, value, affine=False, **attributes)
    return call.emit_weighted("scale", normal, ".gamma" if scaled else ".beta", bias=False)


def _along_others(
    call: KerasCall, buffers: int = 0, learned: tuple[str, ...] = ("scale", "center")
) -> KerasValue:
    """A normalization along other dimensions than the channels, or along none: a factor and a
    shift for each number along them, as far as they are learned, and so many buffers."""
    config, value = call.config, call.value
    dims, rank = call.net.dims(value), len(value.order)
    axes = [] if config.values.get("axis", -1) is None else config.wholes("axis", -1)
    places = {axis - 1 if axis > 0 else axis + rank for axis in axes}
    if not places <= set(range(rank)):
        raise config.refuse(f"axis {axes} is none of the {rank} dimensions behind the batch")
    width = prod(dims[place] for place in places)
    numbers = sum(config.flag(name, True) for name in learned)
    whole = set(range(call.net.axes_of(value))) <= {value.order[place] for place in places}
    reads = UNIT if buffers else ALL if whole else None
    return call.state(
        dims, order=value.order, params=width * numbers, num_buffers=width * buffers, reads=reads
    )


def unit_norm(call: KerasCall) -> KerasValue:
    """Length of each unit made 1."""
    value = call.value
    own = holds_channels(call.config.get("axis", -1), value.order)
    return call.state(call.net.dims(value), order=value.order, reads=UNIT if own else None)


def batch_norm(call: KerasCall) -> KerasValue:
    """Batch normalization; its moving mean and variance are buffers."""
    if not holds_channels(call.config.get("axis", -1), call.value.order):
        return _along_others(call, buffers=2)
    return _affine(call, "batch_norm", _along_channels(call))


def layer_norm(call: KerasCall) -> KerasValue:
    """Normalization of the channels of each unit; rms_scaling has no beta."""
    if call.config.flag("rms_scaling", False):
        return rms_norm(call)
    if not holds_channels(call.config.get("axis", -1), call.value.order):
        return _along_others(call)
    value = _along_channels(call)
    return _affine(call, "layer_norm", value)


def rms_norm(call: KerasCall) -> KerasValue:
    """Normalization of the channels of each unit by their mean square, then a gamma."""
    value = _along_channels(call)
    eps = call.config.numbers(eps="epsilon")
    normal = call.emit_weighted("layer_norm", value, affine=False, **eps)
    return call.emit_weighted("scale", normal, ".gamma", bias=False)


def group_norm(call: KerasCall) -> KerasValue:
    """Normalization of groups of channels; −1 groups are one for each."""
    value = _along_channels(call)
    groups = call.config.whole("groups", 32, least=-1)
    if groups == -1:
        return _affine(call, "instance_norm", value)
    return _affine(call, "group_norm", value, num_groups=groups)


def normalization(call: KerasCall) -> KerasValue:
    """Data normalized by what it adapted to, or by a mean and a variance that are given."""
    if call.config.get("mean") is not None:
        return call.emit("identity", [call.value])
    if not holds_channels(call.config.values.get("axis", -1), call.value.order):
        return _along_others(call, buffers=2, learned=())
    return call.emit_weighted("batch_norm", call.value, affine=False)


def layer_scale(call: KerasCall) -> KerasValue:
    """A learned factor per channel, as keras.applications' ConvNeXt has it, and maybe a bias."""
    bias = call.config.flag("use_bias", False)
    return call.emit_weighted("scale", call.value, bias=bias)


def local_response_norm(call: KerasCall) -> KerasValue:
    """Local response normalization, as files that this program exports define it."""
    numbers = call.config.numbers(size="size", alpha="alpha", beta="beta", k="k")
    return call.emit("lrn", [_along_channels(call)], **numbers)
