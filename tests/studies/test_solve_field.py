"""`solve field`: every proposal, and the next smaller change, put to the oracle."""

import json
from contextlib import suppress

import pytest
import yaml
from oracle import Refused, evaluate
from oracle_windows import along, explicit_padding, split
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import flat_definition
from cnncalc.network.paths import bottlenecks
from cnncalc.studies.solve.field import field_changes
from cnncalc.studies.solve.field_search import least_amount

SEEDS = range(60)


def described(network):
    """A network's description for the oracle, from the definition that it is written as."""
    definition = yaml.safe_load(flat_definition(network))
    previous = "input"
    for layer in definition["layers"]:
        sources = layer.get("from", previous)
        layer["from"] = sources if isinstance(sources, list) else [sources]
        previous = layer["name"]
    return definition


def sees(figures, wanted):
    return all(rf is not None and rf >= wanted for rf in figures["rf"])


def chain(seed):
    """A random chain of windows, as the oracle takes it."""
    import random

    rng = random.Random(seed)
    layers, previous = [], "input"
    for number in range(rng.randint(3, 9)):
        kind = rng.choice(["conv", "conv", "conv", "depthwise_conv", "max_pool"])
        kernel = rng.choice([1, 2, 3, 3, 5])
        layer = {"name": f"l{number}", "type": kind, "from": [previous], "kernel_size": kernel}
        layer["stride"] = rng.choice([1, 1, 1, 2])
        layer["padding"] = rng.choice(["same", kernel // 2, "valid"])
        if kind == "conv":
            layer["out_channels"] = rng.choice([2, 4])
        if kind != "max_pool":
            layer["dilation"] = rng.choice([1, 1, 1, 2])
        layers.append(layer)
        previous = layer["name"]
    return {"name": "chain", "input": [2, 400], "layers": layers}


def with_copies(description, name, count):
    """The description with copies of a layer in a chain behind it."""
    layers, last = [], {}
    for layer in description["layers"]:
        layers.append({**layer, "from": [last.get(each, each) for each in layer["from"]]})
        if layer["name"] == name:
            for copy in range(1, count + 1):
                last_name = f"{name}+{copy}"
                previous = last.get(name, name)
                layers.append({**layer, "name": last_name, "from": [previous]})
                last[name] = last_name
    return {**description, "layers": layers}, last


def check(description, seed_wanted):
    """Hold the answer for a description to what the oracle says of each changed network."""
    network = cnncalc.loads(to_yaml(description))
    figures = evaluate(description)
    local = [name for name, each in figures.items() if not each["is_global"]]
    if not local:
        assert field_changes(network, 3).layer is None
        return 0
    target = local[-1]
    wanted = max(figures[target]["rf"]) + seed_wanted
    answer = field_changes(network, wanted)
    assert answer.layer.layer == target
    seeing = {name for name, each in figures.items() if sees(each, wanted)}
    sources = {layer["name"]: layer["from"] for layer in description["layers"]}
    expected = [name for name in figures if name in seeing and not seeing & {*sources[name]}]
    assert [layer.layer for layer in answer.first] == expected
    for proposal in answer.proposals:
        check_proposal(description, proposal, target, wanted, figures[target])
    return len(answer.proposals)


def dilate(layer, old, new):
    """Change a layer's dilation, and its padding so that its map keeps its size."""
    layer["dilation"] = new
    if layer.get("padding") not in ("same", "same_lower"):
        layer["padding"] = [
            list(split(sum(explicit_padding(layer.get("padding", 0), axis)) - less, "same"))
            for axis in range(len(new))
            for less in [(old[axis] - new[axis]) * (along(layer["kernel_size"], axis) - 1)]
        ]


def check_proposal(description, proposal, target, wanted, before):
    changed = described(proposal.network)
    name = proposal.layer.layer
    after = evaluate(changed)[name]
    assert after["rf"] == proposal.layer.rf
    assert sees(after, wanted)
    if proposal.kind == "depth":
        fewer, last = with_copies(description, proposal.layers[0], proposal.count - 1)
        assert not sees(evaluate(fewer)[last.get(target, target)], wanted)
        more, last = with_copies(description, proposal.layers[0], proposal.count)
        assert evaluate(more)[last.get(target, target)]["rf"] == after["rf"]
        return
    if proposal.kind != "stride":
        assert after["out_shape"] == before["out_shape"]
    key = "stride" if proposal.kind == "stride" else "dilation"
    old = {layer["name"]: layer for layer in description["layers"]}
    for layer in changed["layers"]:
        if layer["name"] in proposal.layers:
            axes = range(len(before["rf"]))
            # A pool without a stride has its kernel size.
            least = layer["kernel_size"] if key == "stride" and "pool" in layer["type"] else 1
            values = [along(layer.get(key, least), axis) for axis in axes]
            assert tuple(values) == proposal.values[proposal.layers.index(layer["name"])]
            given = [along(old[layer["name"]].get(key, least), axis) for axis in axes]
            pairs = list(zip(values, given, strict=True))
            if proposal.kind == "stride":
                layer[key] = [value - old_value for value, old_value in pairs]  # one multiple less
            else:
                less = proposal.kind == "dilation"
                peak = max(max(each) for each in proposal.values)
                fewer = [value - 1 if less else min(value, peak // 2) for value in values]
                fewer = [max(pair) for pair in zip(fewer, given, strict=True)]
                dilate(layer, values, fewer)
    with suppress(Refused):  # what is no network sees nothing
        assert not sees(evaluate(changed)[name], wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_chains(seed):
    for more in (1, 7, 40):
        check(chain(seed), more)


@pytest.mark.parametrize("seed", range(0, 90, 2))
def test_random_networks(seed):
    check(generate(seed), 1 + seed % 12)


def test_chains_get_proposals_of_every_kind():
    kinds = set()
    for seed in SEEDS:
        answer = field_changes(cnncalc.loads(to_yaml(chain(seed))), 60)
        kinds.update(proposal.kind for proposal in answer.proposals)
    assert kinds == {"depth", "dilation", "doubling dilation", "stride"}


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_the_stride_is_changed_as_late_as_possible(seed):
    description = chain(seed)
    answer = field_changes(cnncalc.loads(to_yaml(description)), 60)
    strides = [proposal for proposal in answer.proposals if proposal.kind == "stride"]
    if not strides:
        return
    names = [layer["name"] for layer in description["layers"]]
    place = names.index(strides[0].layers[0])
    old = description["layers"][place]["stride"]
    factor = strides[0].values[0][0] // old
    for later in range(place + 1, len(names) - 1):
        layers = [dict(layer) for layer in description["layers"]]
        layers[later]["stride"] *= factor
        try:
            assert not sees(evaluate({**description, "layers": layers})[names[-1]], 60)
        except Refused:
            continue


def test_vgg16_by_hand():
    """pool5 sees 212 in steps of 32; its convolutions move by 16, so a 3-wide one adds 32."""
    answer = field_changes(cnncalc.load("vgg16"), 224)
    assert [layer.layer for layer in answer.first] == ["fc6"]
    depth, dilation, doubling, stride = answer.proposals
    assert (depth.layers, depth.count, depth.layer.rf) == (("conv5_3",), 1, (244, 244))
    assert dilation.values == ((2, 2),) * 3
    assert dilation.layer.rf == (212 + 3 * 32,) * 2
    assert doubling.values == ((1, 1), (2, 2), (2, 2))
    assert doubling.layer.rf == (212 + 2 * 32,) * 2
    assert (stride.layers, stride.values, stride.layer.rf) == (("conv5_3",), ((2, 2),), (228, 228))


FLAT = """
name: flat
input: [1, 40, 40]
layers:
  - {name: square, type: conv, out_channels: 1, kernel_size: 3, padding: same}
  - {name: flat, type: conv, out_channels: 1, kernel_size: [1, 3], padding: same}
"""


def test_depth_is_added_where_it_helps_on_every_axis():
    """They see 3 and 5; a copy of the flat one adds 2 on one axis only."""
    network = cnncalc.loads(FLAT)
    depth = field_changes(network, 7).proposals[0]
    assert (depth.layers, depth.count, depth.layer.rf) == (("square",), 2, (7, 9))
    depth = field_changes(network, (3, 7)).proposals[0]
    assert (depth.layers, depth.count, depth.layer.rf) == (("flat",), 1, (3, 7))


def test_conv5_3_sees_enough_for_196():
    answer = field_changes(cnncalc.load("vgg16"), 196)
    assert [layer.layer for layer in answer.first] == ["conv5_3"]
    assert answer.proposals == answer.missing == ()


def test_first_layers_of_all_paths():
    """GoogLeNet's branches reach 200 pixels in different blocks."""
    report = cnncalc.analyze(cnncalc.load("googlenet"))
    first = {layer.layer for layer in field_changes(cnncalc.load("googlenet"), 200).first}
    for layer in report:
        enough = not layer.is_global and min(layer.rf) >= 200
        before = [report.layers[source - 1] for source in layer.node.sources if source]
        if layer.layer in first:
            assert all(min(each.rf) < 200 for each in before)
        elif enough:
            assert any(min(each.rf) >= 200 for each in before)


def test_paths_that_all_go_through():
    """Brute force over all paths of small random networks."""
    for seed in range(40):
        network = cnncalc.loads(to_yaml(generate(seed)))
        target = len(network.nodes)

        def paths(index, network=network):
            if index == 0:
                yield frozenset()
                return
            node = network.nodes[index - 1]
            named = (node.referred,) if node.type == "max_unpool" else ()
            for source in (*node.sources, *named):
                for path in paths(source):
                    yield path | {index}

        assert set(bottlenecks(network, target)) == frozenset.intersection(*paths(target))


def test_least_amount():
    for bound in range(1, 40):
        for most in (1, 2, 5, 17, 39, 64):
            found = least_amount(lambda amount, bound=bound: amount >= bound, most)
            assert found == (bound if bound <= most else None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rf": 0}, "rf must be at least 1"),
        ({"rf": (1, 2, 3)}, r"one per axis \(h, w\), not \(1, 2, 3\)"),
        ({"rf": 9, "layer": "fc6"}, "'fc6' sees a whole map"),
        ({"rf": 9, "layer": "conv9"}, "no layer 'conv9'"),
        ({"input": "?x?"}, "has no size"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        field_changes(cnncalc.load("vgg16"), **arguments)


def test_command_line(capsys):
    assert run(["solve", "field", "vgg16", "--rf", "224", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("what,layers,count,value,rf_h,rf_w,eff_stride_h")
    assert lines[3] == "depth,conv5_3,1,,244,244,32,32,1,1,7,7,false,140717352,15932686336"
    assert run(["solve", "field", "alexnet", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["rf"]) == (1, [227, 227])
    assert [each["kind"] for each in told["proposals"]][:2] == ["depth", "dilation"]
    for form in ("markdown", "tsv", "table"):
        assert run(["solve", "field", "unet", "--rf", "300x400", "--format", form]) == 0
        assert capsys.readouterr().out
    assert run(["solve", "field", "vgg16", "--rf", "many"]) == 2
