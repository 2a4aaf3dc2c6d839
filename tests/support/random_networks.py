"""Seeded random networks that are valid, as descriptions for the oracle and as YAML text.

`generate(seed)` grows a network layer by layer: it draws a layer or a motif (a gate, a residual
branch, pooling and unpooling), has the oracle trace it, and keeps it if it is valid and small.
"""

import random
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

from oracle import Layer, Refused, Trace, extent, sizes_of
from random_layers import random_layer, random_vector_layer

MAX_CHANNELS = 32


class Limits(NamedTuple):
    """How large a random network may grow."""

    inputs: dict  # axes of the network: least and greatest input size
    layers: tuple = (3, 10)
    size: int = 48  # units per axis
    extent: int = 200  # pixels
    period: int = 36  # units
    by_units: bool = False  # whether fields may be kept unit by unit
    attending: bool = False  # whether there is attention among the layers


SMALL = Limits({1: (8, 48), 2: (6, 26), 3: (5, 14)})
SMALL_BY_UNITS = Limits(
    {1: (6, 48), 2: (5, 24), 3: (4, 10)}, layers=(4, 12), period=500, by_units=True
)
SMALL_ATTENDING = SMALL._replace(attending=True)
WIDE = Limits({1: (120, 160), 2: (60, 80)}, layers=(2, 5), size=240, extent=24, period=6)


def is_within(limits: Limits, layer: Layer) -> bool:
    """Whether a traced layer keeps the network small and its figures defined."""
    if max(sizes_of(layer)) > limits.size:
        return False
    if len(layer.shape) > 1 and layer.shape[0] > MAX_CHANNELS:
        return False
    for field in layer.fields:
        if field is None or field.period > limits.period or field.shift == 0:
            return False
        if field.units and not limits.by_units:
            return False
        sets = [field.reads(unit) for unit in range(field.units or field.period)]
        if not any(sets) or (field.whole is None and max(map(extent, sets)) > limits.extent):
            return False
    return True


