"""Reads a calendar as strictly as RFC 5545 allows to: its lines by hand, what they mean by the icalendar package."""
import datetime

import icalendar

from world import Failed

ALLOWED = {"VCALENDAR", "VEVENT", "VALARM"}
ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "LAST-MODIFIED", "URL", "CLASS", "TRANSP", "DESCRIPTION")


def check_lines(raw):
    """Octets: 3.1 (CR LF, at most 75 octets, whole characters), nothing but text."""
    if not raw.endswith(b"\r\n") or raw.replace(b"\r\n", b"").translate(None, bytes(range(32, 256)) + b"\t"):
        raise Failed("a line that does not end in CR LF, or a control")
    for line in raw.split(b"\r\n"):
        if len(line) > 75:
            raise Failed(f"a line of {len(line)} octets: {line!r}")
        line.decode("utf-8")


def micros(value):
    when = value.dt
    if not isinstance(when, datetime.datetime) or when.utcoffset() != datetime.timedelta(0):
        raise Failed(f"{when} is no time in UTC")
    return int(when.timestamp()) * 1_000_000


def events(raw):
    check_lines(raw)
    calendar = icalendar.Calendar.from_ical(raw)
    if calendar.errors or str(calendar["VERSION"]) != "2.0" or "PRODID" not in calendar:
        raise Failed(f"not a calendar: {calendar.errors}")
    out = []
    for part in calendar.walk():
        if part.name not in ALLOWED or part.errors:
            raise Failed(f"{part.name}: {part.errors}")
        if part.name != "VEVENT":
            continue
        for name in ONCE:
            if name not in part or isinstance(part[name], list):
                raise Failed(f"an event needs {name} once: {part}")
        if str(part["URL"]) not in str(part["DESCRIPTION"]):
            raise Failed("the address is not in the description")
        out.append({
            "uid": str(part["UID"]), "at": micros(part["DTSTART"]), "summary": str(part["SUMMARY"]),
            "alarms": [micros(a["TRIGGER"]) for a in part.walk("VALARM")]
        })
        micros(part["DTSTAMP"])
    if len({e["uid"] for e in out}) != len(out):
        raise Failed("two events with one UID")
    return out
