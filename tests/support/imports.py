"""What every module of cnncalc imports: from where, and when."""

import ast
from pathlib import Path
from typing import NamedTuple

import cnncalc

PACKAGE = Path(cnncalc.__file__).parent
NOW, LATER, TYPES = "when it is imported", "when a function runs", "for type checkers"


class Import(NamedTuple):
    """An import; targets inside cnncalc are called without its name."""

    target: str
    when: str


def module_name(path):
    """`layers.base` for cnncalc/layers/base.py; a package goes by its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "cnncalc"


PATHS = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in PATHS.items()}


def _time(node, when):
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return TYPES
    return LATER if isinstance(node, (ast.FunctionDef, ast.Lambda)) and when == NOW else when


def _folder(name):
    parts = [] if name == "cnncalc" else name.split(".")
    return parts if PATHS[name].name == "__init__.py" else parts[:-1]


def imports_of(name):
    """Every import of a module, whenever it is made."""
    found = []

    def visit(node, when):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, when) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                found.extend(Import(target, when) for target in targets(child))
            visit(child, _time(child, when))

    def targets(node):
        folder = _folder(name)
        base = folder[: len(folder) - node.level + 1] if node.level else []
        stem = [*base, *(node.module or "").split(".")] if node.module else base
        for alias in node.names:
            full = ".".join([*stem, alias.name])
            yield full if node.level and full in PATHS else ".".join(stem)

    visit(TREES[name], NOW)
    return found


IMPORTS = {name: imports_of(name) for name in PATHS}


def own(name, *when):
    """The modules of cnncalc that one imports."""
    return {
        each.target
        for each in IMPORTS[name]
        if each.target in PATHS and each.when in (when or (NOW, LATER, TYPES))
    }


def foreign(name):
    """The top-level packages from elsewhere that a module imports, whenever."""
    elsewhere = {each.target for each in IMPORTS[name] if each.target not in PATHS}
    return {target.partition(".")[0] for target in elsewhere} - {"", "cnncalc"}
