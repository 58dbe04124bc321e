"""Files that are not read, each with the one line that makes one of them that is."""

from __future__ import annotations

import posixpath

from badcase.i18n import _
from badcase.importing.text_files.packing import PACKINGS

_CSV = '.to_csv("{out}.csv", index=False)'
_LINES = '.to_json("{out}.jsonl", orient="records", lines=True)'
# Ending -> the line of Python that converts it; {name} and {out} are the file's name, with its ending and without.
_BY_PYTHON: dict[str, str] = {
    ".xls": 'import pandas; pandas.read_excel("{name}")' + _CSV,
    ".xlsb": 'import pandas; pandas.read_excel("{name}")' + _CSV,
    ".ods": 'import pandas; pandas.read_excel("{name}")' + _CSV,
    ".pkl": 'import pandas; pandas.read_pickle("{name}")' + _CSV,
    ".pickle": 'import pandas; pandas.read_pickle("{name}")' + _CSV,
    ".h5": 'import pandas; pandas.read_hdf("{name}")' + _CSV,
    ".hdf5": 'import pandas; pandas.read_hdf("{name}")' + _CSV,
    ".dta": 'import pandas; pandas.read_stata("{name}")' + _CSV,
    ".sav": 'import pandas; pandas.read_spss("{name}")' + _CSV,
    ".sas7bdat": 'import pandas; pandas.read_sas("{name}")' + _CSV,
    ".orc": 'import pandas; pandas.read_orc("{name}").to_parquet("{out}.parquet")',
    ".avro": 'import polars; polars.read_avro("{name}").write_parquet("{out}.parquet")',
    ".xml": 'import pandas; pandas.read_xml("{name}")' + _CSV,
    ".html": 'import pandas; pandas.read_html("{name}")[0]' + _CSV,
    ".htm": 'import pandas; pandas.read_html("{name}")[0]' + _CSV,
    ".yaml": 'import pandas, pathlib, yaml; pandas.DataFrame(yaml.safe_load(pathlib.Path("{name}").read_text("utf-8")))' + _LINES,
    ".yml": 'import pandas, pathlib, yaml; pandas.DataFrame(yaml.safe_load(pathlib.Path("{name}").read_text("utf-8")))' + _LINES,
    ".mat": 'import pandas, scipy.io; m = scipy.io.loadmat("{name}", squeeze_me=True); '
    'pandas.DataFrame({{"text": m["text"], "label": m["label"]}})' + _CSV,
    ".npy": 'import numpy, pandas; pandas.DataFrame(numpy.load("{name}"), columns=["text", "label"])' + _CSV,
    ".npz": 'import numpy, pandas; a = numpy.load("{name}"); pandas.DataFrame({{key: list(a[key]) for key in a}})' + _CSV,
    ".tfrecord": 'import tensorflow_datasets as tfds; tfds.as_dataframe(tfds.load("NAME", split="train", data_dir="."))' + _CSV,
    ".rda": 'import pyreadr; next(iter(pyreadr.read_r("{name}").values()))' + _CSV,
    ".rds": 'import pyreadr; pyreadr.read_r("{name}")[None]' + _CSV,
}
_SQL = 'import pandas, sqlite3; pandas.read_sql("SELECT * FROM NAME", sqlite3.connect("{name}"))' + _CSV
_BY_PYTHON |= dict.fromkeys((".sqlite", ".sqlite3", ".db"), _SQL)
_UNPACK = (".rar", ".7z", *PACKINGS)


def conversion(name: str) -> str:
    """What to do with a file that is not read: the line that converts it where one is known."""
    out, ending = posixpath.splitext(posixpath.basename(name))
    if (line := _BY_PYTHON.get(ending.lower())) is not None:
        return _("Convert it with Python: {line}").format(line=line.format(name=name, out=out))
    if ending.lower() in _UNPACK:
        return _("Unpack it, and name the folder or the table that comes out.")
    if ending.lower() == ".txt":
        return _(
            "Its lines are no table: part their columns by tabs, commas or semicolons, or write __label__NAME before each text."
        )
    return _("Save the data in one of these formats, with pandas: {line}").format(
        line='data_frame.to_csv("data.csv", index=False)'
    )
