"""Charts: what they plot is what the reports say, and the same chart is the same file."""

import importlib.util

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.pictures import plots
from cnncalc.pictures.plots.charts import depth_chart, heat_map, report_line
from cnncalc.pictures.plots.front import front_chart, pareto

needs_matplotlib = pytest.mark.skipif(
    not importlib.util.find_spec("matplotlib"), reason="matplotlib is not installed"
)
SWEEP = """\
width,depth,input,params,macs,rf,memory,error
8,1,3x32x32,100,1000,10,500,
8,2,3x32x32,200,3000,30,400,
16,1,3x32x32,400,2000,20,900,
16,2,3x32x32,800,4000,30,800,
32,1,3x32x32,,,,,its kernel is larger than its input
"""


@pytest.fixture
def sweep(tmp_path):
    path = tmp_path / "sweep.csv"
    path.write_text(SWEEP)
    return str(path)


@pytest.fixture
def drawn(monkeypatch):
    """The figure that a chart is drawn on, kept."""
    pytest.importorskip("matplotlib", reason="charts are drawn with matplotlib")
    from cnncalc.pictures.plots import drawing

    kept = []

    class Kept(drawing.Figure):
        def __init__(self, *args, **named):
            super().__init__(*args, **named)
            kept.append(self)

    monkeypatch.setattr(drawing, "Figure", Kept)
    return kept


def lines_of(figure):
    return {line.get_gid(): line for line in figure.axes[0].lines if line.get_gid()}


@pytest.mark.parametrize("figure", ["rf", "params", "macs", "memory", "live"])
def test_lines_are_the_figures_along_the_depth(drawn, figure, tmp_path):
    path = tmp_path / "out.png"
    assert run(["plot", "alexnet", "vgg11", "--figure", figure, "-o", str(path)]) == 0
    lines = lines_of(drawn[0])
    assert [*lines] == ["alexnet", "vgg11"]
    for name, line in lines.items():
        report = cnncalc.analyze(name)
        if figure == "rf":
            expected = [(each.index, each.rf[0]) for each in report if not each.is_global]
        elif figure == "memory":
            expected = [(each.index, 4 * each.activations) for each in report]
        elif figure == "live":
            expected = [(row.index, row.live) for row in cnncalc.memory(name).layers]
        else:
            values = [(each.index, getattr(each, figure)) for each in report]
            expected = [(index, value) for index, value in values if value]
        assert list(zip(line.get_xdata(), line.get_ydata(), strict=True)) == expected


def test_a_scatter_has_a_point_a_network(drawn, tmp_path):
    path = tmp_path / "out.svg"
    words = ["mobilenet_v1", "mobilenet_v1:alpha=0.5", "--figure", "scatter", "-o", str(path)]
    assert run(["plot", *words]) == 0
    spots = {each.get_gid(): each for each in drawn[0].axes[0].collections if each.get_gid()}
    for name, alpha in (("mobilenet_v1", 1), ("mobilenet_v1:alpha=0.5", 0.5)):
        totals = cnncalc.analyze(cnncalc.load("mobilenet_v1", alpha=alpha)).totals
        assert spots[name].get_offsets().tolist() == [[totals.params, totals.macs]]
    assert [text.get_text() for text in drawn[0].axes[0].texts] == [*spots]


def test_a_map_has_each_layer_s_shares(drawn, tmp_path):
    """Three taps of 3 after one another: 1, 3, 6, 7, 6, 3, 1 paths, all of equal weight."""
    net = tmp_path / "net.yaml"
    layer = "  - {type: conv, out_channels: 1, kernel_size: 3}\n"
    net.write_text(f"name: net\ninput: [1, 9]\nlayers:\n{layer * 3}")
    assert run(["plot", str(net), "--figure", "erf", "-o", str(tmp_path / "out.png")]) == 0
    images = drawn[0].axes[0].get_images()
    assert len(images) == 3
    expected = [1, 3, 6, 7, 6, 3, 1]
    assert images[2].get_array()[0].tolist() == pytest.approx([each / 7 for each in expected])
    assert images[2].get_extent()[:2] == [-3.5, 3.5]


