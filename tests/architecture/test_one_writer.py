"""A referral's status, version and times are written in one place each, by test over every module."""

import ast
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "referrals"

# Attribute of a referral → the modules that may assign it.
WRITERS = {
    "status": {"pathway/steps.py"},
    "next_action_due_at": {"pathway/steps.py"},
    "waiting_on": {"pathway/steps.py"},
    "order_at": {"pathway/assessment.py"},
    "computed_tier": {"pathway/assessment.py"},
    "submitted_at": {"pathway/intake.py"},
}


@cache
def written() -> set[tuple[str, str]]:
    """Each attribute of a `referral` (or `draft`) that is assigned, and the module that does it."""
    return {
        (node.attr, module.relative_to(SOURCE).as_posix())
        for module in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("referral", "draft")
    }


@pytest.mark.parametrize("attribute", sorted(WRITERS))
def test_one_module_writes_what_a_step_decides(attribute: str) -> None:
    assert {module for name, module in written() if name == attribute} == WRITERS[attribute]
