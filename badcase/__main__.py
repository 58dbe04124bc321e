"""`python -m badcase`: the command line."""

from badcase.ui.cli import main

if __name__ == "__main__":
    main()
