"""What an architecture of Keras says: layers, and which of their outputs each use reads.

Keras 2 and Keras 3 write uses differently; here they are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ...errors import DefinitionError
from ...record import Record
from ...wording import is_whole, quote
from ..source import Source

MODELS = ("Functional", "Model", "Sequential")
OWN_MODULES = ("keras", "keras_core", "tf_keras", "tensorflow", "builtins")
# Layers outside keras.layers that are known by their names wherever they are from.
KNOWN_ELSEWHERE = (
    *("LayerScale", "LocalResponseNormalization", "AlignedResizing"),
    "CustomScaleLayer",
)
OPERATIONS = ("keras.src.ops", "keras.ops")
CONSTANT = "_CONSTANT_VALUE"

Item = TypeVar("Item")


class Origin(Record):
    """One output of one use of a layer; its shape with the batch where its reader tells it."""

    layer: str
    node: int
    tensor: int
    shape: Any = None


class KerasUse(Record):
    """One call of a layer: its arguments, with Origins for tensors."""

    arguments: list[Any]
    named: dict[str, Any]

    @property
    def everything(self) -> list[Any]:
        """All arguments, those by name included."""
        return [*self.arguments, *self.named.values()]

    def origins(self) -> Iterator[Origin]:
        """What the call reads."""
        return items_of(Origin, self.everything)


class KerasLayer(Record):
    """A layer of a model; `operator` is its class, as far as that is Keras' own.

    `foreign` is how a class that is not Keras' own calls itself; `is_operation` says that it is a
    function of keras.ops, which has no weights.
    """

    operator: str
    name: str
    values: dict[str, Any]
    uses: list[KerasUse]
    foreign: str | None = None
    is_operation: bool = False

    @property
    def is_model(self) -> bool:
        """Whether it is a model itself."""
        return self.operator in MODELS and "layers" in self.values


class Model(Record):
    """A model; a sequential one has neither inputs nor outputs of its own.

    `shapes` are those of outputs that other layers read, by layer, call and place among several.
    """

    name: str
    layers: list[KerasLayer]
    sequential: bool
    inputs: list[Origin]
    outputs: list[Origin]
    shape: Any = None
    shifted: frozenset[str] = frozenset()
    shapes: dict[tuple[str, int, int], list[int | None]] = {}

    def key(self, origin: Origin) -> tuple[str, int]:
        """The layer and the number of its call that an output comes from."""
        return origin.layer, origin.node - (origin.layer in self.shifted)


def items_of(kind: type[Item], value: Any) -> Iterator[Item]:
    """All items of a class in nested lists and mappings, in order."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from items_of(kind, item)


def with_replacements(value: Any, replacement: Callable[[Any], Any]) -> Any:
    """Nested lists and mappings with what stands in place of their items: others, or the same."""
    other = replacement(value)
    if other is not value:
        return other
    if isinstance(value, dict):
        return {key: with_replacements(item, replacement) for key, item in value.items()}
    if isinstance(value, list):
        return [with_replacements(item, replacement) for item in value]
    return value


def architecture(source: Source, data: Any) -> Model:
    """The model that a JSON text describes; raises DefinitionError where it is none."""
    top = _Reader(source, "model").layer(data)
    if not top.is_model:
        raise source.refuse(
            f"class {quote(top.foreign or top.operator)} says nothing of its layers; only "
            "Functional and Sequential models do: build the model with keras.Model(inputs, outputs)"
        )
    return model(source, top)


def layer_within(source: Source, of: KerasLayer, key: str) -> KerasLayer:
    """The layer that another's configuration holds."""
    return _Reader(source, of.name).layer(of.values.get(key))


def model(source: Source, of: KerasLayer) -> Model:
    """The model that a layer of another is."""
    reader = _Reader(source, of.name)
    values = of.values
    layers = [reader.layer(each) for each in reader.list(values["layers"], "layers")]
    if of.operator == "Sequential":
        return Model(of.name, layers, True, [], [], values.get("build_input_shape"))
    seen: set[str] = set()
    for layer in layers:
        if layer.name in seen:
            raise reader.refuse(f"two of its layers are called {quote(layer.name)}")
        seen.add(layer.name)
    ends = (_with_origins(values.get(key)) for key in ("input_layers", "output_layers"))
    inputs, outputs = (list(items_of(Origin, end)) for end in ends)
    if not inputs or not outputs:
        raise reader.refuse("it names no input_layers or no output_layers")
    read = [origin for layer in layers for use in layer.uses for origin in use.origins()]
    late = _models_counted_from_1(layers, read + outputs)
    # Keras 3 counts the calls that a model's outputs come from so, those that are read from 0.
    shifted = late - {origin.layer for origin in read if origin.node == 0}
    outputs = [each.but(node=each.node - (each.layer in late - shifted)) for each in outputs]
    made = Model(of.name, layers, False, inputs, outputs, None, shifted)
    shapes = {(*made.key(each), each.tensor): each.shape for each in read if _is_shape(each.shape)}
    return made.but(shapes=shapes)


