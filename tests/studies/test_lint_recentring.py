"""What CNN201 names, done: the remedy is applied to the definition, and the finding is gone."""

from fractions import Fraction
from math import lcm

import pytest
from oracle import trace
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.studies.lint import recentring
from cnncalc.studies.solve.changed_network import kind_with, with_kinds

HALF = Fraction(1, 2)


def layer(name, kind, *sources, **attributes):
    return {"name": name, "type": kind, "from": list(sources), **attributes}


def conv(name, source, kernel=3, channels=4, **attributes):
    return layer(name, "conv", source, out_channels=channels, kernel_size=kernel, **attributes)


# ResNet's stages as a feature pyramid reads them (arXiv:1612.03144, figure 3).
FPN = [
    conv("stem", "input", 7, stride=2, padding=3),
    layer("c1", "max_pool", "stem", kernel_size=3, stride=2, padding=1),
    conv("c2.main", "c1", stride=2, padding=1),
    conv("c2.short", "c1", 1, stride=2),
    layer("c2", "add", "c2.main", "c2.short"),
    conv("c3", "c2", stride=2, padding=1),
    conv("p3", "c3", 1),
    layer("up2", "upsample", "p3", scale_factor=2),
    conv("l2", "c2", 1),
    layer("p2", "add", "l2", "up2"),
    layer("up1", "upsample", "p2", scale_factor=2),
    conv("l1", "c1", 1),
    layer("p1", "add", "l1", "up1"),
]
YOLO = [
    conv("a", "input", stride=2, padding=1),
    conv("down", "a", stride=2, padding=1),
    conv("squeeze", "down", 1),
    layer("up", "upsample", "squeeze", scale_factor=2),
    layer("route", "concat", "up", "a"),
]
UNET = [
    conv("a", "input", padding=1),
    layer("pool", "max_pool", "a", kernel_size=2),
    conv("b", "pool", padding=1),
    {**conv("up", "b", stride=2, padding=1, output_padding=1), "type": "conv_transpose"},
    layer("join", "concat", "a", "up"),
]
STRIDED = [
    conv("main", "input", 4, stride=2, padding=1),
    conv("short", "input", 1, stride=2),
    layer("sum", "add", "main", "short"),
]
PADDED = [
    conv("left", "input", 3, padding=[[2, 0], [2, 0]]),
    conv("right", "input", 5, padding=[[0, 4], [0, 4]]),
    layer("sum", "add", "left", "right"),
]
CROPPED = [
    conv("a", "input"),
    conv("b", "a", dilation=2),
    layer("cut", "crop", "input", amount=[[1, 5], [3, 3]]),
    layer("join", "concat", "b", "cut"),
]
LIKE = [
    conv("a", "input"),
    layer("cut", "crop", "input", like="a"),
    layer("join", "concat", "a", "cut"),
]
PATTERNS = {
    "a pyramid, at its first merge": (FPN, "p2", {"c3": {"kernel_size": 4}}),
    "a pyramid, through two merges": (
        FPN,
        "p1",
        {
            "c2.main": {"kernel_size": 4},
            "c2.short": {"kernel_size": 2},
            "c3": {"kernel_size": 4},
        },
    ),
    "nearest resizing beside what was halved": (YOLO, "route", {"down": {"kernel_size": 4}}),
    "a transposed convolution of 3 beside a pool of 2": (
        UNET,
        "join",
        {"up": {"kernel_size": 4, "output_padding": 0}},
    ),
    "an even kernel beside an odd one": (STRIDED, "sum", {"short": {"kernel_size": 2}}),
    "padding on different sides": (
        PADDED,
        "sum",
        {"left": {"padding": 1}, "right": {"padding": 2}},
    ),
    "a crop that is not in the middle": (CROPPED, "join", {"cut": {"amount": 3}}),
    "a crop to a layer's size": (LIKE, "join", {"cut": {"offset": 1}}),
}


def network(layers, changes=None):
    """The description, with other attributes for some layers."""
    layers = [{**each, **(changes or {}).get(each["name"], {})} for each in layers]
    return {"name": "net", "input": [4, 64, 64], "layers": layers}


def finding_at(described, name):
    """What CNN201 finds at a layer, if anything."""
    found = cnncalc.lint(cnncalc.loads(to_yaml(described)), select=["CNN201"])
    return next((finding for finding in found if name in finding.layers), None)


