"""Files of models that no reader reads are called by what they hold, with what to give instead."""

from __future__ import annotations

import io
import pickle
import sys
import zipfile

import pytest

import cnncalc
from cnncalc.cli.application import run

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(20)
TFLITE = b"\x1c\x00\x00\x00TFL3" + bytes(20)
# A saved model's first fields: saved_model_schema_version 1, then meta_graphs.
SAVED_MODEL = b"\x08\x01\x12\x80\x02\x0a\x00\xff"
GRAPH_DEF = b"\x0a\x10\x0a\x01x\x12\x0bPlaceholder\xff"
PICKLED = pickle.dumps({"conv1.weight": [1.0]}, protocol=2)


def archive(member):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr(member, b"\x80\x02}q\x00.")
    return content.getvalue()


SAVED_TENSORS = archive("archive/data.pkl")
FILES = [
    ("model.h5", HDF5, ["HDF5", "model.to_json()", ".keras"]),
    ("model", HDF5, ["HDF5", "model.to_json()"]),
    ("saved_model.pb", SAVED_MODEL, ["TensorFlow", "model.to_json()", "ONNX"]),
    ("frozen.pb", GRAPH_DEF, ["TensorFlow", "ONNX"]),
    ("model.tflite", TFLITE, ["TensorFlow Lite", "model.to_json()", "ONNX"]),
    ("model.bytes", TFLITE, ["TensorFlow Lite"]),
    ("model.pt", SAVED_TENSORS, ["PyTorch", "--reader torch package.module:factory"]),
    ("model.PTH", PICKLED, ["PyTorch", "--reader torch package.module:factory", "torch.onnx"]),
    ("model", SAVED_TENSORS, ["PyTorch"]),
    ("model.safetensors", b"\x40\0\0\0\0\0\0\0{}", ["weights"]),
    ("model.caffemodel", b"\x0a\x05CaffeNet\xff", [".prototxt"]),
    ("yolo.weights", bytes(20), [".cfg"]),
]


@pytest.mark.parametrize("name, content, words", FILES)
@pytest.mark.parametrize("option", [[], ["--reader", "yaml"]])
def test_what_they_hold(tmp_path, capsys, name, content, words, option):
    path = tmp_path / name
    path.write_bytes(content)
    text = all(byte < 128 for byte in content)
    if option and text:
        pytest.skip("its bytes are a text, which is asked to be read as one")
    assert run(["rf", str(path), *option]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{path}: ")
    assert told.count("\n") == 1
    assert "UTF-8" not in told
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize("suffix", [".onnx", ".keras", ".json", ".cfg", ".prototxt", ".yaml"])
@pytest.mark.parametrize(
    ("content", "word"), [(HDF5, "HDF5"), (TFLITE, "TensorFlow Lite"), (SAVED_TENSORS, "PyTorch")]
)
def test_by_a_name_that_is_another_kind_s(tmp_path, capsys, suffix, content, word):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    assert run(["rf", str(path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{path}: a") and word in told and told.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "inside", "told"),
    [
        ("saved", "saved_model.pb", "a TensorFlow graph, whose operators are not read; save"),
        ("net.mlpackage", "Manifest.json", "a Core ML model"),
        ("nets", "net.yaml", "is a folder; give a file in it"),
    ],
)
def test_folders(tmp_path, capsys, name, inside, told):
    (tmp_path / name).mkdir()
    (tmp_path / name / inside).write_bytes(b"")
    assert run(["rf", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / name}: {told}")


def test_a_missing_torch_has_both_install_lines(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(["rf", "package:factory", "--reader", "torch", "--input", "3x8x8"]) == 2
    told = capsys.readouterr().err
    assert 'pip install ".[torch]"' in told and 'pip install "cnncalc[torch]"' in told


def test_on_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HDF5)))
    assert run(["rf", "-"]) == 1
    assert capsys.readouterr().err.startswith("<stdin>: an HDF5 file")


def test_an_onnx_model_by_another_suffix_is_one(tmp_path):
    onnx = pytest.importorskip("onnx")
    shape = [1, 3, 8, 8]
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "xy"
    ]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:]
    )
    path = tmp_path / "model.pb"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    assert len(cnncalc.load(path).nodes) == 1


@pytest.mark.parametrize("package", ["onnx"])
def test_a_missing_extra_has_both_install_lines(tmp_path, monkeypatch, package):
    for name in (package, "google.protobuf.message"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x08")
    with pytest.raises(cnncalc.UsageError) as refused:
        cnncalc.load(path)
    assert f'pip install ".[{package}]"' in str(refused.value)
    assert f'pip install "cnncalc[{package}]"' in str(refused.value)
