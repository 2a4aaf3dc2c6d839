"""The public functions take what people have at hand, and refuse the rest in their own words."""

import copy
import pickle

import pytest

import cnncalc
from cnncalc import UsageError


def test_a_built_in_name_in_place_of_a_network():
    report = cnncalc.analyze("VGG-16")
    assert report == cnncalc.analyze(cnncalc.load("vgg16"))
    # Simonyan and Zisserman 2015, arXiv:1409.1556: 138 million parameters.
    (verdict,) = cnncalc.check("vgg16", max_params=138_357_544)
    assert verdict.ok
    assert cnncalc.unit_box("vgg16", "conv5_3", 7).sides[0].pixels == 196
    assert cnncalc.explain("vgg16", layers=["conv5_3"]).report.network == "vgg16"


def test_a_path_in_place_of_a_network(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("name: net\ninput: [1, 8, 8]\nlayers: [relu]")
    assert cnncalc.analyze(path)[0].layer == "relu1"
    assert cnncalc.load(path) == cnncalc.load(str(path))


@pytest.mark.parametrize("wrong", [None, 3, 2.5, ["vgg16"], b"\xff", object])
@pytest.mark.parametrize(
    "function", [cnncalc.analyze, cnncalc.load, cnncalc.check, cnncalc.explain]
)
def test_no_network(function, wrong):
    with pytest.raises(UsageError, match="a network is a built-in name, a path or a Network"):
        function(wrong)


@pytest.mark.parametrize("wrong", [None, 3, b"name: x", ["name: x"]])
def test_no_text(wrong):
    with pytest.raises(UsageError, match="a definition must be a text, not"):
        cnncalc.loads(wrong)


def test_layers_by_place():
    report = cnncalc.analyze("vgg16")
    assert report[0].layer == "conv1_1" and report[-1] is report.layers[-1]
    with pytest.raises(UsageError, match="none at place 400"):
        report[400]


def test_equal_loads_copies_and_pickles():
    network = cnncalc.load("resnet18")
    report = cnncalc.analyze(network)
    assert network == cnncalc.load("resnet18") and report == cnncalc.analyze(network)
    for value in (network, report):
        assert copy.deepcopy(value) == value and pickle.loads(pickle.dumps(value)) == value


def test_a_network_in_one_line():
    network = cnncalc.loads("name: two\ninput: [1, 8, null]\nlayers: [relu, relu]")
    assert repr(network) == "<network two: 2 layers, input 1×8×?>"


UNEVEN = """\
name: upper
input: [8, 16, 16]
layers:
  - {name: up, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2}
"""


def test_a_single_rule_is_a_list_of_it(tmp_path):
    """Kernel 3 at stride 2 adds up 1 or 2 taps by turns: a checkerboard (Odena et al. 2016)."""
    path = tmp_path / "upper.yaml"
    path.write_text(UNEVEN)
    (finding,) = cnncalc.lint(path, select="CNN101")
    assert finding.rule == "checkerboard"
    assert cnncalc.lint(path, select=["CNN101"]) == (finding,)
    assert cnncalc.lint(path, ignore="CNN") == ()
