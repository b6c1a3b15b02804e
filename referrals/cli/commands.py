"""Every command of the terminal, by the place where it stands: a web process never loads what only a terminal uses."""

from collections.abc import Mapping
from importlib import import_module

import click
from flask.cli import AppGroup

COMMANDS = {
    "assess": "referrals.cli.assess:assess",
    "audit": "referrals.cli.checks:audit",
    "backup": "referrals.cli.backup.command:backup",
    "bench": "referrals.cli.bench.command:bench",
    "centers": "referrals.cli.directory:centers",
    "client": "referrals.cli.clients:client",
    "codes": "referrals.cli.codes:codes",
    "db": "referrals.cli.database:db",
    "deliveries": "referrals.cli.deliveries:deliveries",
    "demo": "referrals.cli.demo.command:demo",
    "import": "referrals.cli.imports:import_lines",
    "integrity": "referrals.cli.checks:integrity",
    "keys": "referrals.cli.keys:keys",
    "organization": "referrals.cli.accounts:organization",
    "retention": "referrals.cli.retention:retention",
    "start": "referrals.cli.start:start",
    "trials": "referrals.cli.directory:trials",
    "user": "referrals.cli.people:user",
}


class Commands(AppGroup):
    """Commands that are loaded when somebody calls them."""

    def __init__(self, name: str | None, places: Mapping[str, str]) -> None:
        super().__init__(name)
        self.places = places

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *self.places})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.places:
            return super().get_command(context, name)
        module, _, attribute = self.places[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
