"""ONNX models (.onnx), as exporters write them; the weights themselves are not needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from ...arithmetic import Shape
from ...definition.definition import INPUT, Definition, Entry, Located
from ...definition.inputs import changed_inputs
from ...errors import DefinitionError
from ...wording import quote
from ..builder import Builder, printable
from ..collecting import without_collecting
from ..source import Source
from .file import model
from .functions import inline_functions
from .graph import OnnxGraph
from .inputs import OnnxInputs, inputs_of
from .walk import OnnxWalk

if TYPE_CHECKING:
    from onnx import ModelProto

Shapes = Mapping[str, Shape]
COMMON_NAMES = ("", "main_graph", "torch_jit", "torch-jit-export", "tf2onnx")
OF_ONE_SIZE = ("in_shape", "out_shape", "num_macs", "num_products", "reads")
# Sizes that stand in, one after the other, for those that a file leaves open. Layers that come out
# alike for all of them do not depend on the size. The first two suit most networks; where the
# others suit one, too, they tell what is padded or rounded by the remainder of a size.
STAND_INS = {
    1: ((32768,), (40960,), (33032,), (33331,)),
    2: ((256, 320), (320, 384), (264, 344), (331, 263)),
    3: ((64, 96, 128), (96, 128, 160), (72, 88, 104), (67, 101, 131)),
}


def read(source: Source) -> Definition:
    """The definition of an ONNX model."""
    proto = inline_functions(model(source), source)
    given = inputs_of(proto, source)
    shapes = given.shapes if source.input is None else changed_inputs(given.shapes, source.input)
    if not any(None in shape for shape in shapes.values()):
        return _read(source, proto, given, shapes, shapes)
    return _read_open(source, proto, given, shapes)


def _read(
    source: Source, proto: ModelProto, given: OnnxInputs, shapes: Shapes, sizes: Any
) -> Definition:
    """The definition of inputs of these shapes, read with sizes that are all known."""
    first = list(next(iter(sizes.values())))
    builder = Builder(source, first, inputs=None if list(sizes) == [INPUT] else sizes)
    graph = OnnxGraph(builder, tuple(first))
    for (name, start), one in zip(graph.starts.items(), given.inputs):
        graph.starts[name] = one.value(start.layer, sizes[name])
    graph.start = next(iter(graph.starts.values()))
    with without_collecting(), builder.reading():
        OnnxWalk(graph, proto, given).run()
    name = printable(_name(source, proto))
    made = builder.definition(name, first, f"ONNX, {_producer(proto)}")
    located = {name: Located(list(shape)) for name, shape in shapes.items()}
    return made.but(input=located[INPUT] if list(shapes) == [INPUT] else Located(located))


def _name(source: Source, proto: ModelProto) -> str:
    """The graph's name, or the file's where an exporter gives all graphs the same."""
    if proto.graph.name not in COMMON_NAMES or source.given is not None:
        return str(proto.graph.name)
    return os.path.splitext(os.path.basename(source.path))[0]


def _producer(proto: ModelProto) -> str:
    made = " ".join(filter(None, (proto.producer_name, proto.producer_version)))
    return f"written by {printable(made)}" if made else "of no named producer"


def _read_open(source: Source, proto: ModelProto, given: OnnxInputs, shapes: Shapes) -> Definition:
    """The definition of a model whose inputs' sizes are left open."""
    read: list[Definition] = []
    for sizes in STAND_INS[len(next(iter(shapes.values()))) - 1]:
        filled = {name: _stand_in(shape, sizes) for name, shape in shapes.items()}
        if any(channels is None for channels, *_ in filled.values()):
            raise source.refuse(
                "the file does not say how many channels its input has; "
                "give all of it with --input, as in --input 3x224x224"
            )
        try:
            read.append(_read(source, proto, given, shapes, filled))
        except DefinitionError as error:
            if len(read) < 2:
                size = "×".join(map(str, next(iter(filled.values()))))
                error.message += (
                    f" (its input's size is left open, {size} was tried; give it with --input)"
                )
                raise
    columns = zip_longest(*(one.layers for one in read))
    return read[0].but(layers=tuple(_of_any_size(source, column) for column in columns))


def _stand_in(shape: Shape, sizes: tuple[int, ...]) -> Shape:
    """A shape with sizes for those that are left open."""
    return tuple(size if given is None else given for given, size in zip(shape, (shape[0], *sizes)))


def _of_any_size(source: Source, layers: Sequence[Entry | None]) -> Entry:
    """What layers are that were read with several sizes.

    One of no kind then has no shape; any other that depends on the size is refused.
    """
    first, *others = layers
    if first is not None and all(other == first for other in others):
        return first
    plain = [_without_shape(layer) for layer in layers]
    if plain[0] is not None and all(other == plain[0] for other in plain[1:]):
        return plain[0]
    named = next(layer.name for layer in layers if layer is not None)
    raise source.refuse(
        f"layer {quote(named.value if named else '')} depends on the input's size, "
        "which the file leaves open; give it with --input"
    )


def _without_shape(layer: Entry | None) -> Entry | None:
    """A layer of no kind without what it is told of one size of the input."""
    if layer is None or layer.type.value != "unknown":
        return layer
    kept = {key: one for key, one in layer.attributes.items() if key not in OF_ONE_SIZE}
    return layer.but(attributes=kept)
