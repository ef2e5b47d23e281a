"""--explain and --cost add no import to commands without them."""

from pathlib import Path

from ..test_process import imported_by, run

FOR_OPTIONS_ONLY = ("nodetodo.explain", "nodetodo.pricing", "nodetodo.server", "decimal", "textwrap")


def test_a_command_without_the_options_imports_none_of_their_modules(tmp_path: Path) -> None:
    database = f"--db=local:{tmp_path / 'tasks.db'}"
    run("user-add", "emma", "emma@example.org", "+491701234", database)
    for argv in (["task-add", "emma", "x", "shopping"], ["task-ls", "emma", "shopping"], ["user", "emma"]):
        modules = imported_by(*argv, database)
        assert "nodetodo.embedded.storage" in modules
        assert not [name for name in modules if name.startswith(FOR_OPTIONS_ONLY)]
    assert "nodetodo.explain.plan" in imported_by("user", "emma", "--explain", database)
    assert "nodetodo.explain.cost" in imported_by("user", "emma", "--cost", database)


def test_explaining_a_local_command_imports_no_sdk(tmp_path: Path) -> None:
    modules = imported_by("task-add", "emma", "x", "--explain", f"--db=local:{tmp_path / 'tasks.db'}")
    assert not modules & {"botocore", "boto3", "nodetodo.engines.local", "nodetodo.engines.aws"}
    assert not list(tmp_path.iterdir())
