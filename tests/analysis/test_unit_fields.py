"""Fields that are kept unit by unit, and how much the fields of one analysis may take."""

from __future__ import annotations

from fractions import Fraction

import pytest
from oracle import trace

import cnncalc
from cnncalc.fields import composition, effort, window
from cnncalc.fields.effort import Effort
from cnncalc.studies.box import unit_box

FIGURES = ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage")
CORNERS = "mode: bilinear, align_corners: true"
CONV = "type: conv, out_channels: 1, kernel_size: 3, padding: 1"

UNET = f"""\
name: unet
input: [1, 64, 48]
layers:
  - {{name: e1, {CONV}}}
  - {{name: p1, type: max_pool, kernel_size: 2}}
  - {{name: e2, {CONV}}}
  - {{name: p2, type: max_pool, kernel_size: 2}}
  - {{name: e3, {CONV}}}
  - {{name: u2, type: upsample, scale_factor: 2, {CORNERS}}}
  - {{name: c2, type: add, from: [e2, u2]}}
  - {{name: d2, {CONV}}}
  - {{name: u1, type: upsample, scale_factor: 2, {CORNERS}}}
  - {{name: c1, type: add, from: [e1, u1]}}
  - {{name: d1, {CONV}}}
"""


def chain(size: int | str, *layers: str) -> cnncalc.Network:
    """A network of one axis."""
    rows = "".join(f"  - {{{layer}}}\n" for layer in layers)
    return cnncalc.loads(f"name: chain\ninput: [1, {size}]\nlayers:\n{rows}")


def figures(network: cnncalc.Network, layer: str) -> dict[str, object]:
    """The figures of a layer on its one axis."""
    found = cnncalc.analyze(network)[layer]
    return {name: getattr(found, name)[0] for name in FIGURES}


def test_gradients_reach_what_units_read():
    """PyTorch's own upsampling with aligned corners, twice, before merges."""
    torch = pytest.importorskip("torch")
    from torch_fields import pixels_read, positive_network

    conv = {"type": "conv", "out_channels": 1, "kernel_size": 3, "padding": 1}
    pool = {"type": "avg_pool", "kernel_size": 2}
    up = {"type": "upsample", "scale_factor": 2, "mode": "bilinear", "align_corners": True}
    layers = {"e1": conv, "p1": pool, "e2": conv, "p2": pool, "e3": conv, "u2": up}
    layers |= {"c2": {"type": "add", "from": ["e2", "u2"]}, "d2": conv, "u1": up}
    layers |= {"c1": {"type": "add", "from": ["e1", "u1"]}, "d1": conv}
    before = dict(zip(layers, ["input", *layers]))
    described = [{"name": n, "from": [before[n]], **layer} for n, layer in layers.items()]
    network = {"input": [1, 64, 48], "layers": described}
    net = positive_network(network, trace(network), seed=0)
    image = torch.rand(1, 1, 64, 48, dtype=torch.float64, requires_grad=True)
    outputs = net(image)
    loaded = cnncalc.loads(UNET)
    asked = [("c2", (16, 12)), ("d2", (15, 11)), ("u1", (33, 20)), ("d1", (32, 24))]
    for layer, unit in [*asked, ("d1", (29, 21)), ("c1", (26, 28))]:
        sides = unit_box(loaded, layer, unit).sides
        read = [set(range(side.first, side.last + 1)) for side in sides]
        assert pixels_read(outputs[layer], unit, image) == read
        assert [side.coverage for side in sides] == [1, 1]


def test_a_merge_behind_aligned_corners_has_a_field_but_no_stride():
    report = cnncalc.analyze(cnncalc.loads(UNET))
    assert report.warnings == ()
    for layer in report.layers[6:]:
        assert None not in layer.rf and layer.eff_stride == (None, None)
        assert layer.aligned is None and not layer.is_global
    assert report["u2"].eff_stride == (Fraction(60, 31), Fraction(44, 23))


