#!/usr/bin/env python3
"""What bad input gets: a clear error in the reader's language, nothing lost, nothing half done, a server that lives on.

usage: hostile.py BUILD_DIR

Each case is sent in both languages. Afterwards the report is as it was and the server answers. Output is TAP.
"""
import json, re, socket, sys, urllib.parse
from pathlib import Path

from denial import FORM, House, Tap, code_of
from page import Page
from world import LANGS, Answer, Stage, World

RLO, LRI = "\u202e", "\u2066"
SCRIPT = "<script>alert(1)</script>\"'&{{page.csrf}}"
FORMULA = '=HYPERLINK("http://evil.example")'
CLIMB = "../../../../etc/passwd"
SEVEN = "imp_times imp_scope imp_control imp_investigation imp_root_cause imp_measures imp_schedule".split()
MIB = 1 << 20


class Trial:
    """A hospital's filed report and its draft, and what is thrown at them."""

    def __init__(self, world, stage, tap):
        self.world, self.stage, self.tap = world, stage, tap
        self.house = House(world, stage)
        self.token = world.tokens["chen.meihua"]
        self.filed = self.house.made("chen.meihua", "/reports?submit=yes", self.house.form())
        self.draft = self.house.made("chen.meihua", "/reports", {"description": "x"})
        self.labels = {lang: self.read_labels(lang) for lang in LANGS.values()}

    def read_labels(self, lang):
        """The words of the form for each field, by its name."""
        form = self.house.ask("chen.meihua", "GET", f"/reports/new?lang={lang}").json
        labels = {}

        def walk(v):
            if isinstance(v, dict):
                if isinstance(v.get("name"), str) and isinstance(v.get("label"), str) and "kind" in v:
                    labels[v["name"]] = v["label"]
                for member in v.values():
                    walk(member)
            elif isinstance(v, list):
                for member in v:
                    walk(member)

        walk(form)
        return labels

    def at_rest(self):
        """What is wrong with the reports or the server after all; None."""
        for report in (self.filed, self.draft):
            now = self.stage.server.json("GET", f"/reports/{report['id']}", self.token)
            if now.status != 200 or any(now.json[f] != report[f] for f in ("version", "state")):
                return f"the report is not as it was: {now.status} {now.body[:200]}"
        return None

    def case(self, name, method, path, value, status, code=None, field=None, fault=None, headers=None):
        """One request in both languages. value: bytes or JSON. field, fault: the field that is named, by which code."""
        wrong, said = [], {}
        for lang in LANGS.values():
            joint = "&" if "?" in path else "?"
            answer = self.stage.server.json(method, f"{path}{joint}lang={lang}", self.token, value, lang,
                                            **(headers or {}))
            wrong += [f"{lang}: {w}" for w in self.faults_of(answer, lang, status, code, field, fault)]
            said[lang] = answer.json.get("message") if isinstance(answer.json, dict) else None
        if not wrong and said["zh-TW"] == said["en"]:
            wrong.append(f"both languages say {said['en']!r}")
        if not wrong and re.search("[A-Za-z]+( [a-z]+){2}", said["zh-TW"]):
            wrong.append(f"English in {said['zh-TW']!r}")
        self.tap.ok(name, wrong + list(filter(None, [self.at_rest()])))

    def faults_of(self, answer, lang, status, code, field, fault):
        if answer.status != status or not isinstance(answer.json, dict):
            return [f"{answer.status} and not {status}: {answer.body[:300]}"]
        if code and answer.json.get("code") != code:
            return [f"code {answer.json.get('code')} and not {code}: {answer.body[:300]}"]
        if not answer.json.get("message"):
            return [f"no message: {answer.body[:300]}"]
        if not field:
            return []
        named = [f for f in answer.json.get("fields", []) if f["field"] == field]
        if not named or (fault and named[0]["code"] != fault):
            return [f"{field} is not named as {fault}: {answer.body[:300]}"]
        label = self.labels[lang].get(field)
        if label and label not in named[0]["message"]:
            return [f"the message does not say {label!r}: {named[0]['message']}"]
        return []


# ---- fields ----


