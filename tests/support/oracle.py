"""A brute-force oracle: field figures of a network by propagating sets of input pixels.

A network is a dict {"input": [channels, *axes], "layers": [...]}; a layer is a dict with name,
type, from (a list of names) and the attributes of its type as a definition file would hold them.
Nothing here restates a closed formula: for each layer and axis the oracle holds the exact set of
input pixels that any unit reads, units beyond the map's border included, and counts those sets.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from oracle_windows import WINDOWS, Refused, Window, shifted

MERGES = ("add", "mul", "concat")
MOST_PHASES = 10_000


class Field:
    """The input pixels that each unit of one axis of a layer reads.

    reads(unit + period) is reads(unit) moved by shift pixels. `whole` is the one set that every
    unit reads where the layer is global on this axis, else None. With `units`, the map's real ones,
    it is known of each what it reads, but no period is told of; `corners` is set behind resizings
    with aligned corners, whose strides come from sizes.
    """

    def __init__(
        self,
        reads: Callable[[int], frozenset] | None,
        period: int = 1,
        shift: int = 1,
        whole: frozenset | None = None,
        units: int | None = None,
        corners: bool = False,
    ):
        self._reads, self.period, self.shift, self.whole = reads, period, shift, whole
        self.units, self.corners = units, corners
        self._known: dict[int, frozenset] = {}

    def reads(self, unit: int) -> frozenset:
        """Input pixels that the unit reads."""
        if self.whole is not None:
            return self.whole
        if unit not in self._known:
            self._known[unit] = frozenset(self._reads(unit))
        return self._known[unit]

    def real(self, size: int) -> frozenset:
        """Input pixels that all real units of a map of this size read together."""
        return frozenset().union(*map(self.reads, range(size)))


class Layer(NamedTuple):
    """One traced layer: its description, what it read, its output and its field per axis.

    A field is None where it is unknown: after a merge of different strides, but for strides that
    aligned corners make. `global_axes` tells
    for each axis whether units read a whole map, which may be known where the field is not.
    `passes_whole` tells whether any path from the input goes through a layer that does.
    """

    description: dict
    in_sizes: tuple
    shape: tuple
    windows: tuple
    fields: tuple
    global_axes: tuple
    aligned: bool | None = None
    passes_whole: bool = False


def identity_field():
    """The network's input: pixel u reads itself."""
    return Field(lambda unit: {unit})


def through(field: Field | None, window: Window, size: int) -> Field | None:
    """The field of a layer that reads `size` real units of this field through a window."""
    if field is None:
        return None
    if field.whole is not None:
        return field
    if window.reads is None:
        return Field(None, whole=field.real(size))

    def reads(unit):
        return frozenset().union(*map(field.reads, window.reads(unit)))

    corners = field.corners or window.corners
    turns = field.period // math.gcd(window.shift, field.period)
    if field.units or window.period * turns > MOST_PHASES:
        return Field(reads, units=window.size, corners=corners)
    shift = field.shift * Fraction(turns * window.shift, field.period)
    return Field(reads, window.period * turns, int(shift), corners=corners)


