"""Commands in a pseudo-terminal: one piece at 80 columns, colours only where they are wanted."""

import json
import os
import re
import subprocess
from itertools import pairwise

import pytest
from make_pictures import SCRIPTS, shown

from cnncalc import zoo

STYLES = re.compile(r"\x1b\[[0-9;]*m")
COLOURS = re.compile(r"\x1b\[[0-9;]*38;")


@pytest.mark.parametrize("network", zoo.names())
def test_one_header_and_no_line_over_80(network):
    sent, status = shown(f"summary {network}", 80)
    lines = STYLES.sub("", sent).splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 80
    assert sum("layer" in line.split() and "MACs" in line.split() for line in lines) == 1


@pytest.mark.parametrize("command", ["shape", "rf", "params", "flops", "list", "check"])
@pytest.mark.parametrize("width", [40, 80])
def test_other_commands_fit_too(command, width):
    asked = {"list": "list", "check": "check vgg16 --max-params 1M"}.get(command, f"{command} unet")
    lines = STYLES.sub("", shown(asked, width)[0]).splitlines()
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    ("environment", "styled", "coloured"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "xterm"}, True, False),  # 16 colours have other codes
    ],
)
def test_colours_where_they_are_wanted(environment, styled, coloured):
    sent, _ = shown("rf vgg16", 80, **environment)
    assert bool(STYLES.search(sent)) == styled
    assert bool(COLOURS.search(sent)) == coloured


@pytest.mark.parametrize("forced", [False, True])
def test_a_pipe_is_plain_unless_forced(forced):
    environment = {**os.environ, "TERM": "xterm-256color"} | (
        {"FORCE_COLOR": "1"} if forced else {}
    )
    environment.pop("NO_COLOR", None)
    command = [SCRIPTS / "cnncalc", "rf", "vgg16"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert bool(COLOURS.search(done.stdout)) == forced
    assert ("stride 2 ─" in STYLES.sub("", done.stdout)) == forced  # rules stand in terminals alone


def test_signs_that_a_narrow_encoding_lacks(tmp_path):
    sent, _ = shown("summary resnet18 --depth 1", 80, PYTHONIOENCODING="ascii")
    text = STYLES.sub("", sent)
    assert text.isascii() and "-- stride 2 ---" in text and "####" in text


def test_an_error_points_at_its_line(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("input: [3, 8, 8]\nlayers:\n  - {type: conv, out_channels: 4, kernel: 3}\n")
    sent, status = shown(f"rf {path}", 200)
    _, line, caret = STYLES.sub("", sent).splitlines()
    assert status == 1
    assert line.index("kernel") == caret.index("^") and caret.count("^") == len("kernel")


def test_lint_shows_the_layer_in_its_line(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 8, 8]\nlayers:\n"
        "  - {name: first, type: conv, out_channels: 4, kernel_size: 3}\n  - batch_norm\n"
    )
    sent, status = shown(f"lint {path}", 80)
    lines = STYLES.sub("", sent).splitlines()
    line, caret = next(pair for pair in pairwise(lines) if "^" in pair[1])
    assert status == 0
    assert line.index("first") == caret.index("^") and caret.count("^") == len("first")


def test_broken_and_kept_budgets_have_their_colours():
    sent, status = shown("check vgg16 --max-params 1M --max-macs 20G", 80)
    ends = [re.search(r"\x1b\[([0-9;]*)m(ok|exceeded)", line) for line in sent.splitlines()]
    styles = {found[2]: found[1] for found in filter(None, ends)}
    assert status == 1 and styles.keys() == {"ok", "exceeded"}
    assert styles["ok"] != styles["exceeded"]


def test_folded_rows_in_files():
    command = [SCRIPTS / "cnncalc", "summary", "resnet18", "--depth", "2"]
    csv, text = (
        subprocess.run([*command, form], capture_output=True, text=True, check=True).stdout
        for form in ("--csv", "--json")
    )
    heading, *rows = [line.split(",") for line in csv.splitlines()]
    layers = json.loads(text)["layers"]
    assert heading[:4] == ["index", "layer", "type", "repeat"]
    assert [(row[1], int(row[3])) for row in rows] == [(x["layer"], x["repeat"]) for x in layers]
    first = next(layer for layer in layers if layer["layer"] == "layer1.0")
    # Two basic blocks of two 3×3 convolutions on 64 channels each, and their normalizations.
    assert first["repeat"] == 2 and first["type"] == "block" and first["kernel"] is None
    assert first["params"] == 2 * 2 * (64 * 64 * 9 + 2 * 64)
    assert first["macs"] == 2 * 2 * 64 * 64 * 9 * 56 * 56