def fields(t):
    path, v = f"/reports/{t.filed['id']}", t.filed["version"]

    def bad(name, field, value, fault, **more):
        t.case(f"{name}", "PUT", path, {field: value, "version": v, **more}, 422, "fields", field, fault)

    bad("a field that there is not", "colour", "red", "field.unknown")
    bad("a number as text", "victim_hosts", "six", "field.type")
    bad("a number with a fraction", "victim_hosts", 1.5, "field.type")
    bad("a truth for a number", "victim_hosts", True, "field.type")
    bad("a list for a number", "victim_hosts", [6], "field.type")
    bad("a map for a text", "description", {"a": 1}, "field.type")
    bad("a number for a text", "unit_name", 5, "field.type")
    bad("a text for a truth", "isms_certified", "yes", "field.type")
    bad("a number below nothing", "victim_hosts", -1, "field.range")
    bad("more hosts than there are", "victim_hosts", 10_000_001, "field.range")
    bad("a number of 10^308", "victim_hosts", 1e308, "field.type")
    bad("level 5", "impact_c", 5, "field.range")
    bad("a line too long", "unit_name", "院" * 201, "field.too_long")
    bad("paragraphs too long", "description", "字" * 20001, "field.too_long")
    bad("nothing where something is needed", "description", "", "field.too_short")
    bad("a choice that there is not", "category", "alien", "field.choice")
    bad("a condition of another category", "conditions", ["degraded"], "field.choice")
    bad("more servers than hosts", "victim_servers", 7, "field.servers")
    bad("a time that is none", "occurred_at", "yesterday", "field.time")
    bad("30 February", "occurred_at", "2026-02-30T00:00:00Z", "field.time")
    bad("25 o'clock", "occurred_at", "2026-11-21T25:00:00Z", "field.time")
    bad("a number for a time", "occurred_at", 1_700_000_000, "field.type")
    bad("a time to come", "occurred_at", "2026-11-22T00:00:00Z", "field.future")
    bad("aware before it occurred", "aware_at", "2026-11-21T17:00:00Z", "field.order", reason="x")
    bad("aware after it was filed", "aware_at", "2026-11-21T18:14:00Z", "field.order", reason="x")
    for text in ("300.1.1.1", "203.0.113.7/33", "localhost", "::g", "10.0.0.1; DROP TABLE report", "1.2.3",
                 "fe80::1%eth0"):
        bad(f"an address that is none: {text}", "ip_external", [text], "field.address")
    for text in ("javascript:alert(1)", "http://", "ht tp://x", "file:///etc/passwd", "//evil.example",
                 "data:text/html,x"):
        bad(f"a URL that is none: {text}", "web_url", [text], "field.url")
    for text in ("nobody", "a@b@c", "a b@example.org", "a@example.org\r\nBcc: x@example.org", "@example.org"):
        bad(f"an e-mail address that is none: {text!r}", "reporter_email", text, None)
    bad("a telephone that is none", "reporter_phone", "call me", "field.phone")
    for value in (1, -1, 1 << 62, "x", 1.5):
        t.case(f"a reference to nothing: {value}", "PUT", f"/reports/{t.draft['id']}",
               {"reporting_unit": value}, 422, "fields", "reporting_unit")
    bad("what only the system writes", "report_no", "MED-2026-000001", "field.system")
    t.case("everything that is missing at once", "POST", f"/reports/{t.draft['id']}/submit", {}, 422,
           "fields", "measures", "field.missing")
    t.case("level 0", "POST", "/reports?submit=yes", t.house.form(impact_c=0, impact_i=0, impact_a=0), 422,
           "fields", "impact_a", "field.level_zero")
    t.case("an old version", "PUT", path, {"measures": "y", "version": v + 5}, 409, "version.changed")
    t.case("no version", "PUT", path, {"measures": "y"}, 428, "version.needed")
    t.case("a verb that is not open", "POST", f"{path}/reopen", {"reason": "x"}, 403, "auth.role")
    t.case("a verb not in this state", "POST", f"{path}/close",
           {"resolution": "x", "resolved_at": "2026-11-21T18:00:00Z"}, 409, "state.not_open")
    t.case("a verb that there is not", "POST", f"{path}/explode", {}, 404, "not_found")
    t.case("what a verb does not take", "POST", f"{path}/contain", {"colour": "red"}, 422, "fields", "colour",
           "field.unknown")