def merged(fields: list, sizes: list) -> Field | None:
    """The union, unit by unit; over all real units where an input is global or broadcast."""
    if any(field is None for field in fields):
        return None
    if any(field.whole is not None for field in fields) or len(set(sizes)) > 1:
        reals = [field.real(size) for field, size in zip(fields, sizes, strict=True)]
        return Field(None, whole=frozenset().union(*reals))
    if len({stride(field) for field in fields if not field.units and not field.corners}) > 1:
        return None
    corners = any(field.corners for field in fields)

    def reads(unit):
        return frozenset().union(*(field.reads(unit) for field in fields))

    period = math.lcm(*(field.period for field in fields))
    kept = any(field.units for field in fields)
    if kept or len(set(map(stride, fields))) > 1 or period > MOST_PHASES:
        return Field(reads, units=sizes[0], corners=corners)
    shift = fields[0].shift * (period // fields[0].period)
    return Field(reads, period, shift, corners=corners)


def stride(field: Field) -> Fraction:
    """Pixels from one unit's field to the next one's, on average."""
    return Fraction(field.shift, field.period)


def mean_centre(field: Field, units: int) -> Fraction | None:
    """Mean centre of the first units, in pixels; None if one of them reads nothing."""
    sets = [field.reads(unit) for unit in range(units)]
    if not all(sets):
        return None
    return sum(Fraction(min(pixels) + max(pixels), 2) for pixels in sets) / units


def aligned_on_axis(fields: list, sizes: list) -> bool | None:
    """Whether the merged fields are centred alike on one axis; None where that is unknown.

    Global and broadcast inputs are left out: what they read does not move with the unit.
    """
    moving = [
        field
        for field, size in zip(fields, sizes, strict=True)
        if field is None or (field.whole is None and size == max(sizes))
    ]
    joint = merged(moving, [max(sizes)] * len(moving)) if len(moving) > 1 else None
    if joint is None or joint.units:
        return None
    centres = {mean_centre(field, joint.period) for field in moving}
    return None if None in centres else len(centres) == 1


def alignment(inputs: list) -> bool | None:
    """Whether a merge's inputs are centred alike on all axes; one axis is enough for a no."""
    answers = [
        aligned_on_axis([layer.fields[axis] for layer in inputs], sizes)
        for axis, sizes in enumerate(map(list, zip(*map(sizes_of, inputs), strict=True)))
    ]
    if False in answers:
        return False
    return None if None in answers else True


def sizes_of(layer: Layer) -> tuple:
    """Real units per axis; a vector is one unit on every axis."""
    return layer.shape[1:] or (1,) * len(layer.fields)


def channels_out(layer: dict, shapes: list, axes: int) -> int:
    """Output channels of a layer, from its attributes and its inputs' shapes."""
    kind, first = layer["type"], shapes[0][0]
    if kind in ("conv", "conv_transpose"):
        return layer["out_channels"]
    if kind == "depthwise_conv":
        return first * layer.get("multiplier", 1)
    if kind == "space_to_depth":
        return first * layer["factor"] ** axes
    if kind == "pixel_shuffle":
        if first % layer["factor"] ** axes:
            raise Refused("channels do not divide by factor to the power of axes")
        return first // layer["factor"] ** axes
    if kind == "slice":
        return len(range(*layer["channels"]))
    if kind == "linear":
        return layer["out_features"]
    if kind == "flatten":
        return math.prod(shapes[0])
    return first


def merged_shape(layer: dict, shapes: list) -> tuple:
    """Output shape of a merge: equal axes, or a 1x1 input or single channel broadcast."""
    if "axis" in layer:
        place = axis_place(layer, len(shapes[0]) - 1) + 1
        rests = {(*shape[:place], *shape[place + 1 :]) for shape in shapes}
        if len(rests) > 1:
            raise Refused("joined maps differ beside their axis")
        total = sum(shape[place] for shape in shapes)
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])
    wide = max(shape[1:] for shape in shapes)
    single = (1,) * len(wide)
    concat = layer["type"] == "concat"
    if any(shape[1:] != wide and (concat or shape[1:] != single) for shape in shapes):
        raise Refused("merge inputs differ in size")
    channels = [shape[0] for shape in shapes]
    if concat:
        return sum(channels), *wide
    if any(count not in (1, max(channels)) for count in channels):
        raise Refused("merge inputs differ in channels")
    return max(channels), *wide


def axis_place(layer: dict, axes: int) -> int:
    """Which axis maps are joined along."""
    return {1: "l", 2: "hw", 3: "dhw"}[axes].index(layer["axis"])


def reads_alike(one: Field, other: Field, units: int) -> bool:
    """Whether two fields have the same stride and their units, some beyond the border, read so."""
    if one.units or other.units or stride(one) != stride(other):
        return one is other
    return all(one.reads(unit) == other.reads(unit) for unit in range(-units, 2 * units))


def one_after_the_other(fields: list, sizes: list) -> Field:
    """The field of maps that stand in a row: the first goes on before it, the last after it."""

    def reads(unit):
        for field, size in zip(fields[:-1], sizes[:-1], strict=True):
            if unit < size:
                return field.reads(unit)
            unit -= size
        return fields[-1].reads(unit)

    joined = Field(reads, units=sum(sizes))
    as_one = Field(reads, fields[0].period, fields[0].shift)
    alike = not any(field.units for field in fields) and len(set(map(stride, fields))) == 1
    return fields[0] if alike and reads_alike(fields[0], as_one, 2 * sum(sizes)) else joined


