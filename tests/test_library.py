"""The public functions take what people have at hand, and refuse the rest in their own words."""

import copy
import inspect
import json
import pickle
from pathlib import Path
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc import UsageError, zoo
from cnncalc.studies import catalogue


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


TAKE_NETWORKS = {
    "analyze": {},
    "check": {"max_params": "100M"},
    "compare": {},
    "draw_cone": {"layer": "C3"},
    "draw_field": {"layer": "C3"},
    "erf": {"layers": "C1"},
    "explain": {"layers": "C1"},
    "field_changes": {"rf": 20},
    "input_sizes": {"between": (28, 33)},
    "lint": {},
    "load": {},
    "memory": {},
    "page": {},
    "tiling": {"tile": 28, "layer": "S2"},
    "unit_box": {"layer": "C1", "unit": 2},
    "units_reading": {"layer": "C1", "pixel": 2},
}


@pytest.mark.parametrize("name", TAKE_NETWORKS)
def test_networks_by_name_and_by_path(name):
    """LeNet-5 by its name, by the path of its file as text and as a Path, and loaded."""
    function, arguments = getattr(cnncalc, name), TAKE_NETWORKS[name]
    by_name = function("LeNet-5", **arguments) if name == "compare" else None
    path = Path(zoo.path("lenet5"))
    results = [function(each, **arguments) for each in ("lenet5", str(path), path)]
    if name != "load":
        results.append(function(cnncalc.load("lenet5"), **arguments))
    if name == "compare":
        results = [result.networks[0].but(asked="") for result in [*results, by_name]]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("name", cnncalc.__all__)
def test_every_function_that_takes_a_network_is_among_them(name):
    function = getattr(cnncalc, name)
    if inspect.isfunction(function):
        taken = {"network", "name_or_path", "asked"} & inspect.signature(function).parameters.keys()
        assert bool(taken) == (name in TAKE_NETWORKS)


HOSTILE = "<script>alert('1')</script>&\"`|"
HOSTILE_NETWORK = cnncalc.loads(
    json.dumps(
        {
            "name": HOSTILE,
            "input": [3, 16, 16],
            "layers": [
                {
                    "name": f"up {HOSTILE}",
                    "type": "conv_transpose",
                    "out_channels": 4,
                    "kernel_size": 3,
                    "stride": 2,
                },
                {"name": f"r {HOSTILE}", "type": "relu"},
            ],
        }
    )
)
LAYER = f"up {HOSTILE}"
# What notebooks show: a result, and a figure that stands in a cell of it.
RESULTS = {
    "network": (HOSTILE_NETWORK, "conv_transpose"),
    "report": (cnncalc.analyze(HOSTILE_NETWORK), "4×33×33"),
    "explanation": (cnncalc.explain(HOSTILE_NETWORK), "3·4·3·3 + 4"),
    "comparison": (cnncalc.compare(HOSTILE_NETWORK, HOSTILE_NETWORK), "3×16×16"),
    "findings": (cnncalc.lint(HOSTILE_NETWORK), "checkerboard"),
    "nothing found": (cnncalc.lint("lenet5", select="checkerboard"), ""),
    "verdicts": (cnncalc.check(HOSTILE_NETWORK, max_params=111), "max_params"),
    "box": (cnncalc.unit_box(HOSTILE_NETWORK, LAYER, 32), "15…15"),
    "readers": (cnncalc.units_reading(HOSTILE_NETWORK, LAYER, 0), "0…2"),
    "paddings": (cnncalc.paddings(8, 3, 8), "1"),
    "input sizes": (cnncalc.input_sizes(HOSTILE_NETWORK, (1, 9)), "1…9"),
    "field changes": (cnncalc.field_changes(HOSTILE_NETWORK, 2), "4×33×33"),
    "tiling": (cnncalc.tiling(HOSTILE_NETWORK, 8), "8"),
    "catalogue": (catalogue.entries(), "138,357,544"),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_notebooks_show_results_as_tables(kind):
    """Tables of well-formed HTML, with no markup of the network's own in them."""
    result, figure = RESULTS[kind]
    drawn = result._repr_html_()
    root = ElementTree.fromstring(f"<div>{drawn}</div>")
    cells = [cell.text or "" for cell in root.iter("td")]
    assert root.findall("table") and (not figure or any(figure in cell for cell in cells))
    assert "<script" not in drawn and not list(root.iter("script"))


@pytest.mark.parametrize("kind", RESULTS)
def test_copies_and_pickles_equal_their_originals(kind):
    result, _ = RESULTS[kind]
    for other in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert other == result and type(other) is type(result)
        assert other._repr_html_() == result._repr_html_()


def test_errors_survive_pickling():
    """As they must to come out of another process."""
    with pytest.raises(cnncalc.ShapeError) as caught:
        cnncalc.analyze("vgg16", input=3)
    error = pickle.loads(pickle.dumps(caught.value))
    assert (str(error), error.layer, error.report) == (
        str(caught.value),
        caught.value.layer,
        caught.value.report,
    )


def test_verdicts_and_findings_are_tuples():
    verdicts = cnncalc.check("vgg16", max_params="150M")
    assert (verdicts.network, verdicts.input, verdicts.batch) == ("vgg16", (3, 224, 224), 1)
    assert tuple(verdicts) == verdicts and isinstance(verdicts, tuple)
    findings = cnncalc.lint("vgg16", select=["CNN1"])
    assert findings == () and (findings.network, findings.rules) == ("vgg16", 4)


@pytest.mark.parametrize("name", ["a\nb", "\u2028", "x" * 500])
def test_a_network_of_any_name_in_one_line(name):
    assert len(repr(cnncalc.load("lenet5").but(name=name)).splitlines()) == 1