def controls(t):
    """What turns the direction of writing, or is no character at all, in every text field."""
    texts = text_fields(t)
    for name, char in (("right-to-left override", RLO), ("isolate", LRI), ("NUL", "\0"), ("bell", "\a"),
                       ("escape", "\x1b"), ("C1", "\x85"), ("line separator", "\u2028")):
        wrong = []
        for field in texts:
            answer = t.stage.server.json("PUT", f"/reports/{t.draft['id']}", t.token,
                                         {field: f"abc{char}def"})
            good = answer.status == 422 and answer.json["fields"][0]["field"] == field
            if not good and not (char == "\0" and answer.status == 400 and
                                 code_of(answer) == "request.encoding"):
                wrong.append(f"{field}: {answer.status} {answer.body[:200]}")
        t.tap.ok(f"{name} in each of {len(texts)} text fields", wrong + list(filter(None, [t.at_rest()])))


# Every other place where somebody writes a text that others read.
WRITTEN = [
    ("lin.yijun", "return", "remark"), ("lin.yijun", "review", "level_reason"), ("lin.yijun", "contact", "summary"),
    ("lin.yijun", "contact", "with_whom"), ("lin.yijun", "withdraw", "reason"), ("lin.yijun", "merge", "into"),
    ("lin.yijun", "merge", "reason"), ("lin.yijun", "match", "with"), ("chen.meihua", "contain", "note"),
    ("chen.meihua", "amend-level", "reason"), ("chen.meihua", "police", "authority"),
    ("chen.meihua", "police", "approved_by"), ("chen.meihua", "police", "note"), ("chen.meihua", "extend", "reason"),
    ("lin.yijun", "grant", "remark"), ("chen.meihua", "fulfil", "note"), ("admin", "/accounts", "login"),
    ("admin", "/accounts", "name"), ("admin", "/accounts", "title"), ("admin", "/organisations", "name_zh"),
    ("admin", "/organisations", "name_en"), ("admin", "/organisations", "address"), ("admin", "/organisations", "source"),
    ("admin", "/sectors", "code"), ("admin", "/sectors", "agency_zh"),
]


def other_texts(t):
    wrong = []
    for who, where, field in WRITTEN:
        path = where if where[0] == "/" else f"/reports/{t.filed['id']}/{where}"
        answer = t.stage.server.json("POST", path, t.world.tokens[who], {field: f"abc{RLO}def"})
        named = {f["field"]: f["code"] for f in answer.json.get("fields", [])}
        if answer.status != 422 or named.get(field) not in ("field.text", "field.login"):
            wrong.append(f"{who} {path} {field}: {answer.status} {answer.body[:200]}")
    t.tap.ok(f"right-to-left override in {len(WRITTEN)} other texts", wrong + list(filter(None, [t.at_rest()])))


def text_fields(t):
    """The names of the report's fields that are text, from the declared interface."""
    names = []
    for name, schema in t.world.shapes.api["components"]["schemas"]["report.input"]["properties"].items():
        kinds = schema.get("anyOf", [schema])
        texts = [k for k in kinds if k.get("type") == "string" and "enum" not in k and k.get("format") != "date-time"]
        if texts and len(kinds) == 2:
            names.append(name)
    assert len(names) >= 15, names
    return names


# ---- markup and names that climb: kept as text, shown as text ----


