"""The tests, in the folders of what they test; `ROOT` is the checkout, `DATA` the real benchmark data, which may be absent."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("BADCASE_DATA", ROOT.parent / "shared" / "data"))
