"""Files of models that no reader reads: what they hold, and what to give instead."""

from __future__ import annotations

import os

KERAS = "save the model as .keras, or write model.to_json()"
TENSORFLOW = f"{KERAS}, or convert it to ONNX with tf2onnx"
TORCH = (
    "give the code that makes the module with --reader torch package.module:factory, "
    "or export it with torch.onnx.export"
)
TOLD = {
    "hdf5": f"an HDF5 file, Keras' older form or weights alone; {KERAS}",
    "tensorflow": f"a TensorFlow graph, whose operators are not read; {TENSORFLOW}",
    "checkpoint": f"a checkpoint, which holds weights; {TORCH}, or {KERAS}",
    "tflite": f"a TensorFlow Lite model, compiled for devices; {TENSORFLOW}",
    "pytorch": f"a PyTorch file of weights or pickled objects, not of layers; {TORCH}",
    "weights": f"weights without the layers; {TORCH}, or {KERAS}",
    "caffe": "Caffe's weights; give the .prototxt beside them, which has the layers",
    "darknet": "Darknet's weights; give the .cfg beside them, which has the layers",
    "coreml": "a Core ML model, compiled for devices; give what it was converted from, or ONNX",
    "tensorrt": "a TensorRT engine, compiled for a device; give the ONNX that it was made from",
}
SUFFIXES = {
    **dict.fromkeys((".h5", ".hdf5"), "hdf5"),
    **dict.fromkeys((".pb", ".pbtxt", ".meta"), "tensorflow"),
    ".ckpt": "checkpoint",
    ".tflite": "tflite",
    **dict.fromkeys((".pt", ".pth", ".pt2", ".torchscript", ".bin", ".pkl", ".tar"), "pytorch"),
    **dict.fromkeys((".safetensors", ".npz", ".npy"), "weights"),
    ".caffemodel": "caffe",
    ".weights": "darknet",
    **dict.fromkeys((".mlmodel", ".mlpackage"), "coreml"),
    **dict.fromkeys((".engine", ".trt"), "tensorrt"),
}


def by_content(head: bytes) -> str | None:
    """What a file holds that begins so, with what to give instead; None where it is none of these.

    TensorFlow's saved models begin as version 1 of ONNX would, which no tool writes any more.
    """
    if head.startswith(b"\x89HDF"):
        return TOLD["hdf5"]
    if head[4:8] == b"TFL3":
        return TOLD["tflite"]
    if head.startswith(b"PK\x03\x04") and (b"/data.pkl" in head or b"/constants.pkl" in head):
        return TOLD["pytorch"]
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05" and len(head) > 1:
        return TOLD["pytorch"]
    if head.startswith(b"\x08\x01\x12"):
        return TOLD["tensorflow"]
    if head.startswith(b"\x93NUMPY"):
        return TOLD["weights"]
    return None


def of_folder(path: str) -> str:
    """What a folder holds, with what to give instead of it."""
    saved = os.path.exists(os.path.join(path, "saved_model.pb"))
    held = TOLD["tensorflow"] if saved else by_suffix(path.rstrip("/\\"))
    return held or "is a folder; give a file in it"


def by_suffix(path: str) -> str | None:
    """What a file of this name holds, with what to give instead; None for another."""
    small = path.lower()
    return next((TOLD[kind] for suffix, kind in SUFFIXES.items() if small.endswith(suffix)), None)
