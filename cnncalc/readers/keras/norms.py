"""Keras' normalizations: what training changes are parameters, what it keeps are buffers."""

from __future__ import annotations

from typing import Any

from .call import Call, Value
from .config import Unreadable
from .shapes import holds_channels


def _along_channels(call: Call) -> Value:
    value = call.value
    if not holds_channels(call.config.get("axis", -1), value.order):
        raise Unreadable("its axis is not that of the channels alone")
    return value


def _eps(call: Call) -> dict[str, Any]:
    eps = call.config.number("epsilon", None)
    return {} if eps is None else {"eps": eps}


def _affine(call: Call, type_name: str, value: Value, **attributes: Any) -> Value:
    """A normalization; with only a gamma or only a beta, a layer of these numbers follows."""
    config = call.config
    scaled, centred = config.flag("scale", True), config.flag("center", True)
    attributes.update(_eps(call))
    if scaled == centred:
        return call.emit_weighted(type_name, value, affine=scaled, **attributes)
    made = call.emit_weighted(type_name, value, affine=False, **attributes)
    suffix = ".gamma" if scaled else ".beta"
    return call.emit_weighted("scale", made, suffix, bias=False)


def batch_norm(call: Call) -> Value:
    """Batch normalization; its moving mean and variance are buffers."""
    return _affine(call, "batch_norm", _along_channels(call))


def layer_norm(call: Call) -> Value:
    """Normalization of the channels of each unit; rms_scaling has no beta."""
    value = _along_channels(call)
    if not call.config.flag("rms_scaling", False):
        return _affine(call, "layer_norm", value)
    made = call.emit_weighted("layer_norm", value, affine=False, **_eps(call))
    return call.emit_weighted("scale", made, ".gamma", bias=False)


def rms_norm(call: Call) -> Value:
    """Normalization of the channels of each unit by their mean square, then a gamma."""
    value = _along_channels(call)
    made = call.emit_weighted("layer_norm", value, affine=False, **_eps(call))
    return call.emit_weighted("scale", made, ".gamma", bias=False)


def group_norm(call: Call) -> Value:
    """Normalization of groups of channels; −1 groups are one for each."""
    value = _along_channels(call)
    groups = call.config.whole("groups", 32, least=-1)
    if groups == -1:
        return _affine(call, "instance_norm", value)
    return _affine(call, "group_norm", value, num_groups=groups)


def normalization(call: Call) -> Value:
    """Data normalized by what it adapted to, or by a mean and a variance that are given."""
    if call.config.get("mean") is not None:
        return call.emit("identity", [call.value])
    value = _along_channels(call)
    return call.emit_weighted("batch_norm", value, affine=False)


def layer_scale(call: Call) -> Value:
    """A learned factor per channel, as keras.applications' ConvNeXt has it, and maybe a bias."""
    bias = call.config.flag("use_bias", False)
    return call.emit_weighted("scale", call.value, bias=bias)


def local_response_norm(call: Call) -> Value:
    """Local response normalization, as files that this program exports define it."""
    given = {name: call.config.number(name, None) for name in ("size", "alpha", "beta", "k")}
    named = {name: value for name, value in given.items() if value is not None}
    return call.emit("lrn", [_along_channels(call)], **named)
