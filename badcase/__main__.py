"""`python -m badcase`: the command line."""

import os
import sys

if __name__ == "__main__":
    # Like `badcase`, it imports nothing from the folder that one stands in, whoever filled that; pathlib would be the first.
    if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        del sys.path[0]
    from badcase.ui.cli import main

    main()
