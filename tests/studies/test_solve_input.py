"""`solve input` against every size tried: the oracle traces the network at each of them."""

import json
from fractions import Fraction

import pytest
from oracle import Refused, trace
from oracle_windows import DOWNSAMPLING, stride_of
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.solve.input import input_sizes, pattern

SEEDS = range(36)
LAST = 26


def at_size(network, size, axis=None):
    """The description on an input of the size, on every axis or on one."""
    channels, *sizes = network["input"]
    sizes = [size if axis in (None, place) else old for place, old in enumerate(sizes)]
    return {**network, "input": [channels, *sizes]}


def left_behind(layer):
    """Whether a window that does not fit any more would read what is behind the last that does."""
    for axis, (window, size) in enumerate(zip(layer.windows, layer.in_sizes, strict=True)):
        if stride_of(layer.description, axis) == 1:
            continue
        behind = max(window.reads(window.size - 1))
        more = {place for unit in range(size) for place in window.reads(window.size + unit)}
        read = {place for unit in range(window.size) for place in window.reads(unit)}
        if any(behind < place < size for place in more - read):
            return True
    return False


def verdicts(network, axis=None):
    """For every size: (works, exact), and the sizes of all layers where it works."""
    found = {}
    for size in range(1, LAST + 1):
        try:
            layers = trace(at_size(network, size, axis)).layers
        except Refused:
            found[size] = (False, False, {})
            continue
        sliding = [one for one in layers.values() if one.description.get("type") in DOWNSAMPLING]
        exact = not any(map(left_behind, sliding))
        found[size] = (True, exact, {name: layer.shape[1:] for name, layer in layers.items()})
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_of_random_networks(seed):
    description = generate(seed)
    network = cnncalc.loads(to_yaml(description))
    axis = None if seed % 3 else 0
    expected = verdicts(description, axis)
    name = None if axis is None else {1: "l", 2: "h", 3: "d"}[network.axes]
    working = [size for size, (works, *_) in expected.items() if works]
    try:
        answer = input_sizes(network, (1, LAST), axis=name)
    except cnncalc.NetworkError:  # sizes that differ by axis, say
        assert not working
        return
    found = {verdict.size: (verdict.works, verdict.exact) for verdict in answer.verdicts}
    assert found == {size: verdict[:2] for size, verdict in expected.items()}, to_yaml(description)
    assert answer.smallest == working[0] if working else answer.smallest > LAST
    assert (answer.below is None) == (answer.smallest == 1)


@pytest.mark.parametrize("seed", SEEDS[6:24])
def test_sizes_that_give_an_output(seed):
    description = generate(seed)
    network = cnncalc.loads(to_yaml(description))
    expected = verdicts(description)
    for layer in description["layers"][-3:]:
        shapes = [
            (size, shapes[layer["name"]]) for size, (*_, shapes) in expected.items() if shapes
        ]
        if () in dict(shapes).values():
            with pytest.raises(cnncalc.UsageError, match="a vector"):
                input_sizes(network, (1, LAST), layer=layer["name"], output=1)
            continue
        for output in sorted({shape[0] for _, shape in shapes})[:4]:
            answer = input_sizes(network, (1, LAST), layer=layer["name"], output=output)
            wanted = [size for size, shape in shapes if set(shape) == {output}]
            assert answer.working == wanted


@pytest.mark.parametrize(
    ("name", "smallest", "step", "first"),
    [
        # Pools halve the sides minus 4: 572 − 4 is even, as are (572 − 4)/2 − 4 = 280, 136, 64.
        ("unet", 188, 16, 188),  # arXiv:1505.04597, section 2: 572 = 188 + 24·16
        ("vgg16", 32, 32, 32),  # five poolings of 2
        ("inception_v3", 75, 32, 75),  # 299 = 75 + 7·32, torchvision's least is 75
        ("alexnet", 67, 32, 67),  # 227 = 67 + 5·32, while 224 leaves columns unread
    ],
)
def test_known_networks(name, smallest, step, first):
    answer = input_sizes(cnncalc.load(name), (1, 640))
    assert answer.smallest == smallest
    assert pattern(answer.exact, 640) == cnncalc.studies.solve.input.Pattern(step, (first,))


def test_resnet_takes_and_reads_all_of_any_size():
    answer = input_sizes(cnncalc.load("resnet50"), (1, 300))
    assert answer.exact == list(range(1, 301))
    assert answer.smallest == 1 and answer.below is None


