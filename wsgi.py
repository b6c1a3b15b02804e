"""The door for servers and the terminal: `flask --app wsgi …`, `gunicorn wsgi:app`."""

import sys

from config import SettingsError
from referrals.app import create_app

try:
    app = create_app()
except SettingsError as problem:
    sys.stderr.write(f"Referrals does not start. {problem}\n")
    sys.exit(2)
