"""What a Keras model reads: its inputs' shapes, and where Keras has the channels of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...arithmetic import Shape
from ...record import Record
from ...wording import is_whole, quote
from ..builder import input_names
from ..source import Source
from .model import KerasLayer, Model, model

CHANNELS, OUTER, INNER = -1, -2, -3
DEEPEST_MODEL = 50
AXES_DIGITS = ("1", "2", "3")

Order = tuple[int, ...]


class KerasInput(Record):
    """An input of a network: its shape, channels first, and the order of Keras' dimensions."""

    shape: Shape
    order: Order


class KerasInputs(Record):
    """A network's inputs by name, an only one without a name, in the model's own order."""

    inputs: dict[str, KerasInput]
    channels_first: bool

    @property
    def shapes(self) -> dict[str, Shape]:
        """Their shapes, those of the most axes first."""
        made = {name: one.shape for name, one in self.inputs.items()}
        return dict(sorted(made.items(), key=lambda item: -len(item[1])))


def model_inputs(source: Source, top: Model) -> KerasInputs:
    """The inputs of a model, of unknown numbers where it says nothing of them."""
    configs = list(_configs(source, top, 0))
    formats = [values.get("data_format") for _, values in configs]
    first = next((each for each in formats if isinstance(each, str)), "") == "channels_first"
    axes = max([axes_of(operator) for operator, _ in configs], default=0)
    told = _told_numbers(source, top)
    unknown: list[int | None] = [None] * ((axes or 2) + 1)
    return inputs_of(
        {name: unknown if each is None else each for name, each in told.items()}, axes or 1, first
    )


def inputs_of(told: Mapping[str, list[int | None]], axes: int, channels_first: bool) -> KerasInputs:
    """Inputs of Keras' dimensions; where all are vectors the first is a map of one unit."""
    made = {}
    widest = max(told, key=lambda name: len(told[name]))
    for name, own in zip(told, input_names(list(told))):
        made[own] = _input(told[name], axes if name == widest else 0, channels_first)
    return KerasInputs(made, channels_first)


def _input(numbers: list[int | None], axes: int, channels_first: bool) -> KerasInput:
    """An input of Keras' dimensions; a vector is a map of one unit of so many axes."""
    if len(numbers) < 2:
        channels = numbers or [1]
        return KerasInput((*channels, *[1] * axes), (CHANNELS,)[: len(numbers)])
    order = default_order(len(numbers) - 1, channels_first)
    places = (CHANNELS, *range(len(numbers) - 1))
    return KerasInput(tuple(numbers[order.index(place)] for place in places), order)


def default_order(axes: int, channels_first: bool) -> Order:
    """The order of a map's dimensions in Keras."""
    return (CHANNELS, *range(axes)) if channels_first else (*range(axes), CHANNELS)


def _configs(source: Source, of: Model, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Classes and configurations of all layers, those of models within included."""
    if depth > DEEPEST_MODEL:
        raise RecursionError
    for layer in of.layers:
        if layer.is_model:
            yield from _configs(source, model(source, layer), depth + 1)
        else:
            yield layer.operator, layer.values


def axes_of(operator: str) -> int:
    """How many axes a class of layers works along, by its name; 0 where it does not say."""
    stem = operator.removesuffix("Transpose")
    return int(stem[-2]) if stem[-1:] == "D" and stem[-2:-1] in AXES_DIGITS else 0


def _told_numbers(source: Source, of: Model) -> dict[str, list[int | None] | None]:
    """The inputs' dimensions without the batch, in Keras' order; None where they are not given."""
    if not of.layers:
        raise source.refuse("it has no layers")
    if of.sequential:
        first = of.layers[0]
        if first.is_model and _batch_shape(first) is None:
            inner = _told_numbers(source, model(source, first))
            if len(inner) == 1:
                return inner
        return {first.name: _numbers(source, _batch_shape(first) or of.shape)}
    layers = {layer.name: layer for layer in of.layers}
    told = {}
    for origin in of.inputs:
        if origin.layer not in layers:
            raise source.refuse(f"its input {quote(origin.layer)} is none of its layers")
        told[origin.layer] = _numbers(source, _batch_shape(layers[origin.layer]))
    return told


def _batch_shape(layer: KerasLayer) -> Any:
    return layer.values.get("batch_input_shape", layer.values.get("batch_shape"))


def _numbers(source: Source, shape: Any) -> list[int | None] | None:
    if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], list):
        shape = shape[0]
    if shape is None:
        return None
    fits = isinstance(shape, list) and 1 <= len(shape) <= 5
    if not fits or not all(n is None or (is_whole(n) and n > 0) for n in shape[1:]):
        message = f"input {quote(shape)} must be a batch, one to three axes and channels"
        raise source.refuse(message)
    return list(shape[1:])
