"""A Keras model walked through call by call, each becoming layers."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

from ...arithmetic import Shape
from ...errors import DefinitionError
from ...wording import quote
from ..builder import INPUT, Measuring
from ..source import PASS, Source
from .call import Call, Path, Value, _values
from .config import Unreadable
from .input import DEEPEST_MODEL, Start, default_order
from .model import Model, Origin, Part, Use, model

MOST_CALLS = 200_000


class Walk:
    """The layers read so far."""

    def __init__(self, source: Source, begun: Start) -> None:
        self.builder = Measuring(source, begun.shape)
        self.source = source
        self.channels_first = begun.channels_first
        self.input = Value(INPUT, begun.order)
        self.owners: dict[tuple[Path, str], str] = {}
        self.members: dict[str, list[str]] = {}
        self.calls = 0

    @property
    def axes(self) -> int:
        """How many spatial axes the input has."""
        return self.builder.axes

    def shape(self, value: Value) -> Shape:
        """The shape of a value's layer, channels first."""
        return self.builder.shapes[value.layer]

    def model(self, of: Model, given: list[Value], prefix: str, path: Path) -> list[Value]:
        """Walk through a model that reads the given values; gives its outputs."""
        if len(path) > DEEPEST_MODEL:
            raise RecursionError
        walk = self._sequence if of.sequential else self._graph
        return walk(of, given, prefix, path)

    def _sequence(self, of: Model, given: list[Value], prefix: str, path: Path) -> list[Value]:
        values = given
        for part in of.parts:
            if part.operator != "InputLayer":
                values = self._called(part, Use(list(values), {}), prefix, path)
        return values

    def _graph(self, of: Model, given: list[Value], prefix: str, path: Path) -> list[Value]:
        if len(of.inputs) != len(given):
            raise self._refuse(of, f"it reads {len(of.inputs)} tensors, but is given {len(given)}")
        made = {(origin.layer, 0): [value] for origin, value in zip(of.inputs, given)}

        def found(value: Any) -> Any:
            if isinstance(value, Origin):
                return self._output(of, value, made)
            if isinstance(value, dict):
                return {key: found(item) for key, item in value.items()}
            return [found(item) for item in value] if isinstance(value, list) else value

        calls = [
            (part, node)
            for part in of.parts
            if part.operator != "InputLayer" and (part.name, 0) not in made
            for node in range(len(part.uses))
        ]
        for place in self._in_order(of, calls, set(made)):
            part, node = calls[place]
            use = Use(found(part.uses[node].arguments), found(part.uses[node].named))
            made[part.name, node] = self._called(part, use, prefix, path)
        return [self._output(of, origin, made) for origin in of.outputs]

    def _output(self, of: Model, origin: Origin, made: dict[Any, list[Value]]) -> Value:
        values = made.get(of.key(origin), [])
        # A layer that is not known gives one value, whatever it gives in Keras.
        if not values or origin.tensor >= len(values) > 1:
            message = f"{quote(origin.layer)} has no output {origin.node}, {origin.tensor}"
            raise self._refuse(of, message)
        return values[min(origin.tensor, len(values) - 1)]

    def _in_order(
        self, of: Model, calls: list[tuple[Part, int]], given: set[tuple[str, int]]
    ) -> Iterator[int]:
        """The places of a model's calls, each after those that it reads."""
        places = {(part.name, node): place for place, (part, node) in enumerate(calls)}
        missing: list[int] = []
        readers: dict[int, list[int]] = {}
        for place, (part, node) in enumerate(calls):
            read = {of.key(origin) for origin in part.uses[node].origins()}
            for key in read - given - places.keys():
                raise self._refuse(of, f"{quote(part.name)} reads {quote(key[0])}, which is none")
            before = [places[key] for key in read - given]
            missing.append(len(before))
            for other in before:
                readers.setdefault(other, []).append(place)
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
        return DefinitionError(f"model {quote(of.name)}: {message}", path=self.source.path)

    def _called(self, part: Part, use: Use, prefix: str, path: Path) -> list[Value]:
        self.calls += 1
        if self.calls > MOST_CALLS:
            message = f"its models within models make more than {MOST_CALLS} layers"
            raise DefinitionError(message, path=self.source.path)
        name, own = prefix + part.name, (*path, part.name)
        values = list(_values([use.arguments, list(use.named.values())]))
        if part.is_model:
            return self.model(model(self.source, part), values, f"{name}.", own)
        from .operators import OPERATORS

        call = Call(self, part, name, own, values, use)
        try:
            if not values:
                raise Unreadable("it reads no tensor")
            if part.foreign is not None or part.operator not in OPERATORS:
                raise Unreadable("its class is not known here")
            return [OPERATORS[part.operator](call)]
        except Unreadable as reason:
            return [self._unknown(call, str(reason))]

    def _unknown(self, call: Call, reason: str) -> Value:
        operator = call.part.foreign or call.part.operator
        if self.source.unknown != PASS:
            raise DefinitionError(
                f"class {quote(operator)} cannot be read: {reason}; "
                "--unknown pass (unknown='pass') goes on with its figures unknown",
                path=self.source.path,
                layer=call.name,
            )
        sources = [value.layer for value in call.values] or [INPUT]
        name = self.builder.add("unknown", call.name, sources, operator=operator.lstrip("$"))
        self.belongs(call, name)
        return Value(name, default_order(self.axes, self.channels_first))

    def belongs(self, call: Call, name: str) -> None:
        """Take note of which of the whole model's layers a layer is part of."""
        self.members.setdefault(call.path[0], []).append(name)

    def counted(self, layer: str) -> int | None:
        """Parameters and buffers read of one of the whole model's layers, None if unknown."""
        total = 0
        for name in self.members.get(layer, ()):
            if name not in self.builder.kinds:
                return None
            kind, reading = self.builder.kinds[name]
            params, buffers = kind.parameters(reading), kind.buffers(reading)
            if params is None or buffers is None:
                return None
            total += params + buffers
        return total
