"""Files that tell labels in a way that is not read here, each with the line that converts it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from badcase.i18n import _, grouped
from badcase.items.images import ending_of, is_image_name
from badcase.items.roots import Root

_CONVERT = "pandas.DataFrame({'file': ..., 'label': ...}).to_csv('labels.csv', index=False)"
# By ending: what such a file is. Called when it is shown, so that it is in the language of that moment.
_KINDS: dict[str, Callable[[], str]] = {
    ".xml": lambda: _("it is XML, as Pascal VOC writes boxes"),
    ".mat": lambda: _("it is a file of MATLAB (scipy.io.loadmat reads it)"),
    ".pkl": lambda: _("it is a pickle, which can run code and is never opened"),
    ".pickle": lambda: _("it is a pickle, which can run code and is never opened"),
    ".npy": lambda: _("it is an array of NumPy (numpy.load reads it)"),
    ".npz": lambda: _("it is a set of arrays of NumPy (numpy.load reads it)"),
    ".h5": lambda: _("it is HDF5 (h5py reads it)"),
    ".hdf5": lambda: _("it is HDF5 (h5py reads it)"),
    ".tfrecord": lambda: _("it is a TFRecord (tensorflow.data reads it)"),
    ".lst": lambda: _("it is a list of MXNet"),
    ".rec": lambda: _("it is a record file of MXNet"),
    ".mdb": lambda: _("it is an LMDB (lmdb reads it)"),
    ".json": lambda: _("it is JSON of a layout that is not known here"),
    ".yaml": lambda: _("it is YAML"),
    ".yml": lambda: _("it is YAML"),
    ".xls": lambda: _("it is a table of an old Excel; save it as .csv"),
    ".ods": lambda: _("it is a spreadsheet; save it as .csv"),
    ".db": lambda: _("it is a database"),
    ".sqlite": lambda: _("it is a database"),
    ".txt": lambda: _("no line of it is the name of an image and a label"),
}
_ASIDE = frozenset(
    {"readme", "license", "licence", "changelog", "requirements", "notes", "classes", "synsets", "labels_names", "config"}
)
_TOLD = 4


def label_files(root: Root, names: Sequence[str]) -> dict[str, str]:
    """Files that look as if they told labels and are not read, and why; files beside each image in one sentence."""
    images = {posixpath.splitext(posixpath.basename(name))[0] for name in names if is_image_name(name)}
    found: dict[str, str] = {}
    beside: dict[str, list[str]] = {}
    for name in names:
        ending = ending_of(name)
        stem = posixpath.basename(name).split(".", 1)[0]
        if ending not in _KINDS or stem.lower() in _ASIDE:
            continue
        if stem in images:
            beside.setdefault(ending, []).append(name)
        elif len(found) < _TOLD:
            found[name] = _("{what}, and is not read; write one line for each image with {line}").format(
                what=_KINDS[ending](), line=_CONVERT
            )
    for ending, files in beside.items():
        found[files[0]] = _("{n} {ending} files like it lie beside the images, one for each, and are not read").format(
            n=grouped(len(files)), ending=ending
        )
    return found
