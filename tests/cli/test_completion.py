"""What shells complete: by click's own protocol, and in a bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NET = """\
name: tiny
input: [3, 32, 32]
args: {width: 8, wide: 2, depth: 1}
layers:
  - {name: first, type: conv, out_channels: $width, kernel_size: 3, padding: 1}
  - {name: fine, type: relu}
  - {name: last, type: global_avg_pool}
"""
FILES = {"tiny.yaml": NET, "broken.yaml": "layers: [", "vgg1.yaml": NET}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    runner = tmp_path / "bin" / "cnncalc"
    runner.parent.mkdir()
    runner.write_text(f'#!/bin/sh\nexec {sys.executable} -m cnncalc "$@"\n')
    runner.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{runner.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def completed(words):
    """(type, value) of what completes the last word."""
    asked = {
        "_CNNCALC_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return [tuple(line.split(",", 1)) for line in done.stdout.splitlines() if line]


LAYERS = [("plain", "first"), ("plain", "fine")]
CASES = {
    "cnncalc draw conv_": [("plain", "conv_transpose"), ("file", "conv_")],
    "cnncalc draw conv --strid": [("plain", "--stride")],
    "cnncalc draw vgg1": [
        *[("file", "vgg1")],
        *[("plain", f"vgg{depth}") for depth in (11, 13, 16, 19)],
    ],
    "cnncalc rf vgg1": [
        *[("file", "vgg1")],
        *[("plain", f"vgg{depth}") for depth in (11, 13, 16, 19)],
    ],
    "cnncalc rf --yaml ti": [("file", "ti")],
    "cnncalc rf vgg16 -o ou": [("file", "ou")],
    "cnncalc list -o ou": [("file", "ou")],
    "cnncalc show vgg16 --output ou": [("file", "ou")],
    "cnncalc solve tile vgg16 --tile 512 -o ou": [("file", "ou")],
    "cnncalc explain tiny.yaml f": LAYERS,
    "cnncalc explain tiny.yaml last f": LAYERS,
    "cnncalc explain --yaml tiny.yaml f": LAYERS,
    "cnncalc box tiny.yaml f": LAYERS,
    "cnncalc check tiny.yaml --rf-of f": LAYERS,
    "cnncalc rf tiny.yaml --from f": LAYERS,
    "cnncalc rf tiny.yaml --set width = 4 --from f": LAYERS,
    "cnncalc solve input tiny.yaml --layer f": LAYERS,
    "cnncalc rf broken.yaml --from f": [],
    "cnncalc rf nowhere.yaml --from f": [],
    "cnncalc rf - --from f": [],
    "cnncalc rf --from f": [],
    "cnncalc rf tiny.yaml --columns eff": [("plain", "eff_stride"), ("plain", "eff_pad")],
    "cnncalc rf tiny.yaml --columns layer,mac": [("plain", "layer,macs")],
    "cnncalc rf tiny.yaml --set wi": [("plain", "width="), ("plain", "wide=")],
    "cnncalc lint tiny.yaml --select CNN101,CNN40": [("plain", "CNN101,CNN401")],
    "cnncalc lint --ignore checker": [("plain", "checkerboard")],
    "cnncalc help def": [("plain", "definitions")],
    "cnncalc help lint CNN30": [("plain", "CNN301"), ("plain", "CNN302")],
    "cnncalc help nothing C": [],
}


@pytest.mark.parametrize("words", CASES)
def test_words(words):
    found = completed(words)
    if "CNN40" in words:
        found = found[:1]
    assert found == CASES[words]


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("cnncalc")),
    reason="there is no bash, or no installed command",
)
@pytest.mark.parametrize(
    "words, expected",
    [
        ("rf vgg1", {"vgg11", "vgg13", "vgg16", "vgg19", "vgg1.yaml"}),
        ("rf ti", {"tiny.yaml"}),
        ("rf --yaml b", {"broken.yaml", "bin"}),
        ("explain tiny.yaml f", {"first", "fine"}),
        ("rf tiny.yaml --set wid", {"width=", "wide="}),
    ],
)
def test_in_bash(words, expected):
    listed = " ".join(["cnncalc", *words.split()])
    script = (
        'eval "$(_CNNCALC_COMPLETE=bash_source cnncalc)"\n'
        f"COMP_WORDS=({listed}); COMP_CWORD={listed.count(' ')}\n"
        '_cnncalc_completion cnncalc; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True)
    assert set(done.stdout.split()) == expected
