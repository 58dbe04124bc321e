"""A gate's report for other programs: Markdown for a pull request, JUnit for a build server."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from badcase.gate.checking import GateCheck, GateReport, gate_sentence
from badcase.gate.measures import MeasureName, measure_title
from badcase.i18n import _, grouped, pgettext
from badcase.shown_tables import markdown_table, plain_markdown

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


def told_value(check: GateCheck, items: int) -> str:
    """A measured number for people: of an estimate with its share and interval."""
    one = check.measure
    if one.name is not MeasureName.ERRORS:
        return grouped(round(one.value))
    share = 100 * one.value / items if items else 0.0
    return _("{n}, {share} % ({low} to {high})").format(
        n=grouped(round(one.value)), share=f"{share:.1f}", low=grouped(round(one.low)), high=grouped(round(one.high))
    )


def told_outcome(check: GateCheck) -> str:
    """Whether a limit holds, in a word."""
    if check.limit is None:
        return "–"
    return _("exceeded") if check.exceeded else _("holds")


def gate_markdown(report: GateReport) -> str:
    """The report as Markdown: a table of the measures, and what to look at where a limit is exceeded."""
    rows = [
        (measure_title(one.measure.name), told_value(one, report.items), one.limit or "–", told_outcome(one))
        for one in report.checks
    ]
    head = [_("measure"), _("found"), _("limit"), pgettext("of a limit", "outcome")]
    title = _("Data check of {name}: {n} items").format(name=plain_markdown(report.name), n=grouped(report.items))
    lines = [f"## {title}", "", gate_sentence(report), "", *markdown_table(head, rows)]
    lines += ["", *(f"- {plain_markdown(note)}" for note in report.notes)] if report.notes else []
    for one in report.exceeded:
        if one.measure.keys:
            lines += ["", f"### {measure_title(one.measure.name)}", "", *(f"- {plain_markdown(key)}" for key in one.measure.keys)]
    return "\n".join(lines) + "\n"


def gate_junit(report: GateReport) -> str:
    """The report as JUnit's XML: a test case for each measure; one without a limit counts as skipped."""
    skipped = sum(one.limit is None for one in report.checks)
    counts = {"tests": len(report.checks), "failures": len(report.exceeded), "skipped": skipped, "errors": 0}
    said = {name: str(n) for name, n in counts.items()}
    suites = ElementTree.Element("testsuites", said)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _xml(f"badcase check {report.name}"), **said})
    for one in report.checks:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "badcase.check", "name": str(one.measure.name)})
        if one.limit is None:
            ElementTree.SubElement(case, "skipped")
        elif one.exceeded:
            words = _("{title}: {found}, limit {limit}").format(
                title=measure_title(one.measure.name), found=told_value(one, report.items), limit=one.limit
            )
            failure = ElementTree.SubElement(case, "failure", {"message": words, "type": "limit"})
            failure.text = _xml("\n".join(one.measure.keys))
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
