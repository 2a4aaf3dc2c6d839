"""The command explain, and explanations as text, Markdown, LaTeX, JSON and CSV."""

import csv
import io
import json
import re
import shutil
import subprocess
from fractions import Fraction

import pytest
from formula_text import worked_out
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.explain import explain
from cnncalc.text.explain_latex import explanation_latex, math, words
from cnncalc.text.explain_text import explanation_text

# The signs that mean something to LaTeX, to Markdown or to neither.
NASTY = 'a_b #$%&~^ {x} \\textbf <|> "q" é -- `\' ][ 层'
NET = f"""
name: {json.dumps(NASTY)}
input: [3, 31, 33]
layers:
  - {{name: {json.dumps(NASTY)}, type: conv, out_channels: 4, kernel_size: [3, 5], padding: same,
     stride: 2}}
  - {{name: up, type: upsample, scale_factor: 2, mode: bilinear}}
  - {{name: t, type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2, groups: 2}}
  - {{name: wide, type: concat, from: [t, t]}}
  - global_avg_pool
"""


def printed(capsys, *arguments, status=0):
    assert run(list(arguments)) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def test_the_way_up_and_down(capsys):
    out = printed(capsys, "explain", "vgg16", "conv5_3")
    lines = [line.strip() for line in out.splitlines()]
    assert "r = 164 + (3 − 1)·1·16 = 196" in lines
    assert "way down               RF ← (RF − 1)·stride + kernel" in lines
    assert "1 → 3 → 5 → … → 196" in lines
    assert "pool4                (7 − 1)·2 + 2 = 14" in lines
    assert "512·512·3·3 + 512 = 2,359,808   (with a bias per output channel)" in lines
    assert lines[0] == "vgg16 · input 3×224×224"
    assert lines[-1] == "1 MAC = 2 FLOPs; convolutions and linear layers only"


def test_all_layers_without_the_steps_of_the_way(capsys):
    out = printed(capsys, "explain", "vgg16", "--input", "320")
    assert out.count("way down") == len(cnncalc.load("vgg16").nodes)
    assert "pool4                (7" not in out
    assert "1 → 3 → 5 → … → 196" in out


EQUATION = re.compile(
    r"^(?:.*?\s{2,})?(?:\w+ = )?([^=?A-Za-z]*?(?:max|min)?[^=?A-Za-z]*) = (\S.*)$"
)


def equations(shown):
    """(numbers put in, result) of every line that works something out."""
    for line in shown.splitlines():
        found = EQUATION.match(line.partition("   (")[0])
        if found and not re.search(r"[A-Za-z]", found[2]):
            yield found[1].strip(), found[2].strip()


def result_of(shown):
    """A result as text shows it: thousands separators, decimals, a minus sign."""
    parts = [part.replace(",", "").replace("−", "-") for part in shown.split(" × ")]
    numbers = []
    for part in parts:
        top, _, bottom = part.partition("/")
        numbers.append(Fraction(top) / Fraction(bottom or "1"))
    return tuple(numbers) if len(numbers) > 1 else numbers[0]


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "unet", "mobilenet_v2", *range(12)])
def test_printed_arithmetic_is_right(name):
    network = (
        cnncalc.loads(to_yaml(generate(name))) if isinstance(name, int) else cnncalc.load(name)
    )
    shown = explanation_text(explain(network), detailed=True)
    found = list(equations(shown))
    assert len(found) >= 3 * len(network.nodes)
    for numbers, result in found:
        assert worked_out(numbers) == result_of(result), (numbers, result)


def test_latex_of_formulas():
    assert math("⌊(n + 2·p − k)/s⌋ + 1") == (r"\lfloor (n + 2 \cdot p - k)/s \rfloor + 1")
    assert math("max(r_in, 2) → 1,234") == r"\max(r_{\mathrm{in}},\ 2) \to 1{,}234"
    assert math("O × k_h") == r"O \times k_{h}"
    assert words("a_b 100% é 层 3 · 4") == r"a\_b 100\% é [U+5C42] 3 $\cdot$ 4"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
@pytest.mark.parametrize("name", ["nasty", "googlenet", 7, 11])
def test_latex_compiles_as_it_is(name, tmp_path):
    definition = NET if name == "nasty" else to_yaml(generate(name)) if name in (7, 11) else None
    network = cnncalc.loads(definition) if definition else cnncalc.load(name)
    (tmp_path / "t.tex").write_text(explanation_latex(explain(network), detailed=name == "nasty"))
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "t.pdf").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["nasty", "vgg16", 3, 5])
def test_latex_is_balanced_and_of_signs_that_every_engine_knows(name):
    definition = NET if name == "nasty" else to_yaml(generate(name)) if name in (3, 5) else None
    network = cnncalc.loads(definition) if definition else cnncalc.load(name)
    document = explanation_latex(explain(network), detailed=True)
    body = re.sub(r"\\[{}$\\]", "", document)
    assert body.count("{") == body.count("}")
    assert body.count("$") % 2 == 0
    assert document.count(r"\begin{") == document.count(r"\end{")
    assert set(document) - {"é"} <= {chr(code) for code in range(10, 127)}


