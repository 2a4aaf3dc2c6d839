"""cnncalc's shapes and fields against an oracle that counts the pixels each unit reads."""

from fractions import Fraction

import oracle
import pytest
from oracle import MERGES, evaluate, trace
from oracle_windows import WINDOWS
from random_networks import SMALL_ATTENDING, SMALL_BY_UNITS, generate, to_yaml

import cnncalc
from cnncalc.fields import composition

FIGURES = (
    *("out_shape", "rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage"),
    *("aligned", "is_global", "gated"),
)
HALF = Fraction(1, 2)


def described(input_shape, *layers):
    """A description of layers given as (type, attributes), each reading the one before."""
    rows, previous = [], "input"
    for number, (kind, attributes) in enumerate(layers, 1):
        name = attributes.get("name", f"l{number}")
        rows.append({"name": name, "type": kind, "from": [previous], **attributes})
        previous = name
    return {"input": list(input_shape), "layers": rows}


def reported(network, with_global=False):
    """cnncalc's figures of a description, by layer name."""
    report = cnncalc.analyze(cnncalc.loads(to_yaml(network)), with_global=with_global)
    return {
        layer["name"]: {figure: getattr(report[layer["name"]], figure) for figure in FIGURES}
        for layer in network["layers"]
    }


def differences(expected, found):
    """Lines that name each figure in which two reports differ."""
    return [
        f"{name}.{figure}: oracle {value}, cnncalc {found[name][figure]}"
        for name, figures in expected.items()
        for figure, value in figures.items()
        if found[name][figure] != value
    ]


def is_exact(value):
    """Whether a figure, or each of a tuple of them, is an integer, a fraction or unknown."""
    values = value if isinstance(value, tuple) else (value,)
    return all(each is None or isinstance(each, (int, Fraction)) for each in values)


SEEDS = range(500)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_network(seed):
    check_against_oracle(generate(seed), seed % 2 == 1)


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_random_network_with_attention(seed):
    check_against_oracle(generate(seed, limits=SMALL_ATTENDING), seed % 2 == 1)


def check_against_oracle(network, with_global):
    """Every figure of every layer is the oracle's."""
    found = reported(network, with_global)
    different = differences(evaluate(network, with_global), found)
    assert not different, "\n".join([*different, to_yaml(network)])
    assert all(is_exact(value) for figures in found.values() for value in figures.values())


def test_random_networks_reach_every_kind():
    """The generator itself: every type, and every sort of figure, is among its networks."""
    types, sorts = set(), set()
    networks = [generate(seed) for seed in SEEDS]
    for network in [*networks, *(generate(seed, limits=SMALL_ATTENDING) for seed in range(5))]:
        types.update(layer["type"] for layer in network["layers"])
        for figures in evaluate(network).values():
            sorts.add(("aligned", figures["aligned"]))
            sorts.add(("global", figures["is_global"]))
            sorts.add(("gated", figures["gated"]))
            sorts.add(("phases", figures["rf"] != figures["rf_min"]))
            sorts.add(("gaps", min(figures["coverage"]) < 1))
            sorts.add(("empty unit", 0 in figures["rf_min"]))
    assert types >= {*WINDOWS, *MERGES}
    yes_or_no = {(sort, answer) for sort, _ in sorts for answer in (True, False)}
    assert sorts == {*yes_or_no, ("aligned", None)}


@pytest.mark.parametrize("seed", SEEDS[::5])
def test_oracle_periods_hold(seed):
    """The oracle's own claim: reads(u + period) is reads(u) moved by shift, on either side."""
    fields = [field for layer in trace(generate(seed)).layers.values() for field in layer.fields]
    for field in fields:
        for unit in range(-5, 6):
            moved = {pixel + field.shift for pixel in field.reads(unit)}
            assert field.whole is not None or field.reads(unit + field.period) == moved


def conv(**attributes):
    return "conv", {"out_channels": 2, **attributes}


def transposed(**attributes):
    return "conv_transpose", {"out_channels": 2, **attributes}


# One unit, which no tap of the transposed convolution reaches.
NOTHING = [
    transposed(kernel_size=1, stride=2, padding=1),
    ("crop", {"amount": [[0, 20]]}),
]

