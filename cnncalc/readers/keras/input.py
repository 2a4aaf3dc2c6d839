"""What a Keras model reads: its input's shape, and where Keras has the channels of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...record import Record
from ...wording import is_whole, quote
from ..source import Source
from .model import Model, model

CHANNELS, OUTER, INNER = -1, -2, -3
DEEPEST_MODEL = 50
AXES_DIGITS = ("1", "2", "3")

Order = tuple[int, ...]


class KerasInput(Record):
    """The network's input: its shape, channels first, and the order of Keras' dimensions."""

    shape: list[int | None]
    order: Order
    channels_first: bool


def model_input(source: Source, top: Model) -> KerasInput:
    """The input of a model, or one of unknown numbers where it says nothing of it."""
    configs = list(_configs(source, top, 0))
    formats = [values.get("data_format") for _, values in configs]
    first = next((each for each in formats if isinstance(each, str)), "") == "channels_first"
    axes = max([axes_of(operator) for operator, _ in configs], default=0)
    numbers = _input_numbers(source, top)
    if numbers is None:
        axes = axes or 2
        return KerasInput([None] * (axes + 1), default_order(axes, first), first)
    return input_of(numbers, axes or 1, first)


def input_of(numbers: list[int | None], axes: int, channels_first: bool) -> KerasInput:
    """The input of Keras' dimensions; a vector is a map of one unit, of so many axes."""
    if len(numbers) == 1:
        return KerasInput([*numbers, *[1] * axes], (CHANNELS,), channels_first)
    order = default_order(len(numbers) - 1, channels_first)
    shape = [numbers[order.index(place)] for place in (CHANNELS, *range(len(numbers) - 1))]
    return KerasInput(shape, order, channels_first)


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


def _input_numbers(source: Source, of: Model) -> list[int | None] | None:
    """The input's dimensions without the batch, in Keras' order; None where they are not given."""
    if len(of.inputs) > 1:
        names = ", ".join(quote(origin.layer) for origin in of.inputs[:3])
        raise source.refuse(
            f"it has {len(of.inputs)} inputs ({names}); models of one input are read"
        )
    first = of.layers if of.sequential else [x for x in of.layers if x.name == of.inputs[0].layer]
    if not first:
        raise source.refuse("it has no layers")
    layer = first[0]
    shape = layer.values.get("batch_input_shape", layer.values.get("batch_shape"))
    if shape is None and layer.is_model:
        return _input_numbers(source, model(source, layer))
    if shape is None:
        shape = of.shape
    if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], list):
        shape = shape[0]
    if shape is None:
        return None
    fits = isinstance(shape, list) and 2 <= len(shape) <= 5
    if not fits or not all(n is None or (is_whole(n) and n > 0) for n in shape[1:]):
        message = f"input {quote(shape)} must be a batch, one to three axes and channels"
        raise source.refuse(message)
    return list(shape[1:])
