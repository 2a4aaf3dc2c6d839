"""Graphviz and Mermaid: every layer and every edge once, names as they are."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

import cnncalc
from cnncalc.exporters import export_dot, export_mermaid

NASTY = """\
name: 'a "quoted" \\name'
input: [3, 8, 8]
layers:
  - {name: 'x"y\\z', type: conv, out_channels: 4, kernel_size: 3, stride: 2}
  - {name: '<b>&#34;`', type: relu}
  - {name: sum, type: add, from: ['x"y\\z', '<b>&#34;`']}
"""


def exported(module, text_or_name):
    network = cnncalc.loads(text_or_name) if "\n" in text_or_name else cnncalc.load(text_or_name)
    return network, module.export(network, cnncalc.analyze(network))


@pytest.mark.parametrize("name", ["vgg16", "resnet18", "googlenet", NASTY])
@pytest.mark.parametrize(("module", "arrow"), [(export_dot, "->"), (export_mermaid, "-->")])
def test_every_edge_is_drawn(name, module, arrow):
    network, text = exported(module, name)
    edges = re.findall(rf"^  n(\d+) {arrow} n(\d+);?$", text, re.MULTILINE)
    expected = [(s, node.index) for node in network.nodes for s in node.sources]
    assert [(int(a), int(b)) for a, b in edges] == expected


def test_nodes_show_window_shape_and_field():
    _, dot = exported(export_dot, "vgg16")
    assert r'label="conv5_3\nconv 3×3\n512×14×14\nrf 196"' in dot
    assert r'label="pool1\nmax_pool 2×2 / 2\n64×112×112\nrf 6"' in dot
    _, mermaid = exported(export_mermaid, "vgg16")
    assert '["conv5_3<br/>conv 3×3<br/>512×14×14<br/>rf 196"]' in mermaid


def test_a_stage_has_one_colour_and_the_next_another():
    _, dot = exported(export_dot, "vgg16")
    colour = dict(re.findall(r'label="([^\\"]+)\\n.*fillcolor="(#\w+)"', dot))
    assert colour["conv1_1"] == colour["conv1_2"] != colour["pool1"] == colour["conv2_2"]


def test_names_that_look_like_markup_are_escaped():
    _, mermaid = exported(export_mermaid, NASTY)
    assert "#lt;b#gt;#amp;#35;34;#96;" in mermaid
    assert "<b>" not in mermaid
    _, dot = exported(export_dot, NASTY)
    assert r"x\"y\\z" in dot


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", ["resnet18", NASTY])
def test_graphviz_reads_it(name):
    network, dot = exported(export_dot, name)
    drawn = subprocess.run(
        ["dot", "-Tplain"], input=dot, capture_output=True, text=True, check=True
    )
    kinds = [line.split()[0] for line in drawn.stdout.splitlines()]
    assert kinds.count("node") == len(network.nodes) + 1
    assert kinds.count("edge") == sum(len(node.sources) for node in network.nodes)
