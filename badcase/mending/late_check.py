"""The pages of a large database, looked through beside the work: opening the project did not wait for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from badcase.mending.snapshot import DATABASE, SQL_ERRORS, reading
from badcase.store.checks.damage import DamagedError, damaged
from badcase.store.database import is_large, page_faults


def late_fault(folder: Path) -> DamagedError | None:
    """What is wrong with the database of an open project, where it was too large to be looked through as it was opened.

    It has a connection of its own, so that another thread may call it.
    """
    path = folder / DATABASE
    if not is_large(path):
        return None
    try:
        with closing(reading(path)) as database:
            faults = page_faults(database)
    except sqlite3.OperationalError:  # the system's refusal, which whoever reads is told
        return None
    except SQL_ERRORS as error:
        faults = [str(error)]
    return damaged(path, "project.db", got="; ".join(faults)) if faults else None
