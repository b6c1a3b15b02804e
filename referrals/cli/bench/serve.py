"""The application of a bench: the real one, with the floors beside it. Only the bench's own servers load this."""

from referrals.cli.bench.floors import floors
from wsgi import app

app.register_blueprint(floors)
