"""Keras' activations: layers of their own, and those within other layers."""

from __future__ import annotations

from math import prod
from typing import Any

from ...wording import quote
from ..builder import UNIT, Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS

LINEAR = ("linear", "identity")
KINDS = {
    **{name: name for name in ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish")},
    **{name: name for name in ("sigmoid", "hard_sigmoid", "tanh", "softmax", "log_softmax")},
    "swish": "silu",
    "hard_silu": "hard_swish",
    "hard_swish": "hard_swish",
}
# Of each number by itself too, but without a kind of their own.
FUNCTIONS = (
    *("selu", "celu", "softplus", "softsign", "squareplus", "exponential", "log_sigmoid"),
    *("hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", "threshold", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax"),
)


def _type_and_attributes(word: Any) -> tuple[str, dict[str, Any]]:
    """The type and attributes of an activation function, by its name or its serialized form."""
    if isinstance(word, dict) and word.get("class_name") == "function":
        word = word.get("config")
    if isinstance(word, dict) and isinstance(word.get("class_name"), str):
        values = word.get("config")
        return _of_class(word["class_name"], values if isinstance(values, dict) else {})
    if word is None or word in LINEAR:
        return "identity", {}
    if isinstance(word, str) and word in KINDS:
        return KINDS[word], {}
    if isinstance(word, str) and word in FUNCTIONS:
        return "function", {"operator": word}
    raise Unreadable(f"its activation {quote(word)} is none of Keras' own")


def _of_class(operator: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The type and attributes of an activation that is a layer without parameters."""

    def number(*names: str) -> Any:
        numbers = (values[name] for name in names if hasattr(values.get(name), "numerator"))
        return next(numbers, 0)

    slope, top = number("negative_slope", "alpha"), values.get("max_value")
    if operator == "ReLU":
        if number("threshold") or (slope and top is not None) or top not in (None, 6):
            return "function", {"operator": "clipped relu"}
        if slope:
            return "leaky_relu", {"negative_slope": slope}
        return ("relu" if top is None else "relu6"), {}
    others: dict[str, tuple[str, dict[str, Any]]] = {
        "LeakyReLU": ("leaky_relu", {"negative_slope": slope}),
        "ELU": ("elu", {"alpha": values["alpha"]} if number("alpha") else {}),
        "Softmax": ("softmax", {}),
        "ThresholdedReLU": ("function", {"operator": "threshold"}),
    }
    if operator not in others:
        raise Unreadable(f"its activation {quote(operator)} is none of Keras' own")
    return others[operator]


def with_activation(call: KerasCall, value: KerasValue) -> KerasValue:
    """What a layer gives after the activation within it, a layer of its own: `conv1.relu`."""
    type_name, attributes = _type_and_attributes(call.config.get("activation"))
    if type_name == "identity":
        return value
    return call.emit(type_name, [value], f".{type_name}", **attributes)


def activation(call: KerasCall) -> KerasValue:
    """An activation by name."""
    type_name, attributes = _type_and_attributes(call.config.get("activation"))
    return call.emit(type_name, [call.value], **attributes)


def activation_class(call: KerasCall) -> KerasValue:
    """An activation that has a class of its own."""
    type_name, attributes = _of_class(call.layer.operator, call.layer.values)
    return call.emit(type_name, [call.value], **attributes)


def function(call: KerasCall) -> KerasValue:
    """An activation called as an operation; its class is its name."""
    word = call.layer.operator
    name = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in word)
    type_name, attributes = _type_and_attributes(name.removeprefix("_"))
    return call.emit(type_name, [call.value], **attributes)


def prelu(call: KerasCall) -> KerasValue:
    """A learned slope below 0: one for all, or one per channel."""
    value = call.value
    shared = {place - 1 for place in call.config.wholes("shared_axes", [], least=1)}
    shape = call.net.shape(value)
    own = [axis for place, axis in enumerate(value.order) if place not in shared]
    if any(axis != CHANNELS and shape[1 + axis : 2 + axis] != (1,) for axis in own):
        dims = call.net.dims(value)
        slopes = prod(n for place, n in enumerate(dims) if place not in shared)
        return call.state(dims, order=value.order, params=slopes, reads=UNIT)
    return call.emit_weighted("prelu", value, per_channel=CHANNELS in own)


def dropout(call: KerasCall) -> KerasValue:
    """Any kind of dropout."""
    attributes = call.config.numbers(p="rate")
    if call.layer.operator.startswith("Spatial"):
        attributes["per_channel"] = True
    return call.emit("dropout", [call.value], **attributes)


def identity(call: KerasCall) -> KerasValue:
    """What changes numbers only in training, or by constants."""
    return call.emit("identity", [call.value])