def test_branches_whose_own_strides_differ_are_still_an_error():
    """Aligned corners on a third branch do not excuse the other two."""
    network = chain(
        12,
        "name: a, type: conv, out_channels: 1, kernel_size: 7",
        "name: b, type: conv, out_channels: 1, kernel_size: 2, stride: 2, from: input",
        "name: p, type: max_pool, kernel_size: 4, from: input",
        f"name: u, type: upsample, size: 6, {CORNERS}",
        "name: sum, type: add, from: [a, b, u]",
        "name: corners, type: add, from: [b, u]",
    )
    report = cnncalc.analyze(network)
    assert report["sum"].rf == (None,)
    (warning,) = report.warnings
    assert "layer 'sum': it merges branches of effective stride 1 and 2 on axis l" in warning
    # Unit 3 of 6 lies at 3·2/5 = 6/5, between pools 1 and 2: pixels 4 to 11; b reads 6 and 7.
    assert report["corners"].rf == (8,)


# Two units stretched to `size`: unit v lies at v/(size − 1), so only both ends lie on a unit.
def test_up_to_the_bound_phases_are_kept():
    network = chain(2, f"name: u, type: upsample, size: 10001, {CORNERS}")
    assert figures(network, "u") == {
        "rf": 2,
        "rf_min": 1,
        "eff_pad": 0,
        "center": 0,
        "coverage": 1,
        "eff_stride": Fraction(1, 10_000),
    }


def test_beyond_it_units_are():
    network = chain(2, f"name: u, type: upsample, size: 10002, {CORNERS}", f"name: c, {CONV}")
    assert figures(network, "u") == {
        "rf": 2,
        "rf_min": 1,
        "eff_pad": 0,
        "center": 0,
        "coverage": 1,
        "eff_stride": None,
    }
    # Unit 0 of the convolution reads unit −1, between −1 and 0, and unit 1, between 0 and 1.
    assert figures(network, "c") == {
        "rf": 3,
        "rf_min": 2,
        "eff_pad": 1,
        "center": 0,
        "coverage": 1,
        "eff_stride": None,
    }


def test_beyond_100_000_units_nothing_is():
    report = cnncalc.analyze(chain(2, f"name: u, type: upsample, size: 100001, {CORNERS}"))
    assert report["u"].rf == (None,)
    (warning,) = report.warnings
    assert "and 100,001 units are over 100,000 on axis l; its field is unknown" in warning
    assert report["u"].out_shape == (1, 100_001)


def test_without_a_size_a_merge_has_no_field():
    report = cnncalc.analyze(cnncalc.loads(UNET), input=(None, None))
    assert report["e3"].rf == (18, 18)
    assert report["c2"].rf == (None, None)


def test_units_are_read_as_a_whole_over_all_of_them():
    network = chain(
        8,
        "name: p, type: max_pool, kernel_size: 2",
        f"name: u, type: upsample, size: 8, {CORNERS}",
        "name: s, type: add, from: [input, u]",
        "name: g, type: global_avg_pool",
    )
    assert figures(network, "g") == {
        "rf": 8,
        "rf_min": 8,
        "eff_stride": None,
        "eff_pad": 0,
        "center": Fraction(7, 2),
        "coverage": 1,
    }


def test_lint_and_tiles_say_nothing_wrong_of_it():
    network = cnncalc.loads(UNET)
    assert not [finding for finding in cnncalc.lint(network) if finding.code == "CNN201"]
    with pytest.raises(cnncalc.UsageError, match="'c2' reads is known unit by unit, for one size"):
        cnncalc.tiling(network, 32)


SPENT = "the network's fields take over 2,500,000 units (and 2 a layer) to compute on axis l"
MANY = "type: upsample, size: 9973"


