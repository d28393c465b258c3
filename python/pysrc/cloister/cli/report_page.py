"""``cloister audit report``: one HTML page that needs nothing else, with charts of what a log holds."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final

from cloister._native import Verification, audit_verify, compliance_report, violation_summary
from cloister.cli.audit import records_of, summary_of
from cloister.cli.inputs import log_key_from, text_of, write
from cloister.cli.status import CLEAN, FINDINGS

BARS: Final = 20
"""Bars of a chart at most; the rest is one more."""
ROWS: Final = 10_000
"""Records in the table at most: the first ones in the order that was asked for."""
COLUMNS: Final = (
    "timestamp",
    "event_type",
    "user_id",
    "session_id",
    "subject_id",
    "action",
    "classification",
    "status",
    "error",
)
STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:86rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #dde3ea}
td{overflow-wrap:break-word;max-width:16rem}td:first-child{white-space:nowrap}td:last-child{min-width:14rem}.wide{overflow-x:auto}
th{white-space:nowrap}th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid #3b6ea5}
th[aria-sort=ascending]::after{content:" \\25b2"}th[aria-sort=descending]::after{content:" \\25bc"}
.good{color:#17663a}.bad{color:#a11a1a}svg text{font:12px system-ui,sans-serif;fill:#1c2430}
rect{fill:#3b6ea5}
"""
SORT: Final = """
const order=new Intl.Collator(undefined,{numeric:true}).compare;
document.querySelectorAll('th').forEach((head,column,heads)=>head.firstChild.onclick=()=>{
 const body=head.closest('table').tBodies[0];const up=head.ariaSort!=='ascending';
 heads.forEach(other=>other.ariaSort=null);head.ariaSort=up?'ascending':'descending';
 const keyed=[...body.rows].map(row=>[row.cells[column].textContent,row]);
 keyed.sort((a,b)=>order(a[0],b[0])*(up?1:-1));body.append(...keyed.map(pair=>pair[1]));});
"""


def report(options: argparse.Namespace) -> int:
    """Writes the page; the status says whether the log is intact."""
    verified = audit_verify(
        options.log,
        log_key_from(options.key_file),
        public_key=text_of(options.public_key) if options.public_key else None,
    )
    # Of a log that is not intact, too: all of it was read already.
    records = records_of(options)
    if options.sort:
        records.sort(key=lambda record: str(record.get(options.sort, "")))
    page = page_of(records, verified, options.since, options.until)
    write(options.output, page.encode(), overwrite=options.force)
    return CLEAN if verified.intact else FINDINGS


def page_of(
    records: list[dict[str, Any]], verified: Verification, since: str | None, until: str | None
) -> str:
    """The whole page."""
    totals = compliance_report(records, since, until)
    violations = violation_summary(records)
    period = f"{since or 'the beginning'} to {until or 'now'}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
            "script-src 'unsafe-inline'\">",
            f"<title>Audit report</title><style>{STYLE}</style></head><body>",
            f"<h1>Audit report: {escape(period)}</h1>",
            f'<p class="{"good" if verified.intact else "bad"}">{escape(summary_of(verified))}</p>',
            _list(verified.problems, "bad"),
            _list(verified.notes, ""),
            f"<p>{len(records)} records, {totals['llm_requests']['total']} requests to a model, "
            f"{violations['total_violations']} violations.</p>",
            _chart("Records a day", _counts(records, lambda record: str(record["timestamp"])[:10]), by_name=True),
            _chart("Event types", _counts(records, lambda record: str(record["event_type"]))),
            _chart("Status", _counts(records, lambda record: str(record["status"]))),
            _chart("Users", _counts(records, lambda record: str(record["user_id"]))),
            _chart("Violations by type", Counter(violations["by_type"])),
            _chart("Violations by severity", Counter(violations["by_severity"])),
            _table(records),
            f"<script>{SORT}</script></body></html>\n",
        ]
    )


def _counts(
    records: Iterable[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], str]
) -> "Counter[str]":
    return Counter(of(record) for record in records)


def _list(lines: list[str], style: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{style}">{items}</ul>' if items else ""


def _chart(title: str, counts: "Counter[str]", *, by_name: bool = False) -> str:
    """Horizontal bars, the longest first or in the order of their names."""
    if not counts:
        return ""
    shown = sorted(counts.items())[-BARS:] if by_name else counts.most_common(BARS)
    rest = counts.total() - sum(count for _, count in shown)
    if rest:
        shown.append(("others", rest))
    most = max(count for _, count in shown)
    bars = "".join(
        f'<text x="0" y="{row * 22 + 15}">{escape(name[:40] or "(none)")}</text>'
        f'<rect x="260" y="{row * 22 + 3}" width="{count / most * 380:.1f}" height="15"><title>{count}</title></rect>'
        f'<text x="{265 + count / most * 380:.1f}" y="{row * 22 + 15}">{count}</text>'
        for row, (name, count) in enumerate(shown)
    )
    return (
        f"<h2>{escape(title)}</h2>"
        f'<svg role="img" aria-label="{escape(title)}" width="720" height="{len(shown) * 22 + 6}">{bars}</svg>'
    )


def _table(records: list[dict[str, Any]]) -> str:
    """The records, sortable by each column (45 CFR 170.315(d)(3))."""
    head = "".join(f'<th scope="col"><button>{name}</button></th>' for name in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(record.get(name, '')))}</td>" for name in COLUMNS) + "</tr>"
        for record in records[:ROWS]
    )
    more = f"<p>The first {ROWS} of {len(records)} records.</p>" if len(records) > ROWS else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<h2>Records</h2>{more}<div class="wide">{table}</div>'