class Grower:
    """A network in growth: a random source, the trace so far and the layers kept."""

    def __init__(self, rng, axes, portable, limits):
        self.rng, self.axes, self.portable, self.limits = rng, axes, portable, limits
        sizes = [rng.randint(*limits.inputs[axes]) for _ in range(axes)]
        self.shape = [rng.randint(1, 4), *sizes]
        self.trace = Trace(self.shape)
        self.layers: list[dict] = []
        self.unnamed = Counter()

    def add(self, kind, sources, **attributes):
        """Name of the new layer, or None if it does not fit there."""
        unnamed = self.rng.random() < 0.3
        name = f"{kind}{self.unnamed[kind] + 1}" if unnamed else f"l{len(self.layers) + 1}"
        layer = {"name": name, "type": kind, "from": sources, **attributes}
        try:
            kept = is_within(self.limits, self.trace.add(layer))
        except Refused:
            return None
        if not kept:
            del self.trace.layers[name]
            return None
        self.unnamed[kind] += unnamed
        self.layers.append(layer)
        return name

    def source(self):
        """The last layer mostly, else any earlier one."""
        if self.layers and self.rng.random() < 0.75:
            return self.layers[-1]["name"]
        return self.rng.choice(list(self.trace.layers))

    def shape_of(self, name):
        """Output shape of a layer kept."""
        return self.trace.layers[name].shape

    def plain(self):
        """One layer of any type."""
        source = self.source()
        shape = self.shape_of(source)
        if len(shape) == 1:
            kind, attributes = random_vector_layer(self.rng, shape[0])
        else:
            kind, attributes = random_layer(self.rng, shape, self.portable, self.limits.attending)
        return self.add(kind, [source], **attributes)

    def merge(self):
        """A merge of layers of equal size, where there are any; kept if their strides agree."""
        groups = {}
        for name, layer in self.trace.layers.items():
            groups.setdefault(layer.shape[1:], []).append(name)
        group = self.rng.choice(list(groups.values()))
        if len(group) < 2:
            return None
        sources = self.rng.sample(group, min(len(group), self.rng.choice((2, 2, 3))))
        kind = self.rng.choice(("concat", "concat", "add", "mul"))
        counts = {self.shape_of(name)[0] for name in sources}
        return self.add("concat" if len(counts - {1}) > 1 else kind, sources)

    def residual(self):
        """A window that keeps the size, added to or joined with what it reads."""
        source = self.source()
        if len(self.shape_of(source)) == 1:
            return None
        kernel, dilation = self.rng.choice((2, 3, 4, 5)), self.rng.randint(1, 2)
        branch = self.add(
            "conv",
            [source],
            out_channels=self.shape_of(source)[0],
            kernel_size=kernel,
            dilation=dilation,
            padding=self.rng.choice(("same", "same_lower")),
        )
        return branch and self.add(self.rng.choice(("add", "concat")), [source, branch])

    def gate(self):
        """A squeeze-and-excitation gate: the map times a 1x1 map made from it."""
        source = self.source()
        shape = self.shape_of(source)
        if min(shape[1:], default=1) == 1:
            return None
        if self.rng.random() < 0.3:  # a 1x1 map that is not global itself
            pooled = self.add("conv", [source], out_channels=2, kernel_size=list(shape[1:]))
        else:
            pooled = self.add("global_avg_pool", [source])
        gate = pooled and self.add("conv", [pooled], out_channels=shape[0], kernel_size=1)
        return gate and self.add(self.rng.choice(("mul", "add")), [source, gate])

    def unpool(self):
        """Max pooling, perhaps something at the pooled size, and its unpooling."""
        source = self.source()
        shape = self.shape_of(source)
        if len(shape) == 1:
            return None
        kernel = self.rng.randint(1, 4)
        attributes = {"kernel_size": kernel, "stride": self.rng.randint(1, 3)}
        if self.rng.random() < 0.5:
            attributes["padding"] = self.rng.randint(0, kernel // 2)
        if self.rng.random() < 0.5:
            attributes["ceil_mode"] = True
        pool = self.add("max_pool", [source], **attributes)
        if pool and self.rng.random() < 0.5:
            same = {"out_channels": shape[0], "kernel_size": 3, "padding": "same"}
            return self.add("max_unpool", [self.add("conv", [pool], **same) or pool], pool=pool)
        return pool and self.add("max_unpool", [pool], pool=pool)

    def restore(self):
        """A map halved, brought back to its size and joined with itself."""
        source = self.source()
        if min(self.shape_of(source)[1:], default=1) == 1:
            return None
        half = self.add("max_pool", [source], kernel_size=2)
        if not half:
            return None
        ways = [
            ("upsample", {"scale_factor": 2}),
            ("upsample", {"scale_factor": 2, "mode": "bilinear"}),
            ("conv_transpose", {"out_channels": 2, "kernel_size": 4, "stride": 2, "padding": 1}),
            ("upsample", {"like": source}),
        ]
        if self.limits.by_units:
            corners = {"mode": self.rng.choice(("bilinear", "linear")), "align_corners": True}
            ways = [("upsample", {**each, **corners}) for _, each in (ways[0], ways[-1])]
        kind, attributes = self.rng.choice(ways)
        back = self.add(kind, [half], **attributes)
        if back and self.shape_of(back)[1:] != self.shape_of(source)[1:]:
            source = self.add("crop", [source], like=back)
        return back and source and self.add("concat", [source, back])


MOTIFS = {"plain": 20, "merge": 5, "residual": 2, "gate": 1, "unpool": 1.5, "restore": 1.5}


def generate(seed: int, portable: bool = False, limits: Limits = SMALL) -> dict:
    """A random network's description; `portable` keeps to what PyTorch has modules for."""
    rng = random.Random(seed)
    axes = rng.choice([each for each in (1, 2, 2, 2, 3) if each in limits.inputs])
    grower = Grower(rng, axes, portable, limits)
    wanted = rng.randint(*limits.layers)
    motifs = {**MOTIFS, "restore": 12} if limits.by_units else MOTIFS
    while len(grower.layers) < wanted:
        motif = rng.choices(list(motifs), list(motifs.values()))[0]
        getattr(grower, motif)()
    return {"name": f"random{seed}", "input": grower.shape, "layers": grower.layers}


def yaml_value(value) -> str:
    """A value in YAML's flow style; fractions as decimals, which those drawn here all are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_value, value)) + "]"
    return str(float(value)) if isinstance(value, Fraction) else str(value)


def yaml_layer(layer: dict, previous: str, unnamed: Counter) -> str:
    """One layer's line, leaving out the name and source that would be assumed."""
    keys = dict(layer)
    if layer["from"] == [previous]:
        del keys["from"]
    elif len(layer["from"]) == 1:
        keys["from"] = layer["from"][0]
    if layer["name"] == f"{layer['type']}{unnamed[layer['type']] + 1}":
        unnamed[layer["type"]] += 1
        del keys["name"]
    if list(keys) == ["type"]:
        return f"  - {layer['type']}"
    return "  - {" + ", ".join(f"{key}: {yaml_value(value)}" for key, value in keys.items()) + "}"


def to_yaml(network: dict) -> str:
    """The definition file's text of a description."""
    unnamed, previous = Counter(), "input"
    lines = [f"name: {network.get('name', 'net')}", f"input: {yaml_value(network['input'])}"]
    lines.append("layers:")
    for layer in network["layers"]:
        lines.append(yaml_layer(layer, previous, unnamed))
        previous = layer["name"]
    return "\n".join(lines) + "\n"
