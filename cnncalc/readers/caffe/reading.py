"""Caffe's networks: `.prototxt` files of both generations, train/test and deploy forms.

Of a train/test file the test phase is read. Losses, accuracies and what only prepares data or
draws results are left out: they have no figures.
"""

from __future__ import annotations

from ...arithmetic import Shape
from ...definition.definition import Definition
from ...wording import quote, shape_text
from ..builder import INPUT, Builder, Unreadable, printable
from ..source import Source
from . import inputs
from .entry import CaffeLayer, layers
from .inputs import SourceBlob
from .net import ASIDE_BLOB, Blob, CaffeNet
from .operators import OPERATORS, WEIGHTED, is_aside
from .prototxt import parse
from .prototxt_message import Message
from .starts import inputs_of

VECTOR, MOST_DIMS = 2, 5


def read(source: Source) -> Definition:
    """The definition that a prototxt gives; raises DefinitionError with the line."""
    text = source.text()
    root = parse(text, source.path)
    everything = layers(root)
    included = [layer for layer in everything if layer.included]
    axes = _axes(
        root, everything, inputs_of(_blobs_from_outside(root, everything), included), source
    )
    outside = _blobs_from_outside(root, everything, axes)
    starts = inputs_of(outside, included)
    shapes = _shapes(root, starts, axes)
    net = CaffeNet(_builder(source, shapes))
    for source_blob in outside:
        batch = source_blob.dims[0] if source_blob.dims else None
        net.blobs[source_blob.blob] = Blob(None, regions=batch)
    for start, name in zip(starts, shapes):
        net.blobs[start.blob] = Blob(name)
    if starts and starts[0].dims:
        net.batch = starts[0].dims[0]
    with net.builder.reading():
        for layer in included:
            if not inputs.is_source(layer):
                _add(net, layer)
    return net.builder.text_definition(root.text("name"), "Caffe prototxt", text)


def _builder(source: Source, shapes: dict[str, Shape]) -> Builder:
    first, *others = shapes.values()
    return Builder(source, list(first), inputs=shapes if others else None)


def _blobs_from_outside(
    root: Message, everything: list[CaffeLayer], axes: int = 2
) -> list[SourceBlob]:
    """What comes from outside; what the test phase has no data layer for comes from another's."""
    blobs = inputs.declared_blobs(root)
    for layer in sorted(everything, key=lambda layer: not layer.included):
        if inputs.is_source(layer):
            blobs += inputs.layer_blobs(layer, axes)
    first: dict[str, SourceBlob] = {}
    for each in blobs:
        known = first.setdefault(each.blob, each)
        if known.dims is None:
            first[each.blob] = each
    return list(first.values())


def _axes(
    root: Message, everything: list[CaffeLayer], starts: list[SourceBlob], source: Source
) -> int:
    """How many spatial axes the data has: as many as its shape tells, else as its kernels do."""
    blobs = inputs.declared_blobs(root)
    for layer in everything:
        if inputs.is_source(layer) and layer.key in ("input", "dummydata"):
            blobs += inputs.layer_blobs(layer, 2)
    names = {start.blob for start in starts}
    ranks = [len(each.dims) for each in blobs if each.dims and each.blob in names]
    ranks = [rank for rank in ranks if VECTOR < rank <= MOST_DIMS]
    if ranks:
        return max(ranks) - 2
    for layer in everything:
        kernels = layer.param("convolution_param").fields.get("kernel_size", ())
        if layer.key.endswith("3d") or len(kernels) == 3:
            return 3
    asked = source.input if isinstance(source.input, str) else ""
    numbers = asked.lower().replace("×", "x").split("x")
    return max(len(numbers) - 1, 2) if len(numbers) <= 4 else 2


def _shapes(root: Message, starts: list[SourceBlob], axes: int) -> dict[str, Shape]:
    """The inputs' shapes by name, those of most axes first; an only one is called `input`."""
    starts.sort(key=lambda start: -_rank(start, axes))
    if len(starts) < 2:
        return {INPUT: _shape(root, starts[0] if starts else None, axes)}
    shapes: dict[str, Shape] = {}
    for start in starts:
        name = printable(start.blob)
        while name in shapes or name == INPUT:
            name += "_1"
        vector = _rank(start, axes) == VECTOR < _rank(starts[0], axes)
        shapes[name] = _shape(root, start, 0 if vector else axes)
    return shapes


def _rank(start: SourceBlob, axes: int) -> int:
    return axes + 2 if start.dims is None else len(start.dims)


def _shape(root: Message, start: SourceBlob | None, axes: int) -> Shape:
    """An input's shape as a definition gives it; a vector alone is a map of one unit."""
    if start is None or start.dims is None:
        return (None,) * (axes + 1)
    numbers = tuple(start.dims[1:])
    if len(numbers) == 1:
        return (*numbers, *[1] * axes)
    if len(numbers) != axes + 1:
        shape = f"input {quote(start.blob)} has the shape {shape_text(tuple(start.dims))}"
        rule = "a network's is of a batch, channels and one to three axes"
        raise root.refuse(f"{shape}; {rule}", start.line)
    return numbers


def _add(net: CaffeNet, layer: CaffeLayer) -> None:
    if not layer.type:
        raise layer.refuse('a layer needs a type, as in type: "Convolution"')
    operator = OPERATORS.get(layer.key)
    if is_aside(layer) or (layer.key not in WEIGHTED and operator and net.is_aside(layer)):
        for top in layer.tops:
            if top not in layer.bottoms:
                net.blobs[top] = ASIDE_BLOB
    elif operator is None:
        net.add_unknown(layer)
    else:
        try:
            operator(net, layer)
        except Unreadable as reason:
            net.add_unknown(layer, str(reason))