def markup(t):
    house, server = t.house, t.stage.server
    for what, text in (("markup", SCRIPT), ("a climbing name", CLIMB), ("a spreadsheet's formula", FORMULA)):
        full = house.form(unit_name=text, reporter_name=text, maintenance_vendor=text, operated_by=text,
                          controls=["other"], controls_other=text, soc="outsourced", soc_vendor=text,
                          category="other", conditions=None, category_other=text, description=text,
                          scope_loss=text, measures=text, source="notice", notice_no=text[:100],
                          support_needed=True, support_wanted=text, criminal_case=True, criminal_note=text,
                          os_version={"windows": text}, on_behalf=True, on_behalf_unit=text)
        report = house.made("chen.meihua", "/reports?submit=yes", full)
        base = f"/reports/{report['id']}"
        wrong = [f"{n} is {report[n]!r}" for n in ("unit_name", "description", "soc_vendor") if report[n] != text]
        house.made("lin.yijun", base + "/return", {"remark": text})
        house.made("chen.meihua", base + "/submit", {})
        house.made("lin.yijun", base + "/contact", {"summary": text, "with_whom": text})
        house.made("lin.yijun", base + "/review",
                   {"level_reviewed": 3, "level_reason": text, "other_ci_reviewed": True})
        house.made("yang.liaison", base + "/escalate", {"note": text})
        house.made("yang.liaison", base + "/acknowledge", {"reference": text})
        house.made("chen.meihua", base + "/police",
                   {"authority": text, "told_at": report["filed_at"], "approved_by": text})
        house.made("chen.meihua", base + "/contain", {"note": text})
        house.made("chen.meihua", base + "/improvement", {name: text for name in SEVEN})
        parts = "/edit /print /versions /versions/1..9 /trail /duties /package /close /review".split()
        pages = [base] + [base + part for part in parts] + ["/reports?q=" + urllib.parse.quote(text)]
        pages += ["/reports?limit=200", "/duties?holder=all&limit=200", "/", "/statistics"]
        for page in pages:
            for who in ("chen.meihua", "lin.yijun"):
                answer = house.ask(who, "GET", page, page=True)
                if answer.status in (403, 409):
                    continue
                found = Page(answer.body) if answer.html else None
                if answer.status != 200 or not found or found.wrong and "{{" not in found.wrong[-1]:
                    wrong.append(f"{who} {page}: {answer.status} {found.wrong if found else answer.body[:200]}")
                if "<script>alert" in answer.body or 'href="=' in answer.body:
                    wrong.append(f"{who} {page}: the markup stands there as markup")
        t.tap.ok(f"{what} in every text field, on {len(pages)} pages",
                 wrong + list(filter(None, [t.at_rest()])))
        # withdrawn, so that the next one begins alone
        server.json("POST", base + "/withdraw", t.world.tokens["lin.yijun"], {"reason": text})


# ---- JSON that is none ----


def syntax(t):
    path, v = f"/reports/{t.filed['id']}", str(t.filed["version"]).encode()

    def bad(name, body, status=400, code=None):
        t.case(name, "PUT", path, body, status, code)

    bad("a list instead of a map", b"[]", 400, "request.syntax")
    bad("a text instead of a map", b'"x"', 400, "request.syntax")
    bad("half a map", b'{"description": "x"', 400, "request.syntax")
    bad("something behind the map", b'{"version": 1} {}', 400, "request.syntax")
    bad("single quotes", b"{'description': 'x'}", 400, "request.syntax")
    bad("NaN", b'{"victim_hosts": NaN, "version": ' + v + b"}", 400, "request.syntax")
    bad("10^400", b'{"victim_hosts": 1e400, "version": ' + v + b"}", 400, "request.syntax")
    bad("a number of twenty digits", b'{"victim_hosts": 99999999999999999999, "version": ' + v + b"}", 400,
        "request.syntax")
    bad("UTF-8 that is none", b'{"description": "\xff\xfe", "version": ' + v + b"}", 400, "request.encoding")
    bad("UTF-8 that is too long", b'{"description": "\xc0\xaf", "version": ' + v + b"}", 400,
        "request.encoding")
    bad("half a surrogate", b'{"description": "\\ud800", "version": ' + v + b"}", 400, "request.encoding")
    bad("surrogates the wrong way round", b'{"description": "\\udc00\\ud800", "version": ' + v + b"}", 400,
        "request.encoding")
    bad("NUL in a text", b'{"description": "a\\u0000b", "version": ' + v + b"}", 400, "request.encoding")
    bad("NUL in a name", b'{"descr\\u0000iption": "x", "version": ' + v + b"}", 400, "request.encoding")
    bad("a NUL byte", b'{"description": "a\0b"}', 400)
    bad("a name twice", b'{"measures": "x", "measures": "y", "version": ' + v + b"}", 400,
        "request.duplicate_key")
    bad("ten thousand lists deep", b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "request.depth")
    bad("ten thousand maps deep, never closed", b'{"a":' * 10_000, 400, "request.depth")
    bad("sixty thousand names",
        b'{"version": ' + v + b"," + b",".join(b'"f%d":1' % i for i in range(60_000)) + b"}", 422, "fields")
    bad("a byte order mark", b"\xef\xbb\xbf{}", 400)


