#!/bin/sh
# Make .venv with everything that pyproject.toml declares, and what Qt needs of the system. `make` calls this.
set -eu
cd "$(dirname "$0")"

# What Qt links to, with a screen and without; a font for Latin text and one for Chinese.
system_packages="libgl1 libegl1 libxkbcommon0 libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3
    libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0
    fonts-open-sans fonts-wqy-microhei"

missing_packages() {
    for package in $system_packages; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
    done
}

# Install packages where we may, else name them. The libraries matter to the window only, so a failure is not the end.
system_install() {
    if [ "$(id -u)" = 0 ]; then
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    else
        echo "The system lacks packages, and only root may install them. Run once:"
        echo "    sudo apt-get install $*"
        return 1
    fi
}

right_version() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if right_version "$candidate"; then echo "$candidate"; return; fi
    done
    echo "badcase needs Python 3.11, 3.12 or 3.13; name one with PYTHON=/path/to/python make setup" >&2
    return 1
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    missing=$(missing_packages)
    # shellcheck disable=SC2086  # a list of words
    [ -z "$missing" ] || system_install $missing || echo "Going on without them; the window may not start."
else
    echo "Qt needs these libraries, by their names in Debian:" $system_packages
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! right_version .venv/bin/python; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then  # Debian keeps it in a package of its own
        system_install "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    "$python" -m venv --clear .venv
fi

# The pin of torch keeps pip from the newest CUDA build; see docs/install.md on machines with no GPU.
.venv/bin/python -m pip install -q -c constraints.txt -e '.[dev]'
touch .venv/.ready
echo "Ready: .venv/bin/badcase"
