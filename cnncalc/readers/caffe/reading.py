"""Caffe's networks: `.prototxt` files of both generations, train/test and deploy forms.

Of a train/test file the test phase is read. Losses, accuracies and what only prepares data or
draws results are left out: they have no figures.
"""

from __future__ import annotations

from ...definition.definition import Definition
from ...wording import quote, shape_text
from ..builder import INPUT, Builder, Unreadable
from ..source import Source
from . import inputs
from .entry import CaffeLayer, layers
from .inputs import SourceBlob
from .net import ASIDE_BLOB, Blob, CaffeNet
from .operators import ASIDE, OPERATORS, WEIGHTED
from .prototxt import parse
from .prototxt_message import Message

VECTOR, MOST_DIMS = 2, 5


def read(source: Source) -> Definition:
    """The definition that a prototxt gives; raises DefinitionError with the line."""
    text = source.text()
    root = parse(text, source.path)
    everything = layers(root)
    included = [layer for layer in everything if layer.included]
    axes = _axes(root, everything, source)
    outside = _blobs_from_outside(root, everything, axes)
    start = _start(outside, included)
    net = CaffeNet(Builder(source, _shape(root, start, axes)))
    for source_blob in outside:
        batch = source_blob.dims[0] if source_blob.dims else None
        net.blobs[source_blob.blob] = Blob(None, regions=batch)
    if start is not None:
        net.blobs[start.blob] = Blob(INPUT)
        net.batch = start.dims[0] if start.dims else None
    with net.builder.reading():
        for layer in included:
            if not inputs.is_source(layer):
                _add(net, layer)
    return net.builder.text_definition(root.text("name"), "Caffe prototxt", text)


def _blobs_from_outside(root: Message, everything: list[CaffeLayer], axes: int) -> list[SourceBlob]:
    """What comes from outside; what the test phase has no data layer for comes from another's."""
    blobs = inputs.declared_blobs(root)
    for layer in sorted(everything, key=lambda layer: not layer.included):
        if inputs.is_source(layer):
            blobs += inputs.layer_blobs(layer, axes)
    first: dict[str, SourceBlob] = {}
    for each in blobs:
        first.setdefault(each.blob, each)
    return list(first.values())


def _start(outside: list[SourceBlob], included: list[CaffeLayer]) -> SourceBlob | None:
    """The blob that is the network's input: the first that some layer computes on."""
    read = {layer.bottoms[0] for layer in included if layer.bottoms and layer.key not in ASIDE}
    return next((each for each in outside if each.blob in read), outside[0] if outside else None)


def _axes(root: Message, everything: list[CaffeLayer], source: Source) -> int:
    """How many spatial axes the data has: as many as its shape tells, else as its kernels do."""
    blobs = inputs.declared_blobs(root)
    for layer in everything:
        if inputs.is_source(layer) and layer.key in ("input", "dummydata"):
            blobs += inputs.layer_blobs(layer, 2)
    ranks = [len(each.dims) for each in blobs if each.dims and VECTOR < len(each.dims) <= MOST_DIMS]
    if ranks:
        return ranks[0] - 2
    for layer in everything:
        kernels = layer.param("convolution_param").fields.get("kernel_size", ())
        if layer.key.endswith("3d") or len(kernels) == 3:
            return 3
    asked = source.input if isinstance(source.input, str) else ""
    numbers = asked.lower().replace("×", "x").split("x")
    return max(len(numbers) - 1, 2) if len(numbers) <= 4 else 2


def _shape(root: Message, start: SourceBlob | None, axes: int) -> list[int | None]:
    """The input's shape as a definition gives it; a vector is a map of one unit."""
    if start is None or start.dims is None:
        return [None] * (axes + 1)
    numbers = start.dims[1:]
    if len(numbers) == 1:
        return [*numbers, *[1] * axes]
    if len(numbers) != axes + 1:
        shape = f"input {quote(start.blob)} has the shape {shape_text(tuple(start.dims))}"
        rule = "a network's is of a batch, channels and one to three axes"
        raise root.refuse(f"{shape}; {rule}", start.line)
    return numbers


def _add(net: CaffeNet, layer: CaffeLayer) -> None:
    if not layer.type:
        raise layer.refuse('a layer needs a type, as in type: "Convolution"')
    operator = OPERATORS.get(layer.key)
    if layer.key in ASIDE or (layer.key not in WEIGHTED and operator and net.is_aside(layer)):
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