def sizes(t):
    path, v = f"/reports/{t.filed['id']}", t.filed["version"]
    t.case("65 KiB where 64 are the limit", "POST", "/language",
           json.dumps({"lang": "x" * 66_000}).encode(), 413, "request.too_large")
    t.case("65 KiB of one field", "PUT", path, {"description": "x" * 66_000, "version": v}, 422, "fields",
           "description", "field.too_long")
    t.case("more than a mebibyte", "PUT", path, b'{"description": "' + b"x" * MIB + b'"}', 413,
           "request.too_large")
    t.case("a query of nine thousand bytes", "GET", "/reports?q=" + "x" * 9000, None, 414,
           "request.uri_too_long")
    t.case("a query that there is not", "GET", "/reports?colour=red", None, 400, "request.query")
    t.case("two hundred query names", "GET", "/reports?" + "&".join(f"q={i}" for i in range(200)), None, 400,
           "request.malformed")
    t.case("a key of 300 characters", "POST", "/reports", {}, 400, "request.malformed",
           headers={"Idempotency_Key": "k" * 300})
    names = "&".join(f"n{i}=x" for i in range(600)).encode()
    t.case("a form of 600 names", "POST", path, names, 400, "request.malformed",
           headers={"Content_Type": "application/x-www-form-urlencoded"})
    t.case("a form whose percent signs are none", "POST", path, b"description=%zz", 400, "request.encoding",
           headers={"Content_Type": "application/x-www-form-urlencoded"})


def media(t):
    path = f"/reports/{t.filed['id']}"
    for kind in ("text/plain", "text/xml", "application/xml", "multipart/form-data; boundary=x",
                 "application/json; charset=big5", "application/octet-stream"):
        t.case(f"a body of {kind}", "PUT", path, b'{"version": 1}', 415, "request.media_type",
               headers={"Content_Type": kind})
    t.case("a body that says it is compressed", "PUT", path, b"\x1f\x8b\x08", 415, "request.media_type",
           headers={"Content_Encoding": "gzip"})
    t.case("an answer in a picture", "GET", path, None, 406, "request.not_acceptable",
           headers={"Accept": "image/png"})
    t.case("a write answered by a picture", "POST", "/reports", {}, 406, "request.not_acceptable",
           headers={"Accept": "image/png"})


def replays(t):
    key = {"Idempotency_Key": "hostile-1"}
    first = t.stage.server.json("POST", "/reports", t.token, {"description": "one"}, **key)
    again = t.stage.server.json("POST", "/reports", t.token, {"description": "one"}, **key)
    t.tap.ok("a replayed key gives the same report",
             [] if first.status == 201 and again.json["id"] == first.json["id"] else [again.body[:200]])
    t.case("a replayed key for something else", "POST", "/reports", {"description": "two"}, 409,
           "idempotency.other_body", headers=key)


# ---- bytes on a socket ----


def talk(port, data):
    """Everything that comes back until the server closes the connection or falls silent."""
    out = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        try:
            s.sendall(data)
        except OSError:
            pass  # it has heard enough
        try:
            while part := s.recv(65536):
                out += part
                s.settimeout(0.3)
        except OSError:
            pass
    return out


def statuses(said):
    return [int(s) for s in re.findall(rb"(?:^|\n|\})HTTP/1\.[01] (\d{3})", said)]


