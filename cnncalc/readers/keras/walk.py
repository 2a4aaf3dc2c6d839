"""A Keras model walked through call by call, each becoming layers."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import DefinitionError
from ...wording import quote
from ..builder import Unreadable
from ..source import REFUSE, Source
from ..unread_operators import Unread
from .call import KerasCall, KerasNet, KerasValue, Measured, Operator, Path
from .input import DEEPEST_MODEL, inputs_of
from .model import KerasLayer, KerasUse, Model, Origin, items_of, model, with_replacements

MOST_CALLS = 200_000
MOST_OUTPUTS = 100
# Functions of keras.ops that multiply what they read.
MULTIPLYING = (
    *("Matmul", "Dot", "Einsum", "Tensordot", "Inner", "Outer", "Vdot", "Vecdot", "Kron", "Cross"),
    *("Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose", "DotProductAttention", "Convolve"),
)

Values = list[KerasValue]
Shapes = Sequence[list[Any]]


class KerasWalk:
    """The way through a model, and through those within it."""

    def __init__(self, source: Source, net: KerasNet, operators: Mapping[str, Operator]) -> None:
        self.source = source
        self.net = net
        self.operators = operators
        self.models: dict[int, tuple[Model, int]] = {}

    def run(self, of: Model) -> None:
        """Walk through the whole model, unless the models in it make too many layers."""
        if self._count(of, 0) > MOST_CALLS:
            message = f"its models within models make more than {MOST_CALLS} layers"
            raise self.source.refuse(message)
        self.model(of, self.net.inputs)

    def _count(self, of: Model, depth: int) -> int:
        """How many calls a model makes, those of models in it included."""
        if depth > DEEPEST_MODEL:
            raise RecursionError
        count = 0
        for layer in of.layers:
            uses = 1 if of.sequential else len(layer.uses)
            count += uses * (1 + (self._inner(layer, depth)[1] if layer.is_model else 0))
        return count

    def _inner(self, layer: KerasLayer, depth: int) -> tuple[Model, int]:
        """The model that a layer is, read once however often it is called, and its calls."""
        key = id(layer.values)
        if key not in self.models:
            inner = model(self.source, layer)
            self.models[key] = inner, self._count(inner, depth + 1)
        return self.models[key]

    def model(self, of: Model, inputs: Values, prefix: str = "", path: Path = ()) -> Values:
        """Walk through a model that reads the given values; gives its outputs."""
        walk = self._sequence if of.sequential else self._graph
        return walk(of, inputs, prefix, path)

    def _sequence(self, of: Model, inputs: Values, prefix: str, path: Path) -> Values:
        values = inputs
        for layer in of.layers:
            if layer.operator != "InputLayer":
                values = self._call(layer, KerasUse(list(values), {}), prefix, path)
        return values

    def _graph(self, of: Model, inputs: Values, prefix: str, path: Path) -> Values:
        if len(of.inputs) != len(inputs):
            message = f"it reads {len(of.inputs)} tensors, but is given {len(inputs)}"
            raise self._refuse(of, message)
        values = {(origin.layer, 0): [value] for origin, value in zip(of.inputs, inputs)}

        def value_of(item: Any) -> Any:
            return self._output(of, item, values) if isinstance(item, Origin) else item

        calls = [
            (layer, node)
            for layer in of.layers
            if layer.operator != "InputLayer" and (layer.name, 0) not in values
            for node in range(len(layer.uses))
        ]
        for place in self._in_order(of, calls, set(values)):
            layer, node = calls[place]
            use = KerasUse(*(with_replacements(each, value_of) for each in layer.uses[node]))
            shapes = of.shapes
            told = [
                shapes[key] for n in range(MOST_OUTPUTS) if (key := (layer.name, node, n)) in shapes
            ]
            values[layer.name, node] = self._call(layer, use, prefix, path, told)
        return [self._output(of, origin, values) for origin in of.outputs]

    def _output(
        self, of: Model, origin: Origin, values: dict[tuple[str, int], Values]
    ) -> KerasValue:
        outputs = values.get(of.key(origin), [])
        # A layer that is not known gives one value, whatever it gives in Keras.
        if not outputs or origin.tensor >= len(outputs) > 1:
            message = f"{quote(origin.layer)} has no output {origin.node}, {origin.tensor}"
            raise self._refuse(of, message)
        return outputs[min(origin.tensor, len(outputs) - 1)]

    def _in_order(
        self, of: Model, calls: list[tuple[KerasLayer, int]], inputs: set[tuple[str, int]]
    ) -> Iterator[int]:
        """The places of a model's calls, each after those that it reads."""
        places = {(layer.name, node): place for place, (layer, node) in enumerate(calls)}
        missing: list[int] = []
        readers: dict[int, list[int]] = {}
        for place, (layer, node) in enumerate(calls):
            read = {of.key(origin) for origin in layer.uses[node].origins()} - inputs
            for key in read - places.keys():
                raise self._refuse(of, f"{quote(layer.name)} reads {quote(key[0])}, which is none")
            missing.append(len(read))
            for key in read:
                readers.setdefault(places[key], []).append(place)
        ready = [place for place, count in enumerate(missing) if not count]
        done = 0
        while ready:
            place = heapq.heappop(ready)
            done += 1
            yield place
            for reader in readers.get(place, ()):
                missing[reader] -= 1
                if not missing[reader]:
                    heapq.heappush(ready, reader)
        if done < len(calls):
            stuck = next(calls[place][0].name for place, count in enumerate(missing) if count)
            raise self._refuse(of, f"{quote(stuck)} reads what is computed from it")

    def _refuse(self, of: Model, message: str) -> DefinitionError:
        return self.source.refuse(f"model {quote(of.name)}: {message}")

    def _call(
        self, layer: KerasLayer, use: KerasUse, prefix: str, path: Path, told: Shapes = ()
    ) -> Values:
        """What a call gives; `told` are the shapes that those who read it tell."""
        name, own = prefix + layer.name, (*path, layer.name)
        values = list(items_of(KerasValue, list(use)))
        if layer.is_model:
            return self.model(self._inner(layer, len(own))[0], values, f"{name}.", own)
        call = KerasCall(self.net, layer, name, own, values, use, self)
        try:
            return self.read(call)
        except Unreadable as reason:
            return self._layers_from_keras(call, told) or [self._unknown(call, str(reason))]

    def read(self, call: KerasCall) -> Values:
        """What a call of a known class gives; raises Unreadable."""
        layer = call.layer
        if not call.values:
            raise Unreadable("it reads no tensor")
        if layer.foreign is not None or layer.operator not in self.operators:
            raise Unreadable("")
        given = self.operators[layer.operator](call)
        return given if isinstance(given, list) else [given]

    def measure(self, layer: KerasLayer, dims: list[int]) -> Measured:
        """What a layer by itself gives of an input of Keras' dimensions; raises Unreadable."""
        source, first = self.source.but(unknown=REFUSE, input=None), self.net.channels_first
        inside = KerasNet(source, inputs_of({layer.name: list(dims)}, 1, first))
        walk = KerasWalk(source, inside, self.operators)
        walk.models = self.models
        whole = (
            self._inner(layer, 0)[0] if layer.is_model else Model(layer.name, [layer], True, [], [])
        )
        outputs = walk.model(whole, inside.inputs)
        if inside.builder.unread or len(outputs) != 1:
            raise Unreadable(f"it wraps {quote(layer.operator)}, which cannot be read by itself")
        return Measured(inside.dims(outputs[0]), *inside.totals())

    def _layers_from_keras(self, call: KerasCall, told: Shapes) -> Values:
        """Layers without a kind where Keras tells what they give; none where it does not."""
        live = self.net.live.get(call.path)
        shapes = live.shapes if live is not None and live.shapes else [each[1:] for each in told]
        if not call.values or not shapes:
            return []
        plain = call.layer.is_operation
        params = 0 if plain else live.params if live is not None else None
        figures: dict[str, Any] = {
            "params": params,
            "num_buffers": live.buffers if live is not None else 0,
        }
        macs = 0 if plain and call.layer.operator not in MULTIPLYING else None
        try:
            first = call.state(shapes[0], macs=macs, **figures)
            others = [call.state(each, suffix=f".{n}") for n, each in enumerate(shapes[1:], 1)]
        except Unreadable:
            return []
        return [first, *others]

    def _unknown(self, call: KerasCall, reason: str) -> KerasValue:
        """A layer of which nothing is known; what only reads one is not told."""
        builder = self.net.builder
        operator = call.layer.foreign or call.layer.operator
        sources = [value.layer for value in call.values or self.net.inputs[:1]]
        if not reason or builder.vague.isdisjoint(sources):
            builder.note_unread(Unread(operator, f"layer {quote(call.name)}", reason))
        name = builder.add("unknown", call.name, sources, operator=operator.lstrip("$"))
        self.net.note_member(call.path, name)
        return KerasValue(name, self.net.order_of(builder.axes + 1))