@pytest.mark.parametrize("case", PATTERNS)
def test_the_remedy_helps(case):
    layers, name, changes = PATTERNS[case]
    finding = finding_at(network(layers), name)
    assert finding.evidence["changes"] == changes
    changed = network(layers, changes)
    assert finding_at(changed, name) is None
    # By enumeration too.
    before, after = trace(network(layers)).layers[name], trace(changed).layers[name]
    assert (before.aligned, after.aligned, before.shape) == (False, True, after.shape)


@pytest.mark.parametrize("case", PATTERNS)
def test_the_remedy_is_told(case):
    layers, name, changes = PATTERNS[case]
    remedy = finding_at(network(layers), name).remedy
    for changed, attributes in changes.items():
        told = " and ".join(f"{key}: {value}" for key, value in attributes.items())
        assert repr(changed) in remedy and told in remedy


@pytest.mark.parametrize("name", ["yolo_v3", "gcn", "refinenet101", "inception_v2"])
def test_remedies_of_built_in_networks(name):
    loaded = cnncalc.load(name)
    findings = cnncalc.lint(loaded, select=["CNN201"])
    assert findings
    for finding in findings:
        changes = {loaded.index(one): each for one, each in finding.evidence["changes"].items()}
        nodes = {index: loaded.nodes[index - 1].kind for index in changes}
        kinds = {index: kind_with(nodes[index], change) for index, change in changes.items()}
        left = cnncalc.lint(with_kinds(loaded, kinds), select=["CNN201"])
        assert finding.layer not in {one for each in left for one in each.layers}


def mean_of_boxes(loaded, name, units):
    """Where the first units of a layer are centred on average on the first axis, by their boxes."""
    rest = [0] * (loaded.axes - 1)
    boxes = [cnncalc.unit_box(loaded, name, [unit, *rest]) for unit in range(units)]
    centres = [box.sides[0].center for box in boxes]
    exact = [Fraction(*each) if isinstance(each, tuple) else Fraction(each) for each in centres]
    return sum(exact) / units


@pytest.mark.parametrize("described", [network(each[0]) for each in PATTERNS.values()])
def test_centres_are_those_of_boxes(described):
    check_centres(described)


def test_centres_of_random_networks_are_those_of_boxes():
    assert sum(check_centres(generate(seed)) for seed in range(150)) > 20


def check_centres(described):
    """The centres told on the first axis against those of every unit of a period; how many."""
    loaded = cnncalc.loads(to_yaml(described))
    traced, checked = trace(described).layers, 0
    sources = {each["name"]: each["from"] for each in described["layers"]}
    for finding in cnncalc.lint(loaded, select=["CNN201"]):
        if not finding.evidence.get("apart", [None])[0]:
            continue
        names = sources[finding.layer]
        period = lcm(*(traced[name].fields[0].period for name in names))
        which = {1: "first units are", 2: "units 0 and 1 are"}
        assert which.get(period, f"units 0 to {period - 1:,} are") in finding.found
        for name in names:
            if name != "input" and traced[name].shape[1] >= period:
                assert f"{mean_of_boxes(loaded, name, period)} (" in finding.found
                checked += 1
    return checked


def test_where_no_change_helps_nothing_is_named():
    layers = [
        layer("first", "crop", "input", amount=[[0, 1], [0, 1]]),
        layer("last", "crop", "input", amount=[[1, 0], [1, 0]]),
        layer("sum", "add", "first", "last"),
    ]
    finding = finding_at(network(layers), "sum")
    assert "0 ('first') and 1 ('last'): 1 apart on h and w" in finding.found
    assert (finding.remedy, finding.evidence["changes"]) == ("", {})


def test_a_weight_that_is_shared_keeps_its_kernel():
    layers = [
        conv("a", "input", 2, padding=[[0, 1], [0, 1]]),
        conv("b", "input", 2, padding=[[1, 0], [1, 0]], shares="a"),
        layer("sum", "add", "a", "b"),
    ]
    assert finding_at(network(layers), "sum").remedy == ""


def test_a_search_that_is_given_up_names_the_rule_s_remedy(monkeypatch):
    monkeypatch.setattr(recentring, "MOST_EFFORT", 3)
    finding = finding_at(network(STRIDED), "sum")
    assert finding.remedy.startswith("padding alike on both sides")
    assert finding.evidence["changes"] == {}


def test_explain_tells_the_same_centres():
    explained = cnncalc.explain(cnncalc.loads(to_yaml(network(YOLO))), layers=["route"])
    told = explained["route"].sections[1].steps[-1].branch
    # Stride 2 behind `a`: pixels 0 and 2; `up` reads the one unit at pixel 0 twice.
    assert told.endswith("units 0 and 1 are centred on average at 0 (up), 1 (a)")
