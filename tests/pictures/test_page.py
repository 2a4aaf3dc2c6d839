"""What the page is made of: the JSON of the commands, one file, a graph that is laid out."""

import base64
import itertools
import json
import os
import pty
import random
import re
import zlib

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.pictures.page.layout import layout

DATA = re.compile(r'<script type="text/plain" id="data">([^<]*)</script>')


def data_of(html):
    """The data that is packed in a page."""
    (packed,) = DATA.findall(html)
    return json.loads(zlib.decompress(base64.b64decode(packed), wbits=-15))


def printed(capsys, *arguments):
    """The JSON that a command prints."""
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["lenet5", "se_resnet50", "vit_b_16"])
def test_the_data_is_that_of_the_commands(name, capsys):
    (found,) = data_of(cnncalc.page(name).html)["networks"]
    assert found["report"] == printed(capsys, "summary", name)
    assert found["findings"] == printed(capsys, "lint", name)["findings"]
    memory = printed(capsys, "memory", name)
    del memory["plan"]
    assert found["memory"] == memory
    assert found["warnings"] == []


@pytest.mark.parametrize(
    ("name", "layer"), [("lenet5", "C3"), ("vgg16", "fc6"), ("unet", "up4.upconv")]
)
def test_explanations_are_those_of_the_command(name, layer, capsys):
    (found,) = data_of(cnncalc.page(name).html)["networks"]
    rows = found["explain"]["layers"][cnncalc.analyze(name)[layer].index - 1]
    assert run(["explain", name, layer]) == 0
    text = capsys.readouterr().out
    assert len(rows) > 8
    for value in itertools.chain(*rows):
        assert value in text
    symbols = dict(found["explain"]["symbols"])
    assert {"n", "N", "k", "r", "O"} <= symbols.keys()
    assert symbols["n"] in text


def test_tones_of_the_effective_field():
    """Shares of n 3×3 windows are coefficients of (1 + x + x²)ⁿ; 9 stands for the largest."""
    text = "input: [3, 32, 32]\nlayers:\n"
    for name, dilation in (("a", 1), ("b", 1), ("c", 4)):
        text += f"  - {{name: {name}, type: conv, out_channels: 4, kernel_size: 3, padding: "
        text += f"{dilation}, dilation: {dilation}, from: {'a' if name != 'a' else 'input'}}}\n"
    (found,) = data_of(cnncalc.page(cnncalc.loads(text)).html)["networks"]
    tones = {
        layer["layer"]: [found["heats"][place] for place in found["heatsOf"][str(layer["index"])]]
        for layer in found["report"]["layers"]
    }
    # 1, 2, 3, 2, 1 in ninths of the largest; three taps 4 apart, each of three pixels.
    assert tones == {"a": ["999"] * 2, "b": ["36963"] * 2, "c": ["99909990999"] * 2}
    (whole,) = data_of(cnncalc.page("vgg16", with_global=True).html)["networks"]
    assert whole["heats"] == [] and whole["heatsOf"] == {}


def test_choices_reach_the_page(capsys):
    choices = ["--input", "64", "--batch", "3", "--from", "C1", "--with-global"]
    made = cnncalc.page("lenet5", input=64, batch=3, from_layer="C1", with_global=True)
    (found,) = data_of(made.html)["networks"]
    assert found["report"] == printed(capsys, "summary", "lenet5", *choices)
    assert found["memory"]["batch"] == 3
    assert (found["origin"], found["pixels"]) == ("C1", [60, 60])
    report = cnncalc.analyze("lenet5", 64, batch=3, from_layer="C1", with_global=True)
    assert report.page() == made


