"""A Keras model walked through call by call, each becoming layers."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import DefinitionError
from ...wording import quote
from ..builder import INPUT, Unreadable
from ..source import Source
from ..unread_operators import Unread
from .call import KerasCall, KerasNet, KerasValue, Operator, Path
from .input import DEEPEST_MODEL
from .model import KerasLayer, KerasUse, Model, Origin, items_of, model, with_replacements

MOST_CALLS = 200_000

Values = list[KerasValue]


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
        self.model(of, [self.net.input])

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
            values[layer.name, node] = self._call(layer, use, prefix, path)
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

    def _call(self, layer: KerasLayer, use: KerasUse, prefix: str, path: Path) -> Values:
        name, own = prefix + layer.name, (*path, layer.name)
        values = list(items_of(KerasValue, list(use)))
        if layer.is_model:
            return self.model(self._inner(layer, len(own))[0], values, f"{name}.", own)
        call = KerasCall(self.net, layer, name, own, values, use)
        try:
            if not values:
                raise Unreadable("it reads no tensor")
            if layer.foreign is not None or layer.operator not in self.operators:
                raise Unreadable("")
            return [self.operators[layer.operator](call)]
        except Unreadable as reason:
            return [self._unknown(call, str(reason))]

    def _unknown(self, call: KerasCall, reason: str) -> KerasValue:
        """A layer of which nothing is known; what only reads one is not told."""
        builder = self.net.builder
        operator = call.layer.foreign or call.layer.operator
        sources = [value.layer for value in call.values] or [INPUT]
        if not reason or builder.vague.isdisjoint(sources):
            builder.note_unread(Unread(operator, f"layer {quote(call.name)}", reason))
        name = builder.add("unknown", call.name, sources, operator=operator.lstrip("$"))
        self.net.note_member(call.path, name)
        return KerasValue(name, self.net.map_order)