class Trace:
    """A network traced layer by layer: `layers` holds a Layer for each name, input included.

    Where paths merge, those through a layer that reads a whole map are left out if there are
    others, unless `with_global`.
    """

    def __init__(self, input_shape, with_global=False):
        self.with_global = with_global
        axes = len(input_shape) - 1
        fields = tuple(identity_field() for _ in range(axes))
        self.axes = axes
        self.layers = {"input": Layer({}, (), tuple(input_shape), (), fields, (False,) * axes)}

    def add(self, layer: dict) -> Layer:
        """Trace one more layer and keep it under its name; Refused if it cannot stand there."""
        inputs = [self.layers[name] for name in layer["from"]]
        if layer["type"] in MERGES:
            traced = self._merge(layer, inputs)
        else:
            traced = self._reach(layer, inputs[0])
        self.layers[layer["name"]] = traced
        return traced

    def _merge(self, layer: dict, inputs: list) -> Layer:
        shape = merged_shape(layer, [each.shape for each in inputs])
        if "axis" in layer:
            return self._join(layer, inputs, shape)
        read, windows = (
            sizes_of(inputs[0]),
            tuple(shifted(0, n) for n in shape[1:] or (1,) * self.axes),
        )
        wide = tuple(map(max, zip(*map(sizes_of, inputs), strict=True)))
        whole = [any(each.global_axes) or sizes_of(each) != wide for each in inputs]
        passes = any(whole) or any(each.passes_whole for each in inputs)
        if not self.with_global and not all(whole):
            inputs = [each for each, is_whole in zip(inputs, whole, strict=True) if not is_whole]
        sizes = list(zip(*map(sizes_of, inputs), strict=True))
        fields = tuple(
            merged([each.fields[axis] for each in inputs], sizes[axis]) for axis in range(self.axes)
        )
        is_global = tuple(
            len(set(sizes[axis])) > 1 or any(each.global_axes[axis] for each in inputs)
            for axis in range(self.axes)
        )
        aligned = alignment(inputs)
        return Layer(layer, read, shape, windows, fields, is_global, aligned, passes)

    def _join(self, layer: dict, inputs: list, shape: tuple) -> Layer:
        """Maps without any that read whole ones, along an axis."""
        place, passes = axis_place(layer, self.axes), any(each.passes_whole for each in inputs)
        fields = []
        for axis in range(self.axes):
            column = [each.fields[axis] for each in inputs]
            sizes = [sizes_of(each)[axis] for each in inputs]
            if None in column:
                fields.append(None)
            elif axis == place:
                fields.append(one_after_the_other(column, sizes))
            else:
                alike = all(reads_alike(column[0], each, sizes[0]) for each in column)
                fields.append(column[0] if alike else None)
        windows = tuple(shifted(0, n) for n in shape[1:])
        is_global = (False,) * self.axes
        read = sizes_of(inputs[0])
        return Layer(layer, read, shape, windows, tuple(fields), is_global, None, passes)

    def _reach(self, layer: dict, source: Layer) -> Layer:
        sizes = sizes_of(source)
        window = WINDOWS[layer["type"]]
        windows = [window(layer, axis, sizes, self._lookup) for axis in range(self.axes)]
        if min(each.size for each in windows) < 1:
            raise Refused("output size below 1")
        channels = channels_out(layer, [source.shape], self.axes)
        fields = tuple(map(through, source.fields, windows, sizes))
        is_vector = layer["type"] in ("linear", "flatten") or len(source.shape) == 1
        shape = (channels,) if is_vector else (channels, *(each.size for each in windows))
        is_global = tuple(
            before or window.reads is None
            for before, window in zip(source.global_axes, windows, strict=True)
        )
        passes = source.passes_whole or any(window.reads is None for window in windows)
        return Layer(layer, sizes, shape, tuple(windows), fields, is_global, None, passes)

    def _lookup(self, name: str) -> tuple:
        """(description, sizes read, output shape) of an earlier layer."""
        layer = self.layers[name]
        return layer.description, layer.in_sizes, layer.shape


def extent(pixels: frozenset) -> int:
    """Pixels from the first to the last of a set, both counted; 0 for none."""
    return max(pixels) - min(pixels) + 1 if pixels else 0


def field_figures(field: Field | None) -> dict:
    """rf, rf_min, eff_stride, eff_pad, center (pixels) and coverage (share) of one axis."""
    names = ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage")
    if field is None:
        return dict.fromkeys(names)
    sets = [field.reads(unit) for unit in range(field.units or field.period)]
    widest = max(sets, key=extent)
    first = sets[0]
    moves = field.whole is None and not field.units
    values = (
        extent(widest),
        min(map(extent, sets)),
        stride(field) if moves else None,
        -min(first) if first else None,
        Fraction(min(first) + max(first), 2) if first else None,
        Fraction(len(widest), extent(widest)) if widest else None,
    )
    return dict(zip(names, values, strict=True))


def figures(layer: Layer) -> dict:
    """All figures of a layer under cnncalc's names: tuples per axis, and three flags."""
    axes = [field_figures(field) for field in layer.fields]
    result = {name: tuple(axis[name] for axis in axes) for name in axes[0]}
    is_global = any(layer.global_axes)
    gated = layer.passes_whole and not is_global
    flags = {"aligned": layer.aligned, "is_global": is_global, "gated": gated}
    return {"out_shape": layer.shape, **result, **flags}


def trace(network: dict, with_global: bool = False) -> Trace:
    """Trace all layers of a network, in order."""
    traced = Trace(network["input"], with_global)
    for layer in network["layers"]:
        traced.add(layer)
    return traced


def evaluate(network: dict, with_global: bool = False) -> dict:
    """Figures of every layer by name, the input left out."""
    layers = trace(network, with_global).layers
    return {name: figures(layer) for name, layer in layers.items() if name != "input"}
