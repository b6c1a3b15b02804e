"""How gunicorn serves: the application is loaded once, and what it loads is shared by the processes that it becomes."""

import gc
from typing import Any

preload_app = True
worker_class = "gthread"


def when_ready(server: Any) -> None:
    """Nothing of it is ever thrown away: who looked for garbage there would only make copies of it."""
    gc.collect()
    gc.freeze()
