"""The blobs that a Caffe network starts from, with their shapes as far as the file tells them."""

from __future__ import annotations

from ...record import Record
from .entry import CaffeLayer
from .prototxt_message import Message

Dims = list[int | None]

COLOUR = 3
COLOUR_READERS = ("imagedata", "windowdata")


class Given(Record):
    """A blob that comes from outside: its shape with the batch, None where nothing is told."""

    blob: str
    dims: Dims | None
    line: int


def is_source(layer: CaffeLayer) -> bool:
    """Whether the layer gives data: it reads nothing, and its type says so."""
    if layer.bottoms or not layer.tops:
        return False
    return layer.key in ("input", "python") or layer.key.endswith("data")


def declared(root: Message) -> list[Given]:
    """The inputs that a deploy file declares outside its layers."""
    names = root.scalars("input")
    shapes = root.messages("input_shape")
    numbers = root.wholes("input_dim", least=1)
    if numbers and not shapes:
        each = 4 if len(numbers) == 4 * len(names) else len(numbers)
        if each * len(names) != len(numbers):
            line = root.fields["input_dim"][0].line
            told = f"{len(numbers)} times for {len(names)} inputs"
            raise root.refuse(f"input_dim is given {told}; give it four times for each", line)
        all_dims: list[Dims | None] = [
            [*numbers[place : place + each]] for place in range(0, len(numbers), each)
        ]
    else:
        all_dims = [_dims(shape) for shape in shapes]
    if len(all_dims) not in (0, len(names)):
        line = root.fields["input_shape"][0].line
        told = f"{len(all_dims)} times for {len(names)} inputs"
        raise root.refuse(f"input_shape is given {told}; give it once for each", line)
    all_dims = all_dims or [None] * len(names)
    return [Given(name.text, dims, name.line) for name, dims in zip(names, all_dims)]


def _dims(shape: Message) -> Dims | None:
    return list(shape.wholes("dim", least=1)) or None


def given(layer: CaffeLayer, axes: int) -> list[Given]:
    """The blobs that a data layer gives; the first is the data, others are labels."""
    if layer.key == "input":
        shapes = [_dims(shape) for shape in layer.message.message("input_param").messages("shape")]
    elif layer.key == "dummydata":
        shapes = _dummy_shapes(layer.message.message("dummy_data_param"))
    else:
        shapes = [_data_dims(layer, axes)]
    if len(shapes) == 1 and layer.key in ("input", "dummydata"):
        shapes *= len(layer.tops)
    shapes += [None] * (len(layer.tops) - len(shapes))
    return [Given(top, dims, layer.line) for top, dims in zip(layer.tops, shapes)]


def _dummy_shapes(param: Message) -> list[Dims | None]:
    shapes = [_dims(shape) for shape in param.messages("shape")]
    columns = [param.wholes(name, least=1) for name in ("num", "channels", "height", "width")]
    return shapes or [list(numbers) for numbers in zip(*columns)]


def _data_dims(layer: CaffeLayer, axes: int) -> Dims | None:
    """Batch, channels and sizes of a data layer's data: those that its parameters give."""
    fields = layer.message.fields
    params = [layer.message.message(name) for name in fields if name.endswith("data_param")]
    params.append(layer.message.message("transform_param"))
    numbers = {
        name: next((param.whole(name) for param in params if name in param), None)
        for name in (
            *("batch_size", "channels", "height", "width"),
            *("crop_size", "new_length", "new_height", "new_width"),
        )
    }
    crop = numbers["crop_size"]
    sizes = [crop or numbers[side] or numbers[f"new_{side}"] for side in ("height", "width")]
    depth = [numbers["new_length"]] if axes == 3 else []
    channels = numbers["channels"] or _channels(layer, params)
    dims = [channels, *depth, *sizes][: axes + 1]
    return [numbers["batch_size"] or None, *(number or None for number in dims)]


def _channels(layer: CaffeLayer, params: list[Message]) -> int | None:
    transform = params[-1]
    if transform.flag("force_gray", False):
        return 1
    if transform.flag("force_color", False):
        return COLOUR
    means = len(transform.scalars("mean_value"))
    if means > 1:
        return means
    if layer.key in COLOUR_READERS:
        grey = any(not param.flag("is_color", True) for param in params)
        return 1 if grey else COLOUR
    return None
