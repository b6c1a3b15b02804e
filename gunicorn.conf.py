"""How gunicorn serves: the application is loaded once, and what it loads is shared by the processes that it becomes."""

import gc
import os
import shutil
import tempfile
from typing import Any

from sqlalchemy.orm import configure_mappers

from referrals.domain.policy import default_policy
from referrals.knowledge import entities, icd10cm, icdo3

preload_app = True
worker_class = "gthread"

READ_BY_ALL = (icd10cm.table, icdo3.topographies, icdo3.morphologies, entities.lists, entities.families, default_policy)
# The processes put their counts for `/metrics` together here; named before anything loads that counts.
COUNTS = tempfile.mkdtemp(prefix="referrals-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = COUNTS


def on_exit(server: Any) -> None:
    shutil.rmtree(COUNTS, ignore_errors=True)


def when_ready(server: Any) -> None:
    """Nothing of it is ever thrown away: who looked for garbage there would only make copies of it."""
    configure_mappers()
    for read in READ_BY_ALL:
        read()
    gc.collect()
    gc.freeze()
