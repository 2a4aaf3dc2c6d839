"""The blobs that a Caffe network starts from, with their shapes as far as the file tells them."""

from __future__ import annotations

from ...errors import DefinitionError
from ...record import Record
from .entry import CaffeLayer
from .prototxt_message import Message

Dims = list[int | None]

COLOUR = 3
COLOUR_READERS = ("imagedata", "windowdata")


class SourceBlob(Record):
    """A blob that comes from outside: its shape with the batch, None where nothing is told."""

    blob: str
    dims: Dims | None
    line: int


def is_source(layer: CaffeLayer) -> bool:
    """Whether the layer gives data: it reads nothing, and its type says so."""
    if layer.bottoms or not layer.tops:
        return False
    return layer.key in ("input", "python") or layer.key.endswith("data")


def declared_blobs(root: Message) -> list[SourceBlob]:
    """The inputs that a deploy file declares outside its layers."""
    names = root.scalars("input")
    shapes = root.messages("input_shape")
    numbers = root.wholes("input_dim", least=1)
    if numbers and not shapes:
        each = 4 if len(numbers) == 4 * len(names) else len(numbers)
        if each * len(names) != len(numbers):
            raise _miscount(root, "input_dim", len(numbers), len(names), "four times")
        starts = range(0, len(numbers), each)
        all_dims: list[Dims | None] = [[*numbers[start : start + each]] for start in starts]
    else:
        all_dims = [_dims(shape) for shape in shapes]
    if len(all_dims) not in (0, len(names)):
        raise _miscount(root, "input_shape", len(all_dims), len(names), "once")
    all_dims = all_dims or [None] * len(names)
    return [SourceBlob(name.text, dims, name.line) for name, dims in zip(names, all_dims)]


def _miscount(root: Message, field: str, count: int, inputs: int, times: str) -> DefinitionError:
    message = f"{field} is given {count} times for {inputs} inputs; give it {times} for each"
    return root.refuse(message, root.line_of(field))


def _dims(shape: Message) -> Dims | None:
    return list(shape.wholes("dim", least=1)) or None


def layer_blobs(layer: CaffeLayer, axes: int) -> list[SourceBlob]:
    """The blobs that a data layer gives; the first is the data, others are labels."""
    if layer.key == "input" or "input_param" in layer.message:
        shapes = [_dims(shape) for shape in layer.param("input_param").messages("shape")]
    elif layer.key == "dummydata":
        shapes = _dummy_shapes(layer.param("dummy_data_param"))
    else:
        shapes = [_data_dims(layer, axes)]
    if len(shapes) == 1 and (layer.key == "dummydata" or "input_param" in layer.message):
        shapes *= len(layer.tops)
    shapes += [None] * (len(layer.tops) - len(shapes))
    return [SourceBlob(top, dims, layer.line) for top, dims in zip(layer.tops, shapes)]


def _dummy_shapes(param: Message) -> list[Dims | None]:
    shapes = [_dims(shape) for shape in param.messages("shape")]
    columns = [param.wholes(name, least=1) for name in ("num", "channels", "height", "width")]
    return shapes or [list(numbers) for numbers in zip(*columns)]


def _data_dims(layer: CaffeLayer, axes: int) -> Dims | None:
    """Batch, channels and sizes of a data layer's data: those that its parameters give."""
    fields = (name for name in layer.message.fields if name.endswith("data_param"))
    params = [layer.param(name) for name in (*fields, "transform_param")]
    numbers = {
        name: next((param.whole(name, None) for param in params if name in param), None)
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
