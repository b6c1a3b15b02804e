"""Reads the source of the project, for tests over all of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = (*ROOT.glob("*.py"), *ROOT.glob("referrals/**/*.py"), *ROOT.glob("migrations/**/*.py"))
TESTS = tuple(ROOT.glob("tests/**/*.py"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return int(function.end_lineno or function.lineno) - function.lineno + 1


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))