def wire(t):
    port, host = t.stage.server.port, b"Host: 127.0.0.1\r\n"
    auth = b"Authorization: Bearer " + t.token.encode() + b"\r\n"
    json_type = b"Content-Type: application/json\r\n"
    second = b"GET /healthz?smuggled HTTP/1.1\r\n" + host + b"\r\n"

    def sent(name, data, allowed):
        """Every answer is one of these; 0 stands for none at all."""
        got = statuses(talk(port, data))
        wrong = [] if all(status in allowed
                          for status in got or [0]) else [f"answered {got}, wanted only {allowed}"]
        t.tap.ok(name, wrong + list(filter(None, [t.at_rest()])))

    def get(target, more=b""):
        return b"GET " + target + b" HTTP/1.1\r\n" + host + more + b"\r\n"

    sent("ten thousand headers", get(b"/reports", b"".join(b"X-%d: y\r\n" % i for i in range(10_000))),
         (431, 0))
    sent("three hundred headers", get(b"/reports", b"".join(b"X-%d: y\r\n" % i for i in range(300))), (431,))
    sent("a header of 40 KiB", get(b"/reports", b"X: " + b"y" * 40_000 + b"\r\n"), (431, 0))
    sent("an address of 70 KiB", get(b"/" + b"a" * 70_000), (414, 0))
    sent("NUL in the path", get(b"/healthz\0/x"), (400, 404, 0))
    sent("NUL and a version in the path", get(b"/healthz\0HTTP/1.1"), (400, 404, 0))
    sent("%00 in the path", get(b"/reports/%00"), (400,))
    for path in (b"/../../etc/passwd", b"/assets/../secret", b"/assets/%2e%2e/%2e%2e/etc/passwd",
                 b"/assets/..%2fsecret", b"/assets/%252e%252e/x", b"/assets/..\\secret", b"/./reports",
                 b"/assets//etc/passwd", b"/assets/app.css/..", b"\\reports", b"/%c0%ae%c0%ae/"):
        sent(f"a path that climbs: {path.decode()}", get(path), (400, 404))
    sent("an address without a slash", get(b"reports"), (400,))
    sent("a fragment in the address", get(b"/reports#x"), (400,))
    sent("UTF-8 that is none in the address", get(b"/reports/%ff"), (400,))
    sent("raw bytes in the address", get(b"/reports/\xff"), (400, 0))
    sent("no Host", b"GET /reports HTTP/1.1\r\n\r\n", (400,))
    sent("two Hosts", get(b"/reports", b"Host: evil.example\r\n"), (400,))
    sent("a header without a name", get(b"/reports", b": x\r\n"), (400, 0, 401))
    sent("a header without a colon", get(b"/reports", b"nonsense\r\n"), (400, 0, 401))
    sent("a folded header", get(b"/reports", b"X: a\r\n b\r\n"), (400, 0, 401))
    sent("a blank before the colon", get(b"/reports", b"Host : x\r\n"), (400, 0))
    sent("CR inside a header", get(b"/reports", b"X: a\rb\r\n"), (400, 0, 401))
    sent("a method of its own", b"STEAL /reports HTTP/1.1\r\n" + host + b"\r\n", (405,))
    sent("TRACE", b"TRACE /reports HTTP/1.1\r\n" + host + b"\r\n", (405,))
    sent("CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\n" + host + b"\r\n", (400, 405, 0))
    sent("a lower-case method", b"get /reports HTTP/1.1\r\n" + host + b"\r\n", (405, 400))
    sent("HTTP/0.9", b"GET /reports\r\n", (400, 401, 505, 0))
    sent("HTTP/2 straight away", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 405, 505, 0))
    sent("HTTP/9.9", b"GET /reports HTTP/9.9\r\n" + host + b"\r\n", (400, 505, 0))
    sent("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)), (400, 0))
    sent("nothing at all", b"", (0,))
    sent("only line ends", b"\r\n" * 100, (400, 0))

    # What could be read as one request or as two is refused, and what follows it is never answered.
    body = b'{"version":1}'
    post = b"POST /language HTTP/1.1\r\n" + host + auth + json_type
    for name, head in (("a length and chunks", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
                       ("chunks and a length", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
                       ("two lengths", b"Content-Length: 4\r\nContent-Length: 40\r\n"),
                       ("two equal lengths",
                        b"Content-Length: 4\r\nContent-Length: 4\r\n"), ("a list of lengths",
                                                                         b"Content-Length: 4, 40\r\n"),
                       ("a length with a sign", b"Content-Length: +4\r\n"), ("a length below nothing",
                                                                             b"Content-Length: -4\r\n"),
                       ("a length in hexadecimal", b"Content-Length: 0x4\r\n"), ("a length of two words",
                                                                                 b"Content-Length: 4 4\r\n"),
                       ("a length beyond all numbers",
                        b"Content-Length: 99999999999999999999\r\n"), ("chunks by another name",
                                                                       b"Transfer-Encoding: xchunked\r\n"),
                       ("chunks twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                       ("chunks and more", b"Transfer-Encoding: chunked, identity\r\n"),
                       ("chunks behind a blank",
                        b"Transfer-Encoding : chunked\r\n"), ("chunks behind a tab",
                                                              b"Transfer-Encoding:\tchunked\tx\r\n"),
                       ("a length in a folded line",
                        b"X: y\r\n Content-Length: 4\r\nContent-Length: 4\r\n\r\n{}  ")):
        sent(f"two readings: {name}", post + head + b"\r\n0\r\n\r\n" + second, (400, 413, 501, 0))
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    sent("a chunk that is longer than it says", chunked + b"2\r\n{}xx\r\n0\r\n\r\n" + second, (400, 0))
    sent("a chunk of a length beyond all numbers", chunked + b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n" + second,
         (400, 413, 0))
    sent("a chunk with a sign", chunked + b"-2\r\n{}\r\n0\r\n\r\n" + second, (400, 0))
    sent("chunks beyond the limit", chunked + (b"2000\r\n" + b"x" * 0x2000 + b"\r\n") * 20 + b"0\r\n\r\n",
         (413,))
    sent("a body where there is none",
         b"GET /healthz HTTP/1.1\r\n" + host + b"Content-Length: 13\r\n\r\n" + body + second, (200, 400, 413))
    two = statuses(talk(port, get(b"/healthz") + get(b"/readyz")))
    t.tap.ok("two requests in one go are two answers", [] if two == [200, 200] else [str(two)])
    half = statuses(talk(port, post + b"Content-Length: 100\r\n\r\n{"))
    t.tap.ok("a body that ends too early does nothing",
             ([] if not half or half[0] >= 400 else [str(half)]) + list(filter(None, [t.at_rest()])))


def error_pages(t):
    """The same for people: a page in their language, in three parts, that keeps what was typed."""
    house = t.house
    for lang, what in (("zh-TW", "您可以這樣做"), ("en", "What you can do")):
        answer = house.ask("chen.meihua", "GET", f"/reports/999?lang={lang}", page=True)
        good = answer.status == 404 and what in answer.body and not Page(answer.body).wrong
        t.tap.holds(f"not found, as a page ({lang})", good, answer.words())
    typed = {"description": "打了很久的字", "victim_hosts": "six", "version": str(t.filed["version"])}
    for lang in LANGS.values():
        answer = house.ask("chen.meihua", "POST", f"/reports/{t.filed['id']}?lang={lang}", typed, page=True)
        words = ("打了很久的字", 'value="six"', t.labels[lang]["victim_hosts"])
        wrong = [f"no {word!r}" for word in words if word not in answer.body]
        if answer.status != 422 or Page(answer.body).wrong:
            wrong.append(f"{answer.status} {Page(answer.body).wrong}")
        t.tap.ok(f"a form with a fault comes back with what was typed ({lang})",
                 wrong + list(filter(None, [t.at_rest()])))


def main():
    build = Path(sys.argv[1]).resolve()
    world = World(build, "hostile")
    tap = Tap()
    with Stage(world, "house", extra=("--per-address", "1000")) as stage:
        trial = Trial(world, stage, tap)
        for attack in (fields, controls, other_texts, markup, syntax, sizes, media, replays, wire, error_pages):
            attack(trial)
        health = stage.server.json("GET", "/readyz")
        tap.ok("the server is well after all this",
               [] if health.status == 200 and health.json["ready"] else [health.body[:300]])
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