def test_markdown(capsys, tmp_path):
    (tmp_path / "net.yaml").write_text(NET)
    out = printed(capsys, "explain", str(tmp_path / "net.yaml"), NASTY, "--markdown")
    title, *rows = out.splitlines()
    assert title.startswith("# a\\_b #$%\\&\\~^")
    table = [row for row in rows if row.startswith("|")]
    assert len({len(re.sub(r"\\.", "", row).split("|")) for row in table}) == 1
    assert (
        "| receptive field, w | r = r\\_in + (k − 1)·d·j\\_in | 1 + (5 − 1)·1·1 | 5 |  |" in table
    )


def test_csv_and_json_hold_the_same_steps(capsys):
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "explain", "vgg16", "--csv"))))
    told = json.loads(printed(capsys, "explain", "vgg16", "--json"))
    assert (told["schema"], told["network"], told["input"]) == (1, "vgg16", [3, 224, 224])
    steps = [step for layer in told["layers"] for step in layer["steps"]]
    steps += [s for layer in told["layers"] for way in layer["ways"] for s in way["steps"]]
    assert sorted(row["numbers"] for row in rows) == sorted(step["numbers"] for step in steps)
    row = next(r for r in rows if r["layer"] == "conv5_3" and r["quantity"] == "receptive field")
    assert (row["axes"], row["numbers"], row["result"]) == ("h;w", "164 + (3 − 1)·1·16", "196")
    (way,) = told["layers"][0]["ways"]
    assert (way["rule"], way["values"]) == ("RF ← (RF − 1)·stride + kernel", [1, 3])


def test_layers_after_an_option_that_names_the_network(capsys):
    out = printed(capsys, "explain", "--spec", "11,4 3,2 5,1,2", "layer2", "--input", "227")
    assert "layer2 · window · ?×55×55 → ?×27×27" in out
    assert "layer1 · window" not in out
    assert "r = 11 + (3 − 1)·1·4 = 19" in out


def test_what_the_analysis_takes(capsys):
    out = printed(capsys, "explain", "vgg16", "pool5", "--from", "pool4", "--batch", "2")
    assert "vgg16 · input 3×224×224 · batch 2 · fields relative to pool4" in out
    assert "1 → 2 → 4 → 6 → 8" in out
    gate = ["explain", "se_resnet50", "layer1.0.relu3"]
    assert "r = r_in = 19" in printed(capsys, *gate)
    # conv2 on all 56 units: (58 − 1)·4 + 11
    assert "r = r_in = 239" in printed(capsys, *gate, "--with-global")


LAYERS = """
name: t
input: [6, 9, 9]
layers:
  - {name: c, type: conv, out_channels: 4, kernel_size: 3, groups: 2}
  - {name: up, type: conv_transpose, out_channels: 5, kernel_size: 2, stride: 2}
  - {name: d, type: depthwise_conv, kernel_size: 3, multiplier: 2}
  - {name: pool, type: global_avg_pool}
  - {name: fc, type: linear, out_features: 7}
"""
# Of ten images, by hand: 7·7 units after c, 14·14 after up, 12·12 after d.
PRODUCTS = {
    "c": ["4/2 × 6/2·3·3 = 2 × 27", "6/2·3·3 × 7·7·10 = 27 × 490"],
    "up": ["5·2·2 × 4 = 20 × 4", "4 × 7·7·10 = 4 × 490"],
    "d": ["2 × 3·3 = 2 × 9", "3·3 × 12·12·10 = 9 × 1,440"],
    "fc": ["10 × 10", "10 × 7"],
}


@pytest.mark.parametrize("layer", PRODUCTS)
def test_matrix_products_of_a_batch(layer, capsys, tmp_path):
    (tmp_path / "t.yaml").write_text(LAYERS)
    asked = ["explain", str(tmp_path / "t.yaml"), layer, "--batch", "10"]
    told = json.loads(printed(capsys, *asked, "--json"))["layers"][0]["steps"]
    found = [step for step in told if re.search("2col|col2|product", step["quantity"])]
    for step, expected in zip(found, PRODUCTS[layer], strict=True):
        numbers, _, result = expected.partition(" = ")
        assert step["numbers"].translate({40: "", 41: ""}) == numbers
        sides = [int(side.replace(",", "")) for side in (result or numbers).split(" × ")]
        assert step["result"] == sides
    for form, write in (("--text", str), ("--markdown", str), ("--latex", math)):
        out = printed(capsys, *asked, form)
        assert all(write(step["numbers"]) in out for step in found)
        assert "batch size" in out


def test_a_failing_layer(capsys):
    failure = (
        "--spec: layer 'layer2': window 50 is larger than its padded input 14 on axis h; "
        "it needs an input of at least 50, not 14\n"
    )
    asked = ["explain", "--spec", "11,4 50,2", "--input", "64"]
    assert run(asked) == 1
    captured = capsys.readouterr()
    assert "layer1 · window · ?×64×64 → ?×14×14" in captured.out
    assert captured.err == failure
    assert run([*asked, "layer2"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", failure)
    assert json.loads(printed_anyway(capsys, *asked, "--json"))["error"] == failure.strip()


def printed_anyway(capsys, *arguments):
    run(list(arguments))
    return capsys.readouterr().out


def test_a_layer_that_does_not_exist(capsys):
    told = printed(capsys, "explain", "vgg16", "conv9", status=2)
    assert "vgg16 has no layer 'conv9'; did you mean" in told


def test_written_to_a_file(capsys, tmp_path):
    target = tmp_path / "rf.tex"
    assert printed(capsys, "explain", "vgg16", "conv1_1", "--latex", "-o", str(target)) == ""
    assert target.read_text().startswith(r"\documentclass{article}")
