"""What a Keras model reads: its input's shape, and where Keras has the channels of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import DefinitionError
from ...record import Record
from ...wording import is_whole, quote
from ..source import Source
from .model import Model, Part, model

CHANNELS, OUTER, INNER = -1, -2, -3
DEEPEST_MODEL = 50
AXES_DIGITS = ("1", "2", "3")

Order = tuple[int, ...]


class Start(Record):
    """The network's input: its shape, channels first, and the order of Keras' dimensions."""

    shape: list[int | None]
    order: Order
    channels_first: bool


def start(source: Source, top: Model) -> Start:
    """The input of a model, or one of unknown numbers where it says nothing of it."""
    configs = list(_configs(source, top, 0))
    formats = [values.get("data_format") for _, values in configs]
    first = next((each for each in formats if isinstance(each, str)), "") == "channels_first"
    axes = max([axes_of(operator) for operator, _ in configs], default=0)
    numbers = _input_numbers(source, top)
    if numbers is None:
        axes = axes or 2
        return Start([None] * (axes + 1), default_order(axes, first), first)
    if len(numbers) == 1:
        return Start([*numbers, *[1] * (axes or 1)], (CHANNELS,), first)
    order = default_order(len(numbers) - 1, first)
    shape = [numbers[order.index(place)] for place in (CHANNELS, *range(len(numbers) - 1))]
    return Start(shape, order, first)


def default_order(axes: int, channels_first: bool) -> Order:
    """The order of a map's dimensions in Keras."""
    return (CHANNELS, *range(axes)) if channels_first else (*range(axes), CHANNELS)


def _configs(source: Source, of: Model, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Classes and configurations of all layers, those of models within included."""
    if depth > DEEPEST_MODEL:
        raise RecursionError
    for part in of.parts:
        if part.is_model:
            yield from _configs(source, model(source, part), depth + 1)
        else:
            yield part.operator, part.values


def axes_of(operator: str) -> int:
    """How many axes a class of layers works along, by its name; 0 where it does not say."""
    stem = operator.removesuffix("Transpose")
    return int(stem[-2]) if stem[-1:] == "D" and stem[-2:-1] in AXES_DIGITS else 0


def _input_numbers(source: Source, of: Model) -> list[int | None] | None:
    """The input's dimensions without the batch, in Keras' order; None where they are not given."""
    part: Part | None = of.parts[0] if of.parts else None
    if not of.sequential:
        if len(of.inputs) > 1:
            names = ", ".join(quote(origin.layer) for origin in of.inputs[:3])
            raise DefinitionError(
                f"it has {len(of.inputs)} inputs ({names}); models of one input are read",
                path=source.path,
            )
        part = next((each for each in of.parts if each.name == of.inputs[0].layer), None)
    if part is None:
        raise DefinitionError("it has no layers", path=source.path)
    given = part.values.get("batch_input_shape", part.values.get("batch_shape"))
    if given is None and part.is_model:
        return _input_numbers(source, model(source, part))
    if given is None:
        given = of.shape
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list):
        given = given[0]
    return None if given is None else _checked(source, given)


def _checked(source: Source, given: Any) -> list[int | None]:
    fits = isinstance(given, list) and 2 <= len(given) <= 5
    if not fits or not all(n is None or (is_whole(n) and n > 0) for n in given[1:]):
        raise DefinitionError(
            f"input {quote(given)} must be a batch, one to three axes and channels",
            path=source.path,
        )
    return given[1:]  # type: ignore[no-any-return]
