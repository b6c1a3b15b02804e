"""The house keeps its shape: floors, small files, small functions, a sentence at the head of every module."""

import ast
import statistics
import subprocess
import sys

import pytest
from importlinter.cli import lint_imports

from tests.architecture.source import OWN, ROOT, TESTS, functions, length, name

LONGEST_FILE = 400
MEDIAN_FUNCTION, NINETIETH_FUNCTION = 10, 20
VAGUE_NAMES = ("get_", "handle_", "process_", "do_")
FRAMEWORK_NAMES = {"process_bind_param", "process_result_value", "get_id", "get_command"}  # what a library calls
VAGUE_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def test_each_floor_imports_only_from_the_floors_below():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize("module", ["referrals", "referrals.domain", "referrals.knowledge"])
def test_the_rules_load_without_the_web_or_a_database(module):
    """Every module of the floor, in a process of its own: nothing that another test imported can hide a mistake."""
    script = (
        f"import importlib, pkgutil, sys, {module} as floor\n"
        "if floor.__name__ != 'referrals':\n"
        "    for found in pkgutil.walk_packages(floor.__path__, floor.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
        "print(sorted({'flask', 'sqlalchemy', 'marshmallow', 'werkzeug', 'click', 'config'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_file_is_long():
    long = {name(file): lines for file in (*OWN, *TESTS) if (lines := file.read_text().count("\n")) > LONGEST_FILE}
    assert long == {}


def test_functions_are_small():
    lengths = sorted(length(function) for file in OWN for function in functions(file) if "versions" not in file.parts)
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert lengths[int(len(lengths) * 0.9)] <= NINETIETH_FUNCTION


def test_every_module_opens_with_one_sentence_on_what_it_is_for():
    silent = [name(file) for file in OWN if not ast.get_docstring(ast.parse(file.read_text()))]
    assert silent == []


def test_functions_are_called_what_they_do():
    vague = [
        f"{name(file)}: {function.name}"
        for file in OWN
        for function in functions(file)
        if function.name.startswith(VAGUE_NAMES) and function.name not in FRAMEWORK_NAMES
    ]
    assert vague == []


def test_no_module_is_a_drawer_for_everything():
    assert [name(file) for file in OWN if file.stem in VAGUE_MODULES] == []


def test_nothing_below_a_door_commits_or_reads_the_clock():
    floors = ("domain", "knowledge", "models", "pathway")
    calls = {"commit", "now", "utcnow", "today"}
    found = [
        f"{name(file)}:{node.lineno} {node.func.attr}"
        for floor in floors
        for file in (ROOT / "referrals" / floor).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in calls
        # The one commit of the models: settings of a new connection, in no session's transaction.
        and not (file.name == "engine.py" and node.func.attr == "commit")
    ]
    assert found == []
