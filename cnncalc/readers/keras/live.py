"""What the layers of a Keras model in memory tell beyond their architecture."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ...record import Record
from ...wording import is_whole


class LiveLayer(Record):
    """A layer in memory.

    `shapes` are those of its outputs, the batch left out, None where they are not one and known;
    `params` its trainable numbers, None where it is frozen and they cannot be told from others.
    """

    identity: int
    shapes: list[list[int]] | None
    params: int | None
    buffers: int


def live_layers(model: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], LiveLayer]:
    """The layers of a model, those of models within it included, by their paths."""
    return dict(_layers(model, path, set()))


def _layers(
    model: Any, path: tuple[str, ...], within: set[int]
) -> Iterator[tuple[tuple[str, ...], LiveLayer]]:
    if id(model) in within:
        return
    # Functions of keras.ops are operations, but no layers.
    for layer in getattr(model, "operations", getattr(model, "layers", ())):
        own = (*path, str(layer.name))
        yield own, _live(layer)
        yield from _layers(layer, own, within | {id(model)})


def _live(layer: Any) -> LiveLayer:
    params = numbers(getattr(layer, "trainable_weights", ()))
    total = numbers(getattr(layer, "weights", ()))
    frozen = total > 0 and not getattr(layer, "trainable", True)
    return LiveLayer(id(layer), _shapes(layer), None if frozen else params, total - params)


def _shapes(layer: Any) -> list[list[int]] | None:
    try:
        output = layer.output
    except Exception:  # it was called several times, or never
        return None
    tensors = output if isinstance(output, (list, tuple)) else [output]
    shapes = [list(getattr(tensor, "shape", (None,))[1:]) for tensor in tensors]
    return shapes if all(is_whole(n) for shape in shapes for n in shape) else None


def numbers(weights: Any) -> int:
    """How many numbers weights have."""
    return sum(prod(tuple(weight.shape)) for weight in weights)
