"""A network's inputs by name: as a definition gives them, and as `--input` changes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..arithmetic import Input, Shape
from ..wording import did_you_mean, name_list, quote
from .arguments import checked_text
from .definition import INPUT
from .shape import BadInput, asked_note, asked_numbers, changed_shape

AskedShape = Sequence[int | None] | str | int
AskedInput = AskedShape | Mapping[str, AskedShape]


def input_title(name: str) -> str:
    """How messages call an input: an only one has no name.

    >>> input_title("left"), input_title("input")
    ("input 'left'", 'input')
    """
    return INPUT if name == INPUT else f"{INPUT} {quote(name)}"


def input_of(inputs: Mapping[str, Shape]) -> Input:
    """The inputs as they are given: the shape of an only one without a name."""
    return inputs[INPUT] if list(inputs) == [INPUT] else dict(inputs)


def changed_inputs(inputs: Mapping[str, Shape], asked: object) -> dict[str, Shape]:
    """The inputs' shapes with the asked numbers in: of those that are named, or axes for all.

    >>> changed_inputs({"left": (3, None, None), "right": (1, 8, 8)}, {"right": "2x4x4"})
    {'left': (3, None, None), 'right': (2, 4, 4)}
    >>> changed_inputs({"left": (3, None, None), "right": (1, 8, 8)}, 32)
    {'left': (3, 32, 32), 'right': (1, 32, 32)}
    """
    shapes = asked if isinstance(asked, Mapping) else _for_all(inputs, asked)
    for name in shapes:
        if checked_text(name, "an input's name") not in inputs:
            raise BadInput(f"there is no input {quote(name)}; {_hint(name, inputs)}")
    return {
        name: changed_shape(shape, shapes[name], input_title(name)) if name in shapes else shape
        for name, shape in inputs.items()
    }


def _hint(name: str, inputs: Mapping[str, Shape]) -> str:
    if list(inputs) == [INPUT]:
        return "the network's only input has no name, so give its shape alone"
    return did_you_mean(name, inputs, f"the inputs are {name_list(inputs)}")


def _for_all(inputs: Mapping[str, Shape], asked: object) -> dict[str, object]:
    """What is asked without a name, for every input that has axes: of several their axes alone."""
    if len(inputs) == 1:
        return dict.fromkeys(inputs, asked)
    numbers = asked_numbers(asked)
    axes = {name: len(shape) - 1 for name, shape in inputs.items() if len(shape) > 1}
    if len(numbers) > 1 and set(axes.values()) != {len(numbers)}:
        raise BadInput(
            f"input {quote(asked)[1:-1]} does not say which of the inputs {name_list(inputs)} it "
            f"is; give it as {next(iter(inputs))}=SHAPE, or axes alone for all"
        )
    return dict.fromkeys(axes, asked)


def asked_notes(asked: object, inputs: Mapping[str, Shape]) -> Iterator[str]:
    """How inputs that are asked for are read that are probably meant otherwise."""
    shapes = asked if isinstance(asked, Mapping) else dict.fromkeys(list(inputs)[:1], asked)
    for name, shape in shapes.items():
        if name in inputs and (note := asked_note(shape, len(inputs[name]) - 1)):
            yield note