def test_a_report_shows_its_error_too():
    text = "name: n\ninput: [1, 8]\nlayers:\n  - relu\n  - {type: max_pool, kernel_size: 9}\n"
    with pytest.raises(cnncalc.ShapeError) as refusal:
        cnncalc.analyze(cnncalc.loads(text))
    made = refusal.value.report.page()
    assert str(made.error) == str(refusal.value)
    (found,) = data_of(made.html)["networks"]
    assert found["report"]["error"] == str(refusal.value)
    assert found["report"]["totals"] is None
    assert [layer["layer"] for layer in found["report"]["layers"]] == ["relu1"]


def test_a_network_that_fails_at_once():
    text = "name: n\ninput: [1, 8]\nlayers:\n  - {type: max_pool, kernel_size: 9}\n"
    made = cnncalc.page(cnncalc.loads(text), "lenet5")
    assert "max_pool1" in str(made.error)
    first, other = data_of(made.html)["networks"]
    assert first["report"]["layers"] == [] and "error" not in other["report"]


@pytest.mark.parametrize(("name", "most"), [("resnet50", 150_000), ("densenet201", 400_000)])
def test_sizes(name, most):
    assert len(cnncalc.page(name).html.encode()) <= most


def test_nothing_is_fetched():
    html = cnncalc.page("lenet5").html
    assert re.findall(r"\w+://[^\s\"']+", html) == ["http://www.w3.org/2000/svg"]  # a name
    assert "default-src 'none'" in html
    assert not re.search(
        r"<link (?!rel=\"icon\" href=\"data:)|<script [^>]*src|url\(|@import", html
    )


@pytest.mark.parametrize("name", zoo.names())
def test_built_in_networks_have_pages(name):
    (found,) = data_of(cnncalc.page(name).html)["networks"]
    assert len(found["fieldsOf"]) == len(found["report"]["layers"]) + 1


def test_layers_that_correspond(capsys):
    data = data_of(cnncalc.page("vgg16", "vgg19").html)
    first, other = (cnncalc.analyze(name) for name in ("vgg16", "vgg19"))
    assert [first["fc8"].index, other["fc8"].index] in data["pairs"]
    assert len(data["pairs"]) == len(first)


def parts_of(scope):
    """Every part of a graph, with those inside of others."""
    for part in scope["parts"]:
        yield part
        yield from parts_of(part["inside"]) if "inside" in part else ()


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "unet", "swin_t"])
def test_every_layer_is_in_the_graph_once(name):
    (found,) = data_of(cnncalc.page(name).html)["networks"]
    layers = [part["layer"] for part in parts_of(found["graph"]) if "layer" in part]
    assert sorted(layers) == list(range(1, len(cnncalc.analyze(name)) + 1))


def test_repeats_are_folded():
    """ResNet-50 has 3, 4, 6 and 3 blocks (arXiv:1512.03385, table 1), the first of each its own."""
    (found,) = data_of(cnncalc.page("resnet50").html)["networks"]
    copies = {part["name"]: part["copies"] for part in parts_of(found["graph"]) if "copies" in part}
    assert copies == {"layer1.1": 2, "layer2.1": 3, "layer3.1": 5, "layer4.1": 2}


def test_names_of_many_levels():
    stem = ".".join(["a"] * 400)
    layers = [{"name": f"{stem}.{end}", "type": "relu"} for end in ("0", "1", "b.c", "b.d")]
    text = json.dumps({"name": "deep", "input": [1, 4], "layers": layers})
    (found,) = data_of(cnncalc.page(cnncalc.loads(text)).html)["networks"]
    inside = [part["layer"] for part in parts_of(found["graph"]) if "layer" in part]
    assert inside == [1, 2, 3, 4]


def graphs():
    """Random graphs, the first node being read by all that read no other."""
    rng = random.Random(5)
    for _ in range(60):
        count, edges = rng.randint(1, 24), set()
        for node in range(1, count):
            sources = rng.choices(range(max(0, node - 6), node), k=rng.choice((1, 1, 1, 2, 3)))
            edges.update((source, node) for source in sources)
        yield count, sorted(edges)


