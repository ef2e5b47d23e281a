"""Checks that read the code instead of running it. They run first, and a failure stops the whole run (conftest.py)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nodetodo"

LAYERS = {
    # leaves
    "access": set(),
    "changes": {"model"},
    "errors": set(),
    "embedded": set(),
    "environment": set(),
    "model": set(),
    "table_model": set(),
    "resources": {"errors"},
    "dates": {"errors"},
    "cursors": {"embedded", "errors", "model"},
    # from the command line to the engine
    "cli": {"dates", "embedded", "errors", "model", "resources"},
    "engines": {"embedded", "environment", "errors", "model"},
    "repositories": {"changes", "embedded", "engines", "errors", "model", "resources", "table_model"},
    "output": {"changes", "cursors", "dates", "environment", "errors", "model", "table_model"},
    "data": {"embedded", "commands", "errors", "model", "output", "repositories"},
    "commands": {
        *("access", "changes", "cursors", "dates", "engines", "errors", "model", "output", "repositories"),
        "table_model",
    },
    # commands with a folder of their own, and what explains and prices all commands
    "pricing": {"commands", "embedded", "errors", "model", "output", "resources", "table_model"},
    "explain": {
        *(
            "access",
            "commands",
            "cursors",
            "embedded",
            "engines",
            "errors",
            "model",
            "output",
            "pricing",
            "repositories",
        ),
    },
    "server": {"commands", "embedded", "errors", "explain", "output", "pricing"},
    "completion": {"cli", "commands", "dates", "environment", "model", "output", "resources"},
    "design": {
        *("access", "cli", "commands", "embedded", "errors", "model", "output", "repositories", "resources"),
    },
}
"""Each module or package of nodetodo, and the others that it may import. Only `app` and `__main__` may import any."""


@pytest.mark.parametrize("check", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join)
def test_style_format_and_types(check: list[str]) -> None:
    result = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def imports(path: Path, modules: set[str]) -> Iterator[str]:
    """Return the modules of nodetodo that a module imports anywhere in its code, also for type checking only."""
    name = module_name(path)
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                imported = ".".join([*base, alias.name])
                yield imported if imported in modules else ".".join(base)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def graph() -> dict[str, set[str]]:
    """Return the modules of nodetodo, each with those that it imports."""
    paths = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    return {name: set(imports(path, set(paths))) - {name, "nodetodo"} for name, path in paths.items()}


def layer(module: str) -> str:
    return module.split(".")[1]


def test_a_module_imports_only_from_the_layers_below_it() -> None:
    found = {
        (layer(module), layer(imported))
        for module, others in graph().items()
        if module not in ("nodetodo", "nodetodo.app", "nodetodo.__main__")
        for imported in others
        if layer(module) != layer(imported)
    }
    allowed = {(upper, lower) for upper, lowers in LAYERS.items() for lower in lowers}
    assert found - allowed == set()
    assert allowed - found == set(), "LAYERS allows imports that no module has"


def test_no_modules_import_each_other() -> None:
    remaining = graph()
    while remaining:
        free = {module for module, others in remaining.items() if not others & remaining.keys()}
        assert free, f"these modules import each other: {sorted(remaining)}"
        remaining = {module: others for module, others in remaining.items() if module not in free}


def test_each_kind_of_code_has_one_place() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        room = path.relative_to(PACKAGE).parts[0]
        if room != "__main__.py":
            assert "sys.exit" not in text, path
            assert "os.environ" not in text, path
            assert "print(" not in text.replace("_print(", ""), path
        if room not in ("repositories", "embedded", "explain"):
            assert '{"S"' not in text, path
            assert "Expression" not in text, path
        if path.parent.name != "storage":
            assert "SELECT " not in text or room == "explain", path  # explain writes PartiQL
