"""Operators without a kind whose window is told."""

from __future__ import annotations

import pytest

import cnncalc

WINDOW = "kernel_size: 3, stride: 2, padding: 1"
NETWORK = """
input: [3, 9, 9]
layers:
  - {{name: blur, type: unknown, operator: conv2d, in_shape: [3, 9, 9], out_shape: [3, 5, 5],
     num_params: 0, num_macs: 675, {window}}}
"""


def test_a_window_gives_the_field_and_is_shown():
    report = cnncalc.analyze(cnncalc.loads(NETWORK.format(window=WINDOW)))
    layer = report["blur"].to_dict()
    # Unit 0 reads pixels −1 to 1, unit 1 pixels 1 to 3.
    figures = {"kernel": [3, 3], "stride": [2, 2], "padding": [[1, 1]] * 2, "dilation": [1, 1]}
    field = {"rf": [3, 3], "eff_stride": [2, 2], "eff_pad": [1, 1], "center": [0, 0]}
    costs = {"params": 0, "macs": 675}
    assert {key: layer[key] for key in (*figures, *field, *costs)} == {**figures, **field, **costs}
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ("stride: 2", "stride goes with kernel_size; give both, or leave it out"),
        ("padding: [[0, 1], [0, 1]]", "padding goes with kernel_size"),
        (
            "kernel_size: 3, reads: all",
            "kernel_size says what a unit reads, and so does reads",
        ),
    ],
)
def test_a_window_is_told_once_and_whole(window, message):
    with pytest.raises(cnncalc.CnncalcError, match=message):
        cnncalc.analyze(cnncalc.loads(NETWORK.format(window=window)))