@pytest.fixture
def small_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the bound, so that it is reached in a tenth of the layers."""
    monkeypatch.setattr(effort, "MOST_EXTENTS", effort.MOST_EXTENTS // 10)


@pytest.mark.usefixtures("small_effort")
def test_phases_times_layers_are_bounded():
    """64 pixels seen in 9,973 phases, one after the other wider: a bound that layers share."""
    report = cnncalc.analyze(chain(64, f"name: u, {MANY}", f"name: c, {CONV}, repeat: 100"))
    assert report["c.0"].rf == (2,)
    last = report["c.99"]
    assert last.figures[0].rf is None and last.out_shape == (1, 9973) and last.params == 4
    (warning,) = report.warnings
    assert SPENT in warning


@pytest.mark.usefixtures("small_effort")
def test_so_are_units():
    layers = (
        "name: a, type: upsample, size: 9001",
        "type: max_pool, kernel_size: 2",
        f"name: u, type: upsample, size: 9001, {CORNERS}",
        "name: s, type: add, from: [a, u]",
        f"name: c, {CONV}, repeat: 100",
    )
    report = cnncalc.analyze(chain(9001, *layers))
    assert report["c.0"].rf == (6,)
    assert report["c.99"].rf == (None,) and report["c.99"].macs == 9001 * 3
    (warning,) = report.warnings
    assert SPENT in warning


def test_a_wide_kernel_on_units_is_not_computed_beyond_the_bound():
    """10^9 units to each side of 65 would have to be found."""
    wide = "type: conv, out_channels: 1, kernel_size: 999999999, padding: 499999999"
    report = cnncalc.analyze(chain(64, *_stretched(), f"name: c, {wide}"))
    assert report["s"].rf == (4,) and report["c"].rf == (None,)
    assert SPENT in report.warnings[0]


def _stretched() -> tuple[str, ...]:
    return (
        "type: max_pool, kernel_size: 2",
        f"name: u, type: upsample, size: 64, {CORNERS}",
        "name: s, type: add, from: [input, u]",
    )


@pytest.mark.usefixtures("small_effort")
def test_what_costs_nothing_is_known_when_all_is_spent():
    layers = [f"name: u, {MANY}", f"name: c, {CONV}, repeat: 20"]
    report = cnncalc.analyze(chain(64, *layers, f"name: d, {CONV}, from: input"))
    assert report["c.19"].rf == (None,) and report["d"].rf == (3,)


def test_layers_of_one_phase_are_not_bounded():
    report = cnncalc.analyze(chain(64, f"name: c, {CONV}, repeat: 3000"))
    assert report["c.2999"].rf == (6001,) and not report.warnings


@pytest.mark.usefixtures("small_effort")
def test_no_more_phases_are_looked_at_than_the_bound_lets(monkeypatch):
    """Every layer has a window of its own, of 9,973 phases or nearly."""
    looked = 0

    def counted(*numbers: int) -> tuple[int, int, int]:
        nonlocal looked
        looked += 1
        return neighbours(*numbers)

    neighbours = window._neighbours
    monkeypatch.setattr(window, "_neighbours", counted)
    text = """\
name: windows
input: [1, 64]
blocks:
  b:
    output: g
    layers:
      - {name: g, type: conv, out_channels: 1, kernel_size: 2, padding: 1}
      - {type: upsample, size: 9973, mode: bilinear}
layers:
  - {name: b, type: b, repeat: 500}
"""
    report = cnncalc.analyze(cnncalc.loads(text))
    assert len(report) == 1000 and report["b"].out_shape == (1, 564)
    assert 0 < looked <= effort.MOST_EXTENTS + effort.EXTENTS_PER_LAYER * 1000


def test_a_map_is_taken_as_a_whole_once_however_many_read_it(monkeypatch):
    taken = 0

    def counted(*numbers: object) -> object:
        nonlocal taken
        taken += 1
        return spread(*numbers)

    spread = composition.spread
    monkeypatch.setattr(composition, "spread", counted)
    pools = [f"name: g{n}, type: global_avg_pool, from: u" for n in range(20)]
    report = cnncalc.analyze(chain(64, f"name: u, {MANY}", *pools))
    assert report["g19"].rf == (64,) and 0 < taken <= 9973


def test_an_effort_is_spent_once():
    work = Effort(layers=3)
    assert work.take(2_500_000) and not work.take(7) and work.take(6) and not work.take(1)


def test_masks_are_kept_up_to_a_bound():
    """The extent stays known where its pixels are no longer told apart."""
    work = Effort()
    assert work.widest(1) == 1 << 18
    work.keep([None, (0, 9, None), (0, (1 << 18) - 1, 5)] * 1024)
    assert work.widest(1) == 0
