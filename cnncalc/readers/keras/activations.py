"""Keras' activations: layers of their own, and those within other layers."""

from __future__ import annotations

from typing import Any

from ...wording import quote
from .call import Call, Value
from .config import Unreadable
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


def named(call: Call, given: Any) -> tuple[str, dict[str, Any]]:
    """The type and attributes of an activation function, by its name or its serialized form."""
    if isinstance(given, dict) and given.get("class_name") == "function":
        given = given.get("config")
    if isinstance(given, dict) and isinstance(given.get("class_name"), str):
        values = given.get("config")
        return _of_class(given["class_name"], values if isinstance(values, dict) else {})
    if given is None or given in LINEAR:
        return "identity", {}
    if isinstance(given, str) and given in KINDS:
        return KINDS[given], {}
    if isinstance(given, str) and given in FUNCTIONS:
        return "function", {"operator": given}
    raise Unreadable(f"its activation {quote(given)} is none of Keras' own")


def _of_class(operator: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The type and attributes of an activation that is a layer without parameters."""

    def number(*names: str) -> Any:
        given = [values[name] for name in names if hasattr(values.get(name), "numerator")]
        return given[0] if given else 0

    slope, top = number("negative_slope", "alpha"), values.get("max_value")
    if operator == "ReLU":
        if number("threshold") or (slope and top is not None) or top not in (None, 6):
            return "function", {"operator": "clipped relu"}
        if slope:
            return "leaky_relu", {"negative_slope": slope}
        return ("relu" if top is None else "relu6"), {}
    if operator == "LeakyReLU":
        return "leaky_relu", {"negative_slope": slope}
    if operator == "ELU":
        return "elu", {"alpha": values["alpha"]} if number("alpha") else {}
    if operator == "Softmax":
        return "softmax", {}
    if operator == "ThresholdedReLU":
        return "function", {"operator": "threshold"}
    raise Unreadable(f"its activation {quote(operator)} is none of Keras' own")


def followed(call: Call, made: Value) -> Value:
    """What a layer gives after the activation within it, a layer of its own: `conv1.relu`."""
    type_name, attributes = named(call, call.config.get("activation"))
    if type_name == "identity":
        return made
    return call.emit(type_name, [made], f".{type_name}", **attributes)


def activation(call: Call) -> Value:
    """An activation by name."""
    type_name, attributes = named(call, call.config.get("activation"))
    return call.emit(type_name, [call.value], **attributes)


def activation_class(call: Call) -> Value:
    """An activation that has a class of its own."""
    type_name, attributes = _of_class(call.part.operator, call.part.values)
    return call.emit(type_name, [call.value], **attributes)


def function(call: Call) -> Value:
    """An activation called as an operation; its class is its name."""
    snake = {"Relu6": "relu6", "Silu": "silu"}
    word = call.part.operator
    name = snake.get(word) or "".join(
        f"_{sign.lower()}" if sign.isupper() and place else sign.lower()
        for place, sign in enumerate(word)
    )
    type_name, attributes = named(call, name)
    return call.emit(type_name, [call.value], **attributes)


def prelu(call: Call) -> Value:
    """A learned slope below 0: one for all, or one per channel."""
    value = call.value
    shared = {place - 1 for place in call.config.wholes("shared_axes", [], least=1)}
    shape = call.walk.shape(value)
    own = [axis for place, axis in enumerate(value.order) if place not in shared]
    if any(axis != CHANNELS and shape[1 + axis : 2 + axis] != (1,) for axis in own):
        raise Unreadable("it has a slope for every unit; share the spatial axes (shared_axes)")
    return call.emit_weighted("prelu", value, per_channel=CHANNELS in own)


def dropout(call: Call) -> Value:
    """Any kind of dropout."""
    rate = call.config.number("rate", None)
    kept = {} if rate is None else {"p": rate}
    return call.emit("dropout", [call.value], **kept)


def unchanged(call: Call) -> Value:
    """What changes numbers only in training, or by constants."""
    return call.emit("identity", [call.value])