@pytest.mark.parametrize(("count", "edges"), list(graphs()))
def test_no_edge_runs_through_a_node(count, edges):
    """Walks each edge rank by rank, as it is drawn, and asks what stands in its column."""
    found = layout(count, edges)
    places = {(found.ranks[node], found.columns[node]): node for node in range(count)}
    assert len(places) == count
    lanes = {}
    for source, reader in edges:
        first, end = found.ranks[source] + 1, found.ranks[reader]
        assert first <= end
        for rank in range(first, end):
            if found.lanes[source] is None:
                assert (rank, found.columns[source]) not in places
            else:
                taken = lanes.setdefault((rank, found.columns[source], found.lanes[source]), source)
                assert taken == source


def test_what_leads_back_is_no_rank():
    assert layout(3, [(0, 1), (1, 2), (2, 1)]).ranks == [0, 1, 2]


def test_a_file_whole(tmp_path, capsys):
    path = tmp_path / "net.html"
    assert run(["report", "lenet5", "-o", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == cnncalc.page("lenet5").html
    assert list(tmp_path.iterdir()) == [path]
    assert run(["report", "lenet5", "-o", str(tmp_path / "none" / "net.html")]) == 1
    assert "cannot write" in capsys.readouterr().err
    path.unlink()
    wrong = tmp_path / "net.yaml"
    wrong.write_text("input: [1, 8]\nlayers: [{type: rely}]\n")
    assert run(["report", str(wrong), "-o", str(path)]) == 1  # no network, no page
    assert not path.exists()


def test_two_from_the_command_line(tmp_path, capsys):
    path = tmp_path / "both.html"
    one = tmp_path / "one.yaml"
    one.write_text("input: [1, 8]\nlayers: [relu]\n")
    variant = "mobilenet_v1:alpha=0.5@64"
    for arguments in (["mobilenet_v1", variant], ["--yaml", str(one), variant]):
        assert run(["report", *arguments, "-o", str(path)]) == 0
        first, other = data_of(path.read_text(encoding="utf-8"))["networks"]
        assert (other["report"]["network"], other["report"]["input"]) == (variant, [3, 64, 64])
    assert first["report"]["network"] == "one"
    assert run(["report", "--yaml", str(one), variant, "vgg16", "-o", str(path)]) == 2
    assert run(["report", "-o", str(path)]) == 2
    assert run(["report", "vgg16", "vgg61", "-o", str(path)]) == 2
    assert "vgg16" in capsys.readouterr().err


def test_a_page_in_a_pipe_and_on_a_terminal(capfdbinary):
    assert run(["report", "lenet5"]) == 0
    assert capfdbinary.readouterr().out.decode() == cnncalc.page("lenet5").html


def test_a_terminal_is_no_browser(monkeypatch, capsys):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        assert run(["report", "lenet5"]) == 2
    os.close(ours)
    assert "name its file with -o" in capsys.readouterr().err


def test_a_page_says_what_it_is():
    made = cnncalc.page("lenet5")
    assert repr(made) == f"<page of lenet5: {len(made.html):,} characters>"
    with pytest.raises(cnncalc.UsageError, match="has no network to draw"):
        cnncalc.analyze("lenet5").but(analysed=None).page()


def test_titles_are_escaped():
    text = json.dumps({"name": "</title><b>", "input": [1, 4], "layers": ["relu"]})
    made = cnncalc.page(cnncalc.loads(text))
    assert "<title>&lt;/title&gt;&lt;b&gt; · cnncalc</title>" in made.html
    assert 'title="&lt;/title&gt;&lt;b&gt;"' in made._repr_html_()


def test_scripts_are_all_used():
    from cnncalc.pictures import page as module

    folder = os.path.dirname(module.__file__)
    written = {name for name in os.listdir(folder) if name.endswith(".js")}
    assert written == {f"{name}.js" for name in module.SCRIPTS}
    html = cnncalc.page("lenet5").html
    for name in itertools.chain(written, ["page.css"]):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            assert file.read() in html
