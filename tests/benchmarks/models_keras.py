"""keras.applications against Keras: parameters, buffers, MACs and every layer's shape, a row each.

    python tests/benchmarks/models_keras.py -o models_keras.csv

What Keras says: the numbers of trainable and of other weights, without a Normalization's counter of
batches; the shape that each layer gives. MACs are counted from Keras' kernels and output shapes
alone. Models are on the meta device of PyTorch, which runs Keras here.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"
sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
COLUMNS = ("model", "params", "buffers", "macs", "shapes", "layers", "reason")
# Of sizes that Keras leaves open.
SHAPES = dict.fromkeys(("MobileNetV3Large", "MobileNetV3Small"), (224, 224, 3))


def verdict(found: int | None, true: int) -> str:
    """Whether a figure is the true one."""
    return "?" if found is None else "ok" if found == true else f"WRONG {found} for {true}"


def row_of(name: str) -> dict[str, Any]:
    """What cnncalc says of a model beside what Keras says, or why it says nothing."""
    from keras_models import keras, macs, numbers, without_weights

    import cnncalc

    row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {"model": name}
    given = {"input_shape": SHAPES[name]} if name in SHAPES else {}
    try:
        model = without_weights(getattr(keras.applications, name), weights=None, **given)
    except Exception as error:
        return row | {"reason": f"Keras: {str(error).splitlines()[0]}"}
    try:
        report = cnncalc.analyze(cnncalc.from_keras(model))
    except cnncalc.CnncalcError as error:
        return row | {"reason": f"refused: {error}"}
    counters = [weight for weight in model.non_trainable_weights if weight.name == "count"]
    buffers = numbers(model.non_trainable_weights) - numbers(counters)
    wrong = [
        layer.name
        for layer in model.layers
        if not isinstance(layer, (keras.Model, keras.layers.InputLayer))
        and not gives(tuple(layer.output.shape[1:]), report[layer.name].out_shape)
    ]
    return row | {
        "params": verdict(report.totals.params, numbers(model.trainable_weights)),
        "buffers": verdict(report.totals.buffers, buffers),
        "macs": verdict(report.totals.macs, macs(model)),
        "shapes": f"WRONG {wrong[0]}" if wrong else "ok",
        "layers": len(report),
    }


def gives(true: tuple[int, ...], found: tuple[int | None, ...]) -> bool:
    """Whether a layer's shape is Keras'; a pooled vector is a map of one unit."""
    return found in ((true[-1], *true[:-1]), (true[-1], 1, 1))


def main() -> None:
    """Print the table, and how many models are read, wrong and refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("-o", "--output", default="/dev/stdout")
    asked = parser.parse_args()
    from keras_models import keras

    names = asked.names or [name for name in dir(keras.applications) if name[0].isupper()]
    rows = []
    with open(asked.output, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for name in names:
            rows.append(row_of(name))
            writer.writerow(rows[-1])
            file.flush()
    wrong = sum("WRONG" in str(cell) for row in rows for cell in row.values())
    refused = sum(bool(row["reason"]) for row in rows)
    print(f"{len(rows) - refused} read, {wrong} wrong, {refused} not read", file=sys.stderr)


if __name__ == "__main__":
    main()
