"""The report: what was found, corrected and gained, as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

import numpy as np

from badcase.errors import BadcaseError
from badcase.export import check_not_own, known_image
from badcase.i18n import _, current_language, grouped, pgettext
from badcase.items import Kind
from badcase.items.images import decode
from badcase.project import Project
from badcase.store.atomic_files import write_whole
from badcase.store.run_table import RunRow, RunState
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.compare import Comparison, compare
from badcase.training.metrics.single_label import sizes, titles
from badcase.training.reporting.style import STYLE
from badcase.training.reporting.svg_charts import bars, curves, intervals
from badcase.training.run_folder.run_files import read_history
from badcase.training.tuning.tuning_folder import SEARCHES

SHOWN = 48  # items of each kind that are pictured; the counts are complete
THUMB = 128  # pixels


def report(project: Project, out: str | Path) -> Path:
    """Write the report of a project: what was found, corrected and gained.

    Args:
        out: the HTML file; one that exists is replaced.

    Returns:
        Its absolute path.

    Raises:
        BadcaseError: `out` is a folder, or a file of the project or of its data.
    """
    out = Path(out).absolute()
    if out.is_dir():
        raise BadcaseError(_("a report is one file"), where=str(out), hint=_("Give a name that ends in .html."))
    check_not_own(project, out)
    made = _("badcase, {time}, revision {n}").format(time=datetime.now().strftime("%Y-%m-%d %H:%M"), n=project.revision)
    body = "".join(
        [
            f"<h1>{escape(project.name)}</h1>",
            f"<p class=quiet>{made}</p>",
            *_facts(project),
            *_gain(project),
            *_corrections(project),
            *_training(project),
            *_data(project),
        ]
    )
    page = (
        f'<!doctype html><html lang="{current_language().replace("_", "-")}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # Nothing in the page runs or is fetched, whatever data say.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        f"<title>{escape(project.name)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    with write_whole(out) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return out


def _facts(project: Project) -> Iterable[str]:
    counts, left = project.counts(), project.errors_left()
    facts = [
        (_("items"), project.items_now),
        (_("classes"), len(project.label_names)),
        (_("reviewed"), counts.reviewed),
        (_("labels fixed"), counts.fixed),
        *([(_("labels given"), counts.labelled)] if counts.labelled else []),
        (_("kept"), counts.kept),
        (_("excluded"), counts.excluded),
        (_("unsure"), counts.unsure),
        *([] if project.any_ranking is None else [(_("to review"), counts.to_review)]),
    ]
    tiles = "".join(f"<div><b>{grouped(value)}</b>{escape(name)}</div>" for name, value in facts)
    yield f'<section class="facts">{tiles}</section>'
    if left is not None:
        sentence = _("Wrong labels among the items that nobody has judged: {words}.")
        yield f"<p>{escape(sentence.format(words=left.words))}</p>"
    if counts.of_no_class:
        sentence = _(
            "Of none of the classes among them: at least {n}. Those that are like items of a class cannot be told apart."
        )
        yield f"<p>{escape(sentence.format(n=grouped(counts.of_no_class)))}</p>"
    if told := project.setting("demo"):
        yield f"<p class=note>{escape(told['sentence'])}</p>"


def _gain(project: Project) -> Iterable[str]:
    """Before and after on gold: the first model against the newest that was trained, or the accepted one."""
    pair = runs_to_compare(project)
    yield _heading(_("What it gained"))
    if pair is None:
        yield _paragraph(_("No model has been trained on the corrected labels yet."))
        return
    before, after = pair
    try:
        found = compare(project, before.id, after.id)
    except BadcaseError as error:  # no gold item, or a run whose arrays are gone: the rest is told all the same
        yield _paragraph(error.what)
        return
    yield f"<p class=verdict>{escape(found.verdict)}</p>"
    yield _measures(found, before, after)
    shares = [one for one in found.measures if one.higher_is_better]  # on one scale
    yield intervals([(one.title, one.texts[2], one.difference, one.low, one.high) for one in shares])
    told = _(
        "{n} gold items that no training, ranking or early stopping has touched. Intervals: 95 %. McNemar, mid-p: p = {p:.2g}."
    )
    if found.labels is not None:
        told = _(
            "{n} gold items that no training, ranking or early stopping has touched. Intervals: 95 %, over paired resamples, "
            "p = {p:.2g}; {fixed} labels fixed, {broke} broken."
        )
    yield f"<p class=quiet>{told.format(n=found.gold, p=found.mcnemar_p, **_flipped(found))}</p>"
    yield _paragraph(found.stands_on)
    for title, items in _sides(found):
        if len(items):
            yield f"<h3>{title} ({len(items)})</h3>" + _cards(project, [(i, _name(project, i)) for i in items])


def _flipped(found: Comparison) -> dict[str, int]:
    fixed, broke = found.labels or (0, 0)
    return {"fixed": fixed, "broke": broke}


def _sides(found: Comparison) -> list[tuple[str, list[int]]]:
    if found.labels is None:
        return [(_("Fixed: wrong before, now right"), found.fixed), (_("Broke"), found.broke)]
    return [(_("Fewer wrong labels than before"), found.fixed), (_("More"), found.broke)]


def runs_to_compare(project: Project) -> tuple[RunRow, RunRow] | None:
    """The run that everything began with, and the one in use; the newest where none was accepted yet."""
    done = [run for run in project.runs.all() if run.state is RunState.DONE and run.kind not in SEARCHES]
    current = project.runs.current
    if len(done) < 2:
        return None
    return done[0], current if current and current.id != done[0].id else done[-1]


def _measures(found: Comparison, before: RunRow, after: RunRow) -> str:
    head = [_("on gold"), _("before: {name}"), _("after: {name}"), _("difference"), _("interval")]
    head[1], head[2] = head[1].format(name=before.title), head[2].format(name=after.title)
    rows = [[one.title, *one.texts] for one in found.measures]
    return _table(head, rows)


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _corrections(project: Project) -> Iterable[str]:
    fixed = np.flatnonzero(project.verdicts == VerdictCode.RELABEL)
    yield _heading(_("What was corrected"))
    if not len(fixed):
        yield _paragraph(_("No label has been corrected yet."))
        return
    names = project.classes
    pairs = Counter(f"{names[project.given[i]]} → {names[project.labels[i]]}" for i in fixed)
    yield bars(sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:12])
    captions = [(int(i), f"{names[project.given[i]]} → {_name(project, int(i))}") for i in fixed]
    yield _cards(project, captions)


def _name(project: Project, item: int) -> str:
    name: str = project.classes[project.labels[item]]
    return name


def _cards(project: Project, captioned: Sequence[tuple[int, str]]) -> str:
    """Items with a line below each: thumbnails for images, the text otherwise; at most SHOWN of them."""
    cards = "".join(_card(project, item, caption) for item, caption in captioned[:SHOWN])
    hidden = len(captioned) - SHOWN
    more = _("and {n} more").format(n=hidden)
    return f'<div class="cards {project.kind}">{cards}</div>' + (f"<p class=quiet>{more}</p>" if hidden > 0 else "")


def _card(project: Project, item: int, caption: str) -> str:
    key = project.items.key(item)
    if project.kind is Kind.TEXT:
        body = f"<p>{escape(project.items.text(item)[:400])}</p>"
    else:
        try:
            body = f'<img alt="{escape(key)}" src="data:image/jpeg;base64,{_thumbnail(project, item)}">'
        except (BadcaseError, OSError) as error:  # the image has gone since the import
            body = f"<p>{escape(str(error))}</p>"
    return f'<div title="{escape(key)}">{body}<b>{escape(caption)}</b><small>{escape(key)}</small></div>'


def _thumbnail(project: Project, item: int) -> str:
    image = decode(known_image(project, item), THUMB)
    image.thumbnail((THUMB, THUMB))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return base64.b64encode(buffer.getvalue()).decode()


def _training(project: Project) -> Iterable[str]:
    pair = runs_to_compare(project)
    history = read_history(pair[1].folder) if pair else []
    if not history:
        return
    yield _heading(_("How it was trained")) + "<div class=plots>"
    measured = {name: title for name, title in titles(several=project.task == "multilabel").items() if name != "validation_loss"}
    losses = {"train_loss": _("training"), "validation_loss": _("validation")}
    for label, names in ((_("loss"), losses), (_("validation"), measured)):
        yield curves({title: [row[name] for row in history if name in row] for name, title in names.items()}, label)
    yield "</div>"
    recipe = pair[1].recipe if pair else {}
    rows = [(name, value) for name, value in recipe.items() if value is not None]
    yield _folded(_("Recipe"), _table((_("knob"), _("value")), rows))


def _codebook(project: Project) -> Iterable[str]:
    """What people have said that the classes mean; nothing where nobody has."""
    described = [one for one in project.class_edits.all() if one.meaning or one.pins or one.rulings]
    if not described:
        return
    yield _heading(_("What the classes mean"))
    for one in described:
        yield f"<h3>{escape(one.name)}</h3>" + _paragraph(one.meaning)
        for title, fits in ((_("Examples"), True), (_("Counter-examples"), False)):
            pins = [(pin.item, pin.note) for pin in one.pins if pin.fits is fits]
            if pins:
                yield f"<p class=quiet>{escape(title)}</p>" + _cards(project, pins)
        if one.rulings:
            rows = [(rule.text, ", ".join(map(project.items.key, rule.items)), rule.who, rule.at[:10]) for rule in one.rulings]
            yield _table((_("ruling"), _("items"), _("who"), _("when")), rows)


def _data(project: Project) -> Iterable[str]:
    yield _heading(_("The data")) + "".join(map(_paragraph, project.notes))
    names = project.label_names
    given, now = (sizes(project.taxonomy.answers(labels), len(names)) for labels in (project.given, project.labels))
    head = (_("class"), _("given"), _("now"))
    yield _folded(_("Classes"), _table(head, zip(names, given, now, strict=True)))
    yield from _codebook(project)
    if aside := project.set_aside:
        rows = [(one.row, one.key, one.what, one.remedy) for one in aside[:200]]
        table = _table((_("row"), _("key"), pgettext("is wrong", "what"), _("remedy")), rows)
        title = _("{n} items were set aside at the import").format(n=len(aside))
        yield _folded(title, table)