def test_parameters_that_depend_on_the_size_are_told():
    assert input_sizes(cnncalc.load("vgg16")).resized == ("fc6",)
    assert input_sizes(cnncalc.load("resnet50")).resized == ()


def test_output_of_vgg16():
    """pool5 halves five times and floors: 7 for 224 to 255."""
    answer = input_sizes(cnncalc.load("vgg16"), layer="pool5", output=7)
    assert answer.working == list(range(224, 256))
    assert answer.exact == [224]


TWO_HEADS = """
name: two heads
input: [1, 8, 8]
layers:
  - {name: head, type: linear, out_features: 2}
  - {name: pool, type: max_pool, kernel_size: 2, ceil_mode: true, from: input}
  - {name: twin, type: linear, out_features: 2, shares: head}
"""


def test_shared_parameters_must_fit():
    """A pooling of 2, rounded up, keeps only the size 1."""
    answer = input_sizes(cnncalc.loads(TWO_HEADS), (1, 6))
    assert answer.working == [1]
    assert "shares" in answer.verdicts[1].finding.reason


def test_sizes_spoiled_by_a_later_layer():
    text = """
name: net
input: [1, 30]
layers:
  - {name: a, type: conv, out_channels: 1, kernel_size: 2, stride: 2}
  - {name: b, type: space_to_depth, factor: 5, from: input}
"""
    answer = input_sizes(cnncalc.loads(text), (1, 30), layer="a", output=5)
    assert (answer.working, answer.spoiled) == ([10], 1)  # 10 and 11 give 5


@pytest.mark.parametrize("seed", range(20))
def test_pattern_holds_what_it_says(seed):
    """Sizes of random residues, from a random start on, with some strays before it."""
    import random

    rng = random.Random(seed)
    step, last = rng.randint(1, 12), 200
    residues = {rng.randrange(step) for _ in range(rng.randint(1, 4))}
    start = rng.randint(1, 60)
    sizes = sorted(
        {rng.randint(1, start) for _ in range(3)}
        | {size for size in range(start, last + 1) if size % step in residues}
    )
    found = pattern(sizes, last)
    repeated = {size for size in sizes if size >= found.first[0]}
    ahead = {first + found.step * turn for first in found.first for turn in range(last)}
    assert repeated == {size for size in ahead if size <= last}
    density = Fraction(len(residues), step)
    assert Fraction(len(found.first), found.step) == density


def test_no_pattern():
    assert pattern([], 9) is None
    assert pattern([5], 90) is None
    assert pattern([1, 2, 4, 8, 16], 16) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"between": (5, 4)}, "range '5:4' must be two whole numbers"),
        ({"between": (1, 10**6)}, "more than 20,000 sizes"),
        ({"axis": "d"}, "no axis 'd'; use h, w"),
        ({"layer": "pool5"}, "a layer goes with the output"),
        ({"layer": "pool5", "output": 0}, "output must be"),
        ({"layer": "pool9", "output": 3}, "no layer 'pool9'"),
        ({"layer": "fc6", "output": 3}, "gives a vector"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        input_sizes(cnncalc.load("vgg16"), **arguments)


def test_a_network_that_no_size_suits():
    text = (
        "name: n\ninput: [3, 8]\nlayers:\n  - {type: conv, out_channels: 4, kernel_size: 99999}\n"
    )
    with pytest.raises(cnncalc.NetworkError, match="no input size up to 4,096 works"):
        input_sizes(cnncalc.loads(text))


def test_command_line(capsys):
    assert run(["solve", "input", "unet", "--range", "64:700"]) == 0
    table = capsys.readouterr().out
    assert "188, 204, 220, …, 700" in table
    assert "12 more than a multiple of 16" in table
    assert run(["solve", "input", "vgg16", "--layer", "pool5", "--output", "7", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["size,works,exact,layer,reason", "224,true,true,,"]
    assert len(lines) == 1 + 32
    assert run(["solve", "input", "alexnet", "--axis", "w", "--range", "60:70", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["axis"], told["smallest"]) == (1, "w", 67)
    assert told["works"] == {"count": 4, "step": 1, "first": [67]}
    assert run(["solve", "input", "vgg16"]) == 0
    assert "exact sizes are a multiple of 32" in capsys.readouterr().out
    for form in ("markdown", "tsv", "table"):
        assert run(["solve", "input", "densenet121", "--format", form]) == 0
    assert run(["solve", "input", "vgg16", "--range", "64"]) == 2
    assert run(["solve", "input", "vgg16", "--range", "64:32"]) == 2
