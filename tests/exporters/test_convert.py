"""Networks written as definitions again: folded ones give the same report, line by line fewer."""

from __future__ import annotations

import pytest
from random_networks import generate, to_yaml

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import flat_definition, folded_definition, scalar, value


def same_report(network: cnncalc.Network, text: str) -> bool:
    again = cnncalc.loads(text)
    return cnncalc.analyze(again).to_dict() == cnncalc.analyze(network).to_dict()


@pytest.mark.parametrize("name", zoo.names())
def test_folded_built_in_networks_give_the_same_report(name):
    network = cnncalc.load(name)
    folded = folded_definition(network)
    assert same_report(network, folded)
    assert len(folded.splitlines()) <= len(flat_definition(network).splitlines()) + 1


@pytest.mark.parametrize("seed", range(100))
def test_folded_random_networks_give_the_same_report(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    assert same_report(network, folded_definition(network))
    assert same_report(network, flat_definition(network))


TWICE = """\
name: twice
input: [8, 32, 32]
layers:
  - {name: a.0.conv, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: a.0.relu1, type: relu}
  - {name: a.0.sum, type: add, from: [a.0.relu1, input]}
  - {name: a.1.conv, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: a.1.relu1, type: relu}
  - {name: a.1.sum, type: add, from: [a.1.relu1, a.0.sum]}
"""


def test_equal_copies_become_a_repeated_block():
    assert (
        folded_definition(cnncalc.loads(TWICE))
        == """\
name: twice
input: [8, 32, 32]
blocks:
  a:
    layers:
      - {name: conv, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
      - relu
      - {name: sum, type: add, from: [relu1, input]}
layers:
  - {name: a, type: a, repeat: 2}
"""
    )


@pytest.mark.parametrize(
    "changed",
    [
        TWICE.replace(
            "a.1.conv, type: conv, out_channels: 8", "a.1.conv, type: conv, out_channels: 4"
        ).replace("a.1.sum, type: add", "a.1.sum, type: concat"),
        TWICE.replace("from: [a.1.relu1, a.0.sum]", "from: [a.1.relu1, input]"),
        TWICE + "  - {name: out, type: add, from: [a.0.relu1, a.1.sum]}\n",
    ],
)
def test_copies_that_differ_or_are_read_inside_keep_their_report(changed):
    network = cnncalc.loads(changed)
    folded = folded_definition(network)
    assert "repeat" not in folded
    assert same_report(network, folded)


def test_a_block_that_is_only_copies_keeps_their_names():
    unit = """\
  - {{name: {0}.{1}.conv, type: conv, out_channels: 8, kernel_size: 3, padding: 1}}
  - {{name: {0}.{1}.norm, type: batch_norm}}
  - {{name: {0}.{1}.relu1, type: relu}}
"""
    stem = "  - {name: stem, type: conv, out_channels: 8, kernel_size: 1}\n"
    text = "name: nested\ninput: [8, 32, 32]\nlayers:\n" + stem
    text += "".join(unit.format(part, copy) for part in "pq" for copy in range(2))
    network = cnncalc.loads(text)
    folded = folded_definition(network)
    assert "blocks:" in folded
    assert same_report(network, folded)


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ("conv1", "conv1"),
        ("layer1.0.conv1", "layer1.0.conv1"),
        ("yes", '"yes"'),
        ("3x3", '"3x3"'),
        ("a: b", '"a: b"'),
        ("$x", '"$x"'),
        ("größe", '"größe"'),
    ],
)
def test_names_are_quoted_where_yaml_would_read_them_otherwise(plain, text):
    assert scalar(plain) == text


def test_fractions_stay_exact():
    from fractions import Fraction

    assert value(Fraction(3, 2)) == "1.5"
    assert value(Fraction(-1, 8)) == "-0.125"
    assert value(Fraction(4, 3)) == "$(4/3)"


def test_the_command_writes_a_definition_on_the_asked_input(tmp_path):
    target = tmp_path / "small.yaml"
    assert run(["convert", "vgg16", "--input", "64", "-o", str(target)]) == 0
    network = cnncalc.load(target)
    assert network.input == (3, 64, 64)
    assert same_report(cnncalc.load("vgg16").with_input(64), target.read_text())