# One axis; what the last layer's figures are, counted by hand from the windows.
BY_HAND = {
    "two 3-windows, then stride 2": (
        [conv(kernel_size=3, padding=1), conv(kernel_size=3, stride=2, padding=1)],
        {"rf": 5, "eff_stride": 2, "eff_pad": 2, "center": 0, "coverage": 1},
    ),
    "even kernel, same: odd unit after": (
        [conv(kernel_size=4, padding="same")],
        {"rf": 4, "eff_pad": 1, "center": HALF},
    ),
    "even kernel, same_lower: odd unit before": (
        [conv(kernel_size=4, padding="same_lower")],
        {"rf": 4, "eff_pad": 2, "center": -HALF},
    ),
    "dilation leaves gaps: pixels 0, 3, 6": (
        [conv(kernel_size=3, dilation=3)],
        {"rf": 7, "coverage": Fraction(3, 7)},
    ),
    "stride over kernel leaves gaps: pixels 0 and 3": (
        [conv(kernel_size=1, stride=3), conv(kernel_size=2)],
        {"rf": 4, "coverage": HALF, "eff_stride": 3},
    ),
    "transposed 4/2 p1 reads 2 units at every phase": (
        [transposed(kernel_size=4, stride=2, padding=1)],
        {"rf": 2, "rf_min": 2, "eff_stride": HALF, "eff_pad": 1, "center": -HALF},
    ),
    "transposed 3/2 reads one unit or two": (
        [transposed(kernel_size=3, stride=2)],
        {"rf": 2, "rf_min": 1, "eff_stride": HALF, "eff_pad": 1, "center": -HALF},
    ),
    "transposed 1/2 p1: the first unit reads nothing": (
        [transposed(kernel_size=1, stride=2, padding=1)],
        {"rf": 1, "rf_min": 0, "eff_stride": HALF, "eff_pad": None, "center": None},
    ),
    "nearest reads one unit": (
        [("upsample", {"scale_factor": 2})],
        {"rf": 1, "rf_min": 1, "eff_stride": HALF, "eff_pad": 0},
    ),
    "linear by 2: the first unit lies at -1/4, between -1 and 0": (
        [("upsample", {"scale_factor": 2, "mode": "linear"})],
        {"rf": 2, "rf_min": 2, "eff_stride": HALF, "eff_pad": 1, "center": -HALF},
    ),
    "linear by 3: every third unit lies on a pixel": (
        [("upsample", {"scale_factor": 3, "mode": "linear"})],
        {"rf": 2, "rf_min": 1, "eff_stride": Fraction(1, 3), "eff_pad": 1},
    ),
    "aligned corners, 12 units to 23: every other unit lies on a pixel": (
        [("upsample", {"size": 23, "mode": "linear", "align_corners": True})],
        {"rf": 2, "rf_min": 1, "eff_stride": HALF, "eff_pad": 0, "center": 0},
    ),
    "adaptive 12 to 5: pixels 0-2, 2-4, 4-7, 7-9, 9-11": (
        [("adaptive_avg_pool", {"output_size": 5})],
        {"rf": 4, "rf_min": 3, "eff_stride": Fraction(12, 5), "eff_pad": 0, "center": 1},
    ),
    "unpooling a 2/3 pool: every third unit is under no window": (
        [("max_pool", {"kernel_size": 2, "stride": 3}), ("max_unpool", {"pool": "l1"})],
        {"rf": 2, "rf_min": 0, "eff_stride": 1, "eff_pad": 0, "center": HALF},
    ),
    "a global pool over padding reads pixels -1 to 12": (
        [conv(kernel_size=3, padding=1), ("global_avg_pool", {})],
        {"rf": 14, "rf_min": 14, "eff_stride": None, "eff_pad": 1, "is_global": True},
    ),
    "flattened, then a vector: all of the map": (
        [("flatten", {}), ("linear", {"out_features": 3})],
        {"rf": 12, "eff_stride": None, "eff_pad": 0, "center": Fraction(11, 2)},
    ),
    "a gate widens a map to all real units' extent": (
        [
            conv(kernel_size=3, padding=1),
            ("global_avg_pool", {}),
            ("mul", {"from": ["l1", "l2"]}),
            conv(kernel_size=3),
        ],
        {"rf": 14, "eff_stride": None, "eff_pad": 1, "is_global": True},
    ),
    "a 1x1 input that is not global itself is read whole": (
        [conv(kernel_size=12), ("add", {"from": ["input", "l1"]})],
        {"rf": 12, "eff_stride": None, "eff_pad": 0, "is_global": True, "aligned": None},
    ),
    "branches of odd and even kernels are half a pixel apart": (
        [
            conv(kernel_size=3, padding="same"),
            conv(kernel_size=2, padding="same", **{"from": ["input"]}),
            ("add", {"from": ["l1", "l2"]}),
        ],
        {"rf": 3, "aligned": False},
    ),
    "pooled and upsampled by 2: centred as the map on average": (
        [
            ("avg_pool", {"kernel_size": 2}),
            ("upsample", {"scale_factor": 2}),
            ("concat", {"from": ["l2", "input"]}),
        ],
        {"rf": 2, "rf_min": 2, "aligned": True, "eff_stride": 1},
    ),
    "linear with aligned corners from one unit: all read it": (
        [
            conv(kernel_size=12),
            ("upsample", {"size": 5, "mode": "linear", "align_corners": True}),
        ],
        {"rf": 12, "eff_stride": None, "eff_pad": 0, "is_global": True},
    ),
    "one misaligned pair is enough beside a gate": (
        [
            conv(kernel_size=3, padding="same"),
            conv(kernel_size=2, padding="same", **{"from": ["input"]}),
            ("global_avg_pool", {"from": ["input"]}),
            ("add", {"from": ["l1", "l2", "l3"]}),
        ],
        {"rf": 14, "eff_stride": None, "aligned": False},
    ),
    "a global pool over a unit that no tap reaches": (
        [*NOTHING, ("global_avg_pool", {})],
        {"rf": 0, "rf_min": 0, "eff_pad": None, "center": None, "is_global": True},
    ),
    "reading nothing adds nothing to a global field": (
        [
            *NOTHING,
            ("global_avg_pool", {"from": ["input"]}),
            ("add", {"from": ["l2", "l3"]}),
        ],
        {"rf": 12, "eff_pad": 0, "center": Fraction(11, 2)},
    ),
    "a map and its gate: nothing whose centres could be compared": (
        [("global_avg_pool", {}), ("mul", {"from": ["input", "l1"]})],
        {"rf": 12, "aligned": None},
    ),
    "space to depth and back: channels are taken together": (
        [("space_to_depth", {"factor": 2}), ("pixel_shuffle", {"factor": 2})],
        {"rf": 2, "rf_min": 2, "eff_stride": 1, "eff_pad": 0, "center": HALF},
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
@pytest.mark.parametrize("source", [evaluate, reported])
def test_by_hand(case, source):
    """All paths counted, those through whole maps too."""
    layers, expected = BY_HAND[case]
    last = list(source(described([2, 12], *layers), with_global=True).values())[-1]
    found = {
        figure: last[figure][0] if isinstance(last[figure], tuple) else last[figure]
        for figure in expected
    }
    assert found == expected


def strides_apart():
    """A sum of two maps of 6 units with strides 1 and 2."""
    return described(
        [1, 12],
        conv(kernel_size=7),
        conv(kernel_size=2, stride=2, **{"from": ["input"]}),
        ("add", {"from": ["l1", "l2"]}),
        conv(kernel_size=3),
        ("global_avg_pool", {}),
        ("add", {"from": ["l1", "l1", "l3"]}),
    )


@pytest.mark.parametrize("source", [evaluate, reported])
def test_merge_of_different_strides_is_unknown(source):
    figures = source(strides_apart())
    for name in ("l3", "l4", "l5", "l6"):
        assert figures[name]["aligned"] is None
        assert figures[name]["is_global"] == (name == "l5")
        for figure in ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage"):
            assert figures[name][figure] == (None,)
    assert figures["l3"]["out_shape"] == (2, 6)


@pytest.mark.parametrize("seed", range(300))
def test_random_network_with_fields_unit_by_unit(seed):
    """Merges behind resizings with aligned corners, whose strides agree with nobody's."""
    network, with_global = generate(seed, limits=SMALL_BY_UNITS), seed % 2 == 1
    different = differences(evaluate(network, with_global), reported(network, with_global))
    assert not different, "\n".join([*different, to_yaml(network)])


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_fields_unit_by_unit_are_those_of_their_phases(seed, monkeypatch):
    """The same networks with a bound of one phase: the real units' figures, no stride."""
    for module in (oracle, composition):
        monkeypatch.setattr(module, "MOST_PHASES" if module is oracle else "MAX_PHASES", 1)
    network, with_global = generate(seed), seed % 8 == 4
    different = differences(evaluate(network, with_global), reported(network, with_global))
    assert not different, "\n".join([*different, to_yaml(network)])


def test_random_networks_reach_fields_unit_by_unit():
    """The generator itself: by merges, by too many phases, and windows of every kind behind."""
    behind, merges, axes = set(), 0, set()
    for seed in range(300):
        network = generate(seed, limits=SMALL_BY_UNITS)
        layers = trace(network).layers
        for layer in network["layers"]:
            fields = layers[layer["name"]].fields
            if any(field.units for field in fields):
                behind.add(layer["type"])
                merges += layer["type"] in MERGES
                axes.add(len(fields))
    assert axes == {1, 2, 3} and merges > 100
    assert behind >= {"conv", "conv_transpose", "max_pool", "max_unpool", "upsample"}
    assert behind >= {"adaptive_avg_pool", "pad", "crop", "space_to_depth"}
