"""Keeping no longer than the law allows, and no shorter than a court asks: legal holds, and erasing patients."""
