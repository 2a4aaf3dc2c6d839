"""Annotations as SARIF 2.1.0, the static analysis results interchange format of OASIS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ..version import __version__
from .annotation import ERROR, INFO, WARNING, Annotation, fingerprints

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}


def sarif(annotations: Sequence[Annotation], rules: dict[str, str]) -> str:
    """One run; `rules` says what those that may be named find."""
    named = {**rules, **{one.rule: one.title for one in annotations if one.rule not in rules}}
    index = {rule: place for place, rule in enumerate(named)}
    results = [
        _result(one, index[one.rule], fingerprint)
        for one, fingerprint in zip(annotations, fingerprints(annotations))
    ]
    driver = {
        "name": "cnncalc",
        "version": __version__,
        "rules": [{"id": rule, "shortDescription": {"text": told}} for rule, told in named.items()],
    }
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(one: Annotation, rule: int, fingerprint: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(one.path.replace("\\", "/"))}}
    if one.line is not None:
        physical["region"] = {"startLine": one.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if one.layer is not None:
        location["logicalLocations"] = [{"name": one.layer, "kind": "element"}]
    return {
        "ruleId": one.rule,
        "ruleIndex": rule,
        "level": LEVELS[one.severity],
        "message": {"text": one.message},
        "locations": [location],
        "partialFingerprints": {"cnncalc/v1": fingerprint},
    }
