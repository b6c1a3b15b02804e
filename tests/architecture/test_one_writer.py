"""A referral's status, version and times are written in one place each, by test over every module."""

import ast
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


def writers_of(attribute: str) -> set[str]:
    """Modules that assign `referral.<attribute>` (or of something else called `draft` or `row`)."""
    found = set()
    for module in SOURCE.rglob("*.py"):
        tree = ast.parse(module.read_text())
        targets = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        for node in targets:
            is_written = isinstance(node.ctx, ast.Store) and node.attr == attribute
            if is_written and isinstance(node.value, ast.Name) and node.value.id in ("referral", "draft"):
                found.add(module.relative_to(SOURCE).as_posix())
    return found


@pytest.mark.parametrize("attribute", sorted(WRITERS))
def test_one_module_writes_what_a_step_decides(attribute: str) -> None:
    assert writers_of(attribute) == WRITERS[attribute]