def test_the_front_is_of_rows_that_no_other_beats(sweep):
    chart = front_chart(sweep)
    assert (chart.x, chart.y) == ("multiply–accumulates", "receptive field (pixels)")
    assert [spot.best for spot in chart.spots] == [True, True, True, False]
    assert [spot.best for spot in front_chart(sweep, ("params", "memory")).spots] == [
        *(True, True, False, False)
    ]
    assert chart.spots[1].name == "width=8, depth=2"


def test_a_front_against_all_pairs():
    points = [(x * 7 % 11, x * x % 13) for x in range(40)]
    for axes, signs in ((("macs", "params"), (1, 1)), (("macs", "rf"), (1, -1))):
        signed = [(signs[0] * x, signs[1] * y) for x, y in points]
        expected = {
            at
            for at, (x, y) in enumerate(signed)
            if not any(a <= x and b <= y and (a, b) != (x, y) for a, b in signed)
        }
        assert pareto(points, axes) == expected


@needs_matplotlib
@pytest.mark.parametrize("suffix", plots.SUFFIXES)
@pytest.mark.parametrize("theme", plots.THEMES)
def test_a_chart_is_the_same_file_each_time(suffix, theme, sweep):
    lines = [report_line(name, cnncalc.analyze(name), "rf") for name in ("vgg11", "alexnet")]
    for chart in (depth_chart("rf", lines), front_chart(sweep)):
        first, again = (plots.picture(chart, suffix, theme) for _ in range(2))
        assert first == again
        assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["vgg11", "--figure", "rf", "-o", "x.jpg"],
            "'x.jpg' is no picture's name; end it with .svg",
        ),
        (["--figure", "rf", "-o", "x.svg"], "Give the networks to plot"),
        (["vgg11", "--figure", "rg", "-o", "x.svg"], "'rg' is not one of"),
        (["no.csv", "--figure", "front", "-o", "x.svg"], "no file is named 'no.csv'"),
        (["a", "b", "--figure", "front", "-o", "x.svg"], "takes one file"),
        (["a", "--figure", "front", "--axes", "rf", "-o", "x.svg"], "must be two figures"),
        (["vgg1", "--figure", "rf", "-o", "x.svg"], "vgg1"),
    ],
)
def test_what_is_wrong_is_said(capsys, monkeypatch, tmp_path, words, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnncalc.cli.plot.require_matplotlib", lambda: None)
    assert run(["plot", *words]) == 2
    assert message in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no sweep's CSV file"),
        ("a,b\n1,2\n", "no sweep's CSV file"),
        ("macs,params\n1,2\n", "no figure is named 'rf'"),
        ("macs,rf\n,\n", "no row has both macs and rf"),
        ("macs,rf\nmany,3\n", "'many' is no whole number"),
    ],
)
def test_files_that_are_no_sweep_s_are_refused(tmp_path, text, message):
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(cnncalc.UsageError, match=message):
        front_chart(str(path))


def test_without_matplotlib_one_line_says_how_to_install_it(capsys, monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    assert run(["plot", "vgg11", "--figure", "rf", "-o", "x.svg"]) == 2
    error = capsys.readouterr().err
    assert 'pip install "cnncalc[plot]"' in error and error.count("\n") == 1


@needs_matplotlib
def test_names_are_text_whatever_they_are():
    for name in ("$\\frac$", "_x", "<b>&", "名"):
        line = report_line(name, cnncalc.analyze("lenet5"), "rf")
        assert plots.picture(depth_chart("rf", [line, line]), "svg")


def test_what_is_not_known_is_not_drawn():
    network = cnncalc.from_spec("3,1 3,2")
    found = cnncalc.erf(network, shares=True)
    assert heat_map("chain", found).rows[0] == (1.0, 1.0, 1.0)
    with pytest.raises(cnncalc.UsageError, match="no params of chain is known"):
        depth_chart("params", [report_line("chain", cnncalc.analyze(network), "params")])
    text = "input: [4, 8, 8]\nlayers:\n  - {type: attention, heads: 1, window: 2}\n"
    with pytest.raises(cnncalc.UsageError, match="no layer of swin has a known effective field"):
        heat_map("swin", cnncalc.erf(cnncalc.loads(text), shares=True))