def _is_shape(shape: Any) -> bool:
    """Whether it is a batch and known numbers."""
    return isinstance(shape, list) and bool(shape) and all(is_whole(n) and n > 0 for n in shape[1:])


def _models_counted_from_1(layers: list[KerasLayer], origins: list[Origin]) -> frozenset[str]:
    """Models within whose calls are counted from 1, as Keras 2 does where 0 is their making."""
    last: dict[str, int] = {}
    for origin in origins:
        last[origin.layer] = max(origin.node, last.get(origin.layer, 0))
    models = (layer for layer in layers if layer.is_model)
    return frozenset(each.name for each in models if last.get(each.name, 0) == len(each.uses) > 0)


class _Reader(Record):
    """Reads the layers of one model."""

    source: Source
    name: str

    def refuse(self, message: str) -> DefinitionError:
        """An error of this model, to be raised."""
        return self.source.refuse(
            f"not a Keras architecture: {message}; write it with model.to_json()"
        )

    def list(self, value: Any, what: str) -> list[Any]:
        """A value that must be a list."""
        if not isinstance(value, list):
            raise self.refuse(f"{what} of {quote(self.name)} is no list")
        return value

    def layer(self, data: Any) -> KerasLayer:
        """A layer, or a model within it."""
        if not isinstance(data, dict) or not isinstance(data.get("class_name"), str):
            raise self.refuse(f"{quote(self.name)} holds {quote(data)} where a class_name belongs")
        operator, values = data["class_name"], data.get("config")
        if isinstance(values, list) and operator == "Sequential":
            values = {"layers": values}
        if not isinstance(values, dict):
            raise self.refuse(f"config of class {quote(operator)} is no mapping")
        name = data.get("name", values.get("name"))
        name = name if isinstance(name, str) and name else operator.lower()
        nodes = self.list(data.get("inbound_nodes") or [], "inbound_nodes")
        is_operation = str(data.get("module")).startswith(OPERATIONS)
        uses = list(map(self.use, nodes))
        return KerasLayer(operator, name, values, uses, _foreign(data), is_operation)

    def use(self, node: Any) -> KerasUse:
        """A call of a layer, in either form."""
        if isinstance(node, dict):
            arguments = self.list(node.get("args", []), "args")
            named = node.get("kwargs", {})
            if not isinstance(named, dict):
                raise self.refuse(f"kwargs of {quote(self.name)} is no mapping")
            named = {key: with_replacements(value, _tensor) for key, value in named.items()}
            return KerasUse(with_replacements(arguments, _tensor), named)
        calls = self.list(node, "inbound_nodes")
        if calls and isinstance(calls[0], str):
            calls = [calls]
        arguments, named = [], {}
        for call in calls:
            if not isinstance(call, list) or len(call) < 3:
                raise self.refuse(f"{quote(call)} is no input of a layer")
            constant = call[0] == CONSTANT
            argument = call[2] if constant else _with_origins(call[:3])
            if not constant and not isinstance(argument, Origin):
                raise self.refuse(f"{quote(call)} is no input of a layer")
            arguments.append(argument)
            if len(call) > 3 and isinstance(call[3], dict):
                named.update({key: _with_origins(value) for key, value in call[3].items()})
        return KerasUse(arguments, named)


def _foreign(data: dict[str, Any]) -> str | None:
    module, registered = data.get("module"), data.get("registered_name")
    if data["class_name"] in KNOWN_ELSEWHERE or data["class_name"] in MODELS:
        return None
    if isinstance(registered, str) and ">" in registered:
        return registered
    if isinstance(module, str) and module.split(".")[0] not in OWN_MODULES:
        return f"{module}.{data['class_name']}"
    return None


def _is_origin(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and all(is_whole(number) and number >= 0 for number in value[1:])
    )


def _with_origins(value: Any) -> Any:
    """The value with Origins in place of Keras 2's [layer, node, tensor]."""
    return with_replacements(value, lambda item: Origin(*item) if _is_origin(item) else item)


def _tensor(item: Any) -> Any:
    """The Origin that one of Keras 3's tensors is; another item as it is."""
    if not isinstance(item, dict) or item.get("class_name") != "__keras_tensor__":
        return item
    config = item.get("config")
    if not isinstance(config, dict):
        return item
    origin = _with_origins(config.get("keras_history"))
    return origin.but(shape=config.get("shape")) if isinstance(origin, Origin) else origin
