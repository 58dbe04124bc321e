"""Columns of Python values as Arrow has them: pictures become PNG, paths become texts, one type in each column."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, ImageOps

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.regular_files import read_regular

_PNG = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")  # modes that a PNG can hold


def column_of(name: str, values: Any) -> pa.Array | pa.ChunkedArray:
    """One column of a frame, of records or of a dict.

    Args:
        name: What a message calls it.
        values: (n,) of one type, with None where there is none; images may be Pillow's or arrays (height, width[, channels])
            of uint8.

    Raises:
        BadcaseError: Where it holds what a table cannot: several types, arrays that are no images, objects.
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if hasattr(values, "dtype") and getattr(values.dtype, "kind", "O") not in "OV" and getattr(values, "ndim", 1) == 1:
        return _converted(name, values)
    if hasattr(values, "to_arrow") and not hasattr(values, "iloc"):  # a series of polars
        return values.to_arrow()
    listed = values if isinstance(values, list) else list(values)
    first = next((one for one in listed if one is not None and not _is_nan(one)), None)
    if isinstance(first, Image.Image) or (isinstance(first, np.ndarray) and first.ndim >= 2):
        return pa.array([None if one is None or _is_nan(one) else _encoded(name, one) for one in listed], pa.large_binary())
    if isinstance(first, os.PathLike):
        return pa.array([os.fspath(one) if isinstance(one, os.PathLike) else one for one in listed], pa.string())
    if hasattr(values, "iloc"):
        return _converted(name, values)
    if isinstance(first, set | frozenset):
        return _converted(name, [sorted(one) if isinstance(one, set | frozenset) else one for one in listed])
    return _converted(name, listed)


def _converted(name: str, values: Any) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        kinds = sorted({type(one).__name__ for one in values if one is not None and not _is_nan(one)})
        if len(kinds) > 1:
            hint = _("Give all values of the column one type: texts, say, with str(value).")
            raise BadcaseError(
                _("the column holds values of several types"), where=name, expected=_("one type"), got=", ".join(kinds), hint=hint
            ) from error
        hint = _("Leave the column out, or make texts or numbers of it.")
        raise BadcaseError(_("a table cannot hold these values"), where=name, got=", ".join(kinds), hint=hint) from error


def _is_nan(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)


def _encoded(name: str, image: Any) -> bytes:
    """A picture as the bytes of a file that loses nothing: PNG, of other pixels TIFF."""
    if isinstance(image, np.ndarray):
        image = _picture(name, image)
    if not isinstance(image, Image.Image):
        raise BadcaseError(_("not an image"), where=name, expected=_("an image of Pillow"), got=type(image).__name__)
    image = ImageOps.exif_transpose(image)
    sink = io.BytesIO()
    if image.mode in _PNG:
        image.save(sink, "PNG")
    elif image.mode in ("F", "I;16B", "I;16L"):
        image.save(sink, "TIFF")
    else:
        image.convert("RGBA" if image.has_transparency_data else "RGB").save(sink, "PNG")
    return sink.getvalue()


def _picture(name: str, pixels: np.ndarray[Any, Any]) -> Image.Image:
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * 255
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise BadcaseError(
            _("not an image"),
            where=name,
            expected=_("(height, width), (height, width, 3) or (height, width, 4) of uint8"),
            got=f"{pixels.shape} {pixels.dtype}",
            hint=_("Of values from 0 to 1 pass (255 * image).astype('uint8'); of channels first, image.transpose(1, 2, 0)."),
        )
    return Image.fromarray(np.ascontiguousarray(pixels))


def embedded_files(table: pa.Table) -> pa.Table:
    """The same with the bytes of the files in columns of images (bytes, path) that only name them, as Hugging Face has it."""
    for place, field in enumerate(table.schema):
        kind = field.type
        if pa.types.is_struct(kind) and {"bytes", "path"} <= {kind.field(i).name for i in range(kind.num_fields)}:
            cells = [_with_bytes(cell) for cell in table.column(place).to_pylist()]
            whole = pa.array(cells, pa.struct([("bytes", pa.large_binary()), ("path", pa.string())]))
            table = table.set_column(place, field.name, whole)
    return table


def _with_bytes(cell: dict[str, Any] | None) -> dict[str, Any] | None:
    if cell is None or cell["bytes"] is not None or not cell["path"]:
        return cell and {"bytes": cell["bytes"], "path": cell["path"]}
    path = Path(cell["path"])
    return {"bytes": read_regular(path) if path.is_file() else None, "path": cell["path"]}
