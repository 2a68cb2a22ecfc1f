#!/usr/bin/env python3
"""Who may not. Every route as a stranger and as every role that has no business there; every record as people of
other houses; every verb of a report, in every state, as everybody.

usage: denial.py BUILD_DIR

Output is TAP: one line for each route and group of people, or verb and role, with the number of requests that it
stands for.
"""
import http.client, json, sys, urllib.parse
from pathlib import Path

import store
from page import Page
from world import Answer, Stage, World, rfc3339

# ---- the life of a report, as the domain reference has it (life cycles, guards and their basis) ----

PROVIDER = {"reporter", "provider_admin"}
DESK = {"reviewer", "handler", "manager"}
JUDGES = {"reviewer", "manager"}
BEFORE = {"reported", "returned"}
TRACKED = {"reviewed", "handling"}
RUNNING = BEFORE | TRACKED | {"closing"}
SUBMITTED = RUNNING | {"closed"}
LASTING = {"draft", "reported", "returned", "handling", "closing", "closed", "merged", "withdrawn"}
AFTER = {"handling", "closing", "closed"}


def always(r):
    return True


def by_staff(r):
    return r["channel"] in ("phone", "fax", "email", "paper")


LIFE = {
    "submit": [({"draft", "returned"}, PROVIDER, always), ({"draft", "returned"}, DESK, by_staff)],
    "return": [({"reported"}, {"reviewer"}, always)],
    "review": [({"reported"} | TRACKED, {"reviewer"}, always)],
    "contact": [(RUNNING, DESK | {"liaison"}, always)],
    "contain": [(BEFORE | TRACKED, PROVIDER, lambda r: r["contained_at"] is None)],
    "close": [(TRACKED, PROVIDER, always)],
    "accept": [({"closing"}, {"reviewer"}, always),
               ({"reported"}, {"reviewer"}, lambda r: r["report_kind"] == "voluntary")],
    "reject-closing": [({"closing"}, {"reviewer"}, always)],
    "reopen": [({"closed"}, JUDGES, always)],
    "withdraw": [(RUNNING, JUDGES, always), (RUNNING, PROVIDER, lambda r: r["withdraw_asked_at"] is None)],
    "merge": [({"reported"} | TRACKED, JUDGES, always)],
    "amend-level": [(RUNNING, PROVIDER, always)],
    "match": [(SUBMITTED, DESK, always)],
    "police": [(SUBMITTED, PROVIDER | JUDGES, always)],
    "improvement":
    [(AFTER, PROVIDER, lambda r: r["contained_at"] is not None and r["improvement"] != "accepted")],
    "judge-improvement": [(AFTER, JUDGES, lambda r: r["improvement"] == "submitted")],
    "extend": [(SUBMITTED, PROVIDER, always)],
    "grant": [(SUBMITTED, JUDGES, always)],
    "escalate": [(SUBMITTED, JUDGES | {"liaison"}, lambda r: r["escalation"] in ("due", "failed", "sent"))],
    "acknowledge": [(SUBMITTED, JUDGES | {"liaison"}, lambda r: r["escalation"] == "sent")],
    "fulfil": [(SUBMITTED, PROVIDER | {"reviewer"}, always)],
    "delete": [({"draft"}, PROVIDER, always), ({"draft"}, DESK, by_staff)],
}
ROLES = ("reporter", "provider_admin", "reviewer", "handler", "manager", "administrator", "auditor",
         "liaison")
# Somebody for each role, at the hospital or its CERT.
SOMEBODY = dict(reporter="chen.meihua", provider_admin="shancheng.admin", reviewer="lin.yijun", handler="tsai.handler",
                manager="wu.manager", administrator="admin", auditor="auditor", liaison="yang.liaison")
FORM = dict(on_behalf=False, victim_hosts=6, victim_servers=3, os_family=["windows"], controls=["none"], soc="none",
            isms_certified=True, maintenance_vendor="無", impact_c=1, impact_i=2, impact_a=2, category="intrusion",
            conditions=["malware"], description="勒索訊息", scope_loss="門診停擺", other_ci_affected=False,
            measures="隔離", source="self", support_needed=False)


# Who rings, where the staff write for somebody.
CALLER = dict(reporter_name="陳美華", reporter_phone="03-555-0110#119", reporter_email="it@shancheng.example")


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, name, wrong):
        """wrong: sentences; none when it holds."""
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ' if wrong else ''}ok {self.count} - {name}", flush=True)
        for line in wrong[:8]:
            print("# " + line)
        if len(wrong) > 8:
            print(f"# and {len(wrong) - 8} more")

    def holds(self, name, good, said=""):
        self.ok(name, [] if good else [str(said)[:600]])


class House:
    """The server, asked over one connection that stays open; every call is remembered for the coverage."""

    def __init__(self, world, stage):
        self.world, self.stage, self.calls = world, stage, []
        self.line = None

    def ask(self, who, method, path, value=None, page=False):
        """who: a login, or None for a stranger. value: JSON of a program, or what a form says when page."""
        headers = {"Accept": "text/html" if page else "application/json", "Accept-Language": "en"}
        data = None
        if who:
            headers["Authorization"] = "Bearer " + self.world.tokens[who]
        if value is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded" if page else "application/json"
            data = urllib.parse.urlencode(value).encode() if page else json.dumps(value).encode()
        if page:
            headers["Sec-Fetch-Site"] = "same-origin"
        answer = self.send(method, path, headers, data)
        self.calls.append({
            "method": method, "path": path, "status": answer.status, "kind": "page" if page else "json",
            "role": self.world.roles[who] if who else "stranger"
        })
        return answer

    def send(self, method, path, headers, data):
        for attempt in (1, 2):  # a connection that was closed meanwhile is opened again
            try:
                if not self.line:
                    self.line = http.client.HTTPConnection("127.0.0.1", self.stage.server.port, timeout=60)
                self.line.request(method, path, body=data, headers=headers)
                answer = self.line.getresponse()
                answer = Answer(answer.status, answer.getheaders(), answer.read())
                if answer.headers.get("connection") == "close":
                    self.line.close()
                    self.line = None
                return answer
            except (http.client.HTTPException, OSError):
                self.line = None
                if attempt == 2:
                    raise

    def made(self, who, path, value):
        answer = self.ask(who, "POST", path, value)
        if answer.status not in (200, 201):
            sys.exit(f"Bail out! {who} POST {path}: {answer.status} {answer.body[:500]}")
        return answer.json

    def form(self, **more):
        now = self.stage.clock.now()
        return {
            **FORM, "aware_at": rfc3339(now - 600_000_000), "occurred_at": rfc3339(now - 1200_000_000), **more
        }


def code_of(answer):
    return answer.json.get("code") if isinstance(answer.json, dict) else None


# ---- every route ----


def routes(world):
    for template, methods in sorted(world.shapes.api["paths"].items()):
        for method, operation in methods.items():
            yield method.upper(), template, set(operation["x-roles"])


class Names:
    """Ids for the {names} of a route: things that are there, and belong to the hospital and its people."""

    def __init__(self, house):
        me = house.ask("chen.meihua", "GET", "/me").json
        report = house.made("chen.meihua", "/reports?submit=yes", house.form())
        self.report = report
        self.ids = {
            "reports": report["id"], "accounts": me["account"], "organisations": me["organisation"]["id"],
            "sectors": report["lead_agency"], "rules": "tw-2026", "assets": "app.css"
        }

    def fill(self, template):
        parts, at = [], template.strip("/").split("/")
        for i, part in enumerate(at):
            if part == "{a}..{b}":
                part = "1..1"
            elif part.startswith("{"):
                part = str(self.ids.get(at[i - 1], "1"))
            parts.append(part)
        return "/" + "/".join(parts)


def strangers(tap, house, names):
    for method, template, roles in routes(house.world):
        path, wrong = names.fill(template), []
        body = None if method in ("GET", "DELETE") else {}
        said = house.ask(None, method, path, body)
        if "stranger" in roles:
            if code_of(said) in ("auth.required", "auth.role"):
                wrong.append(f"{said.status} {said.body[:200]}")
            tap.ok(f"{method} {template}: open to strangers", wrong)
            continue
        if said.status != 401 or code_of(said) != "auth.required":
            wrong.append(f"a program got {said.status} {said.body[:200]}")
        page = house.ask(None, method, path, body, page=True)
        if method == "GET" and (page.status != 303 or
                                not page.headers.get("location", "").startswith("/sign-in?next=" + path)):
            wrong.append(f"a browser got {page.status} {page.headers.get('location')}")
        if method != "GET" and (page.status != 401 or not page.html or "/sign-in" not in page.body):
            wrong.append(f"a browser's form got {page.status}")
        tap.ok(f"{method} {template}: a stranger must sign in (2 requests)", wrong)


def wrong_roles(tap, house, names):
    for method, template, roles in routes(house.world):
        if "stranger" in roles or roles == set(ROLES):
            continue
        path, wrong, n = names.fill(template), [], 0
        body = None if method in ("GET", "DELETE") else {}
        for role in sorted(set(ROLES) - roles):
            for page in (False, True):
                said = house.ask(SOMEBODY[role], method, path, body, page=page)
                n += 1
                if said.status != 403 or (not page and code_of(said) != "auth.role") or (page and
                                                                                         not said.html):
                    wrong.append(f"{role} got {said.status} {said.body[:200]}")
        tap.ok(f"{method} {template}: not for {', '.join(sorted(set(ROLES) - roles))} ({n} requests)", wrong)


# ---- other people's records ----

REPORT_OUTSIDERS = [
    "qinghe.it", "haiwan.soc", "beixing.it", "xikou.it", "sibling", "yuanfan.soc", "fin.reviewer",
    "fin.handler", "fin.manager", "ncert.liaison"
]


def add_sibling(house):
    """A second branch of Beixing Hospital, beside the one in Xikou; a program reports for it, the login "sibling"."""
    above = org_of(house, "beixing.it")
    sector = house.ask("admin", "GET", f"/organisations/{above}").json["sector"]
    branch = dict(org_kind="provider", name_zh="北星醫院山腳分院", name_en="Beixing, Shanjiao", sector=sector, parent=above)
    branch = house.made("admin", "/organisations", branch)
    account = dict(login="sibling", name="山腳", email="s@beixing.example", org=branch["id"], roles=["reporter"], service=True)
    account = house.made("admin", "/accounts", account)
    key = house.made("admin", f"/accounts/{account['id']}/keys", {"name": "denial"})
    house.world.tokens["sibling"] = key["token"]
    house.world.roles["sibling"] = "reporter"


def report_routes(world):
    return [(m, t, roles) for m, t, roles in routes(world) if t.startswith("/reports/{id}")]


def outsiders(tap, house, names):
    """A report of another house is not there, by whatever verb, id or number, nor is it told apart from one that
    never was."""
    words = {"description": "x", "remark": "x", "reason": "x", "version": 1}
    branch = house.made("xikou.it", "/reports?submit=yes", house.form())
    pairs = [(who, names.report) for who in REPORT_OUTSIDERS] + [("sibling", branch), ("chen.meihua", branch)]
    for method, template, roles in report_routes(house.world):
        wrong, n = [], 0
        for who, report in pairs:
            if house.world.roles[who] not in roles:
                continue
            unseen = {}
            for name in (report["id"], report["report_no"], 999_999_999_999):
                path = names.fill(template.replace("{id}", str(name)))
                for body in (None,) if method == "GET" else ({}, words):
                    said = house.ask(who, method, path, body)
                    n += 1
                    if said.status != 404 or code_of(said) != "not_found":
                        wrong.append(f"{who} {path}: {said.status} {said.body[:200]}")
                    unseen.setdefault(str(body), set()).add(said.body)
            if any(len(bodies) > 1 for bodies in unseen.values()):
                wrong.append(f"{who}: a report that is not his is told apart from one that is not there")
        tap.ok(f"{method} {template}: not there for other houses ({n} requests)", wrong)
    now = house.ask("beixing.it", "GET", f"/reports/{branch['id']}")
    tap.ok("whoever stands above sees it", [] if now.status == 200 else [now.body[:200]])
    for who, report in (("chen.meihua", names.report), ("xikou.it", branch)):
        now = house.ask(who, "GET", f"/reports/{report['id']}").json
        tap.ok(f"the report of {who} is as it was",
               [] if now["version"] == report["version"] else [f"version {now['version']}"])


def drafts(tap, house):
    """A draft is nobody's but its house's: not even its own CERT sees it."""
    draft = house.made("chen.meihua", "/reports", {"description": "x"})["id"]
    below = house.made("beixing.it", "/reports", {"description": "x"})["id"]
    pairs = [(who, draft) for who in ("lin.yijun", "tsai.handler", "wu.manager", "yang.liaison", "qinghe.it")]
    pairs += [("xikou.it", below), ("sibling", below)]
    wrong, n = [], 0
    for method, template, roles in report_routes(house.world):
        for who, report in pairs:
            if house.world.roles[who] not in roles:
                continue
            path = template.replace("{id}", str(report)).replace("{a}..{b}", "1..1")
            said = house.ask(who, method, path, None if method == "GET" else {})
            n += 1
            if said.status != 404:
                wrong.append(f"{who} {method} {path}: {said.status} {said.body[:200]}")
    tap.ok(f"a draft is not there for the CERT, other houses and units below ({n} requests)", wrong)


def accounts(tap, house):
    """Accounts and organisations of others, for those who work on accounts and organisations of their own."""
    of = {
        login: house.ask(login, "GET", "/me").json
        for login in ("haiwan.soc", "yuanfan.soc", "fin.manager", "admin")
    }
    for method, template, roles in routes(house.world):
        kind = template.split("/")[1]
        if not template.startswith(("/accounts/{id}", "/organisations/{id}")):
            continue
        wrong, n = [], 0
        for who, theirs in (("shancheng.admin", "haiwan.soc"), ("shancheng.admin", "yuanfan.soc"),
                            ("shancheng.admin", "admin"), ("wu.manager", "yuanfan.soc"),
                            ("wu.manager", "fin.manager"), ("lin.yijun", "yuanfan.soc")):
            if house.world.roles[who] not in roles:
                continue
            record = of[theirs]["account"] if kind == "accounts" else of[theirs]["organisation"]["id"]
            path = template.replace("{id}", str(record))
            said = house.ask(who, method, path, None if method in ("GET", "DELETE") else {})
            n += 1
            if said.status != 404:
                wrong.append(f"{who} {path} of {theirs}: {said.status} {said.body[:200]}")
        if n:
            tap.ok(f"{method} {template}: not there for other houses ({n} requests)", wrong)


# ---- every verb, in every state, as everybody ----


def more_states(house):
    """What the fictional sector does not have: guards that are met, and failures."""
    officer, boss, reviewer, liaison = "chen.meihua", "shancheng.admin", "lin.yijun", "yang.liaison"
    clock = house.stage.clock

    def filed(**more):
        return house.made(officer, "/reports?submit=yes", house.form(**more))["id"]

    def did(who, report, verb, value):
        house.made(who, f"/reports/{report}/{verb}", value)

    judged = {"level_reviewed": 2, "other_ci_reviewed": False}
    seven = {
        f"imp_{name}": "x"
        for name in ("times", "scope", "control", "investigation", "root_cause", "measures", "schedule")
    }
    asked = filed()
    did(boss, asked, "withdraw", {"reason": "x"})
    failed = filed(impact_a=3)
    did(reviewer, failed, "review", {**judged, "level_reviewed": 3})
    did(liaison, failed, "escalate", {})
    did(liaison, failed, "escalate", {"failed": True})
    for accepted in (None, False, True):
        improved = filed()
        did(reviewer, improved, "review", judged)
        did(officer, improved, "contain", {})
        did(officer, improved, "improvement", seven)
        if accepted is not None:
            did(reviewer, improved, "judge-improvement", {"accepted": accepted, "remark": "x"})
    phoned = house.made(reviewer, "/reports",
                        house.form(channel="phone", channel_reason="x", reporting_unit=house.hospital))["id"]
    returned = house.made(reviewer, "/reports?submit=yes",
                          house.form(**CALLER, channel="fax", channel_reason="x", reporting_unit=house.hospital))["id"]
    did(reviewer, returned, "return", {"remark": "x"})
    gone = house.made(officer, "/reports", {})["id"]
    did(officer, gone, "delete", {})
    clock.set(clock.now() + 1_000_000)
    return phoned, gone


def expected(report, verb, role):
    rows = [row for row in LIFE[verb] if role in row[1]]
    if not rows:
        return 403
    return 200 if any(report["state"] in states and guard(report) for states, _, guard in rows) else 409


def form_of(house, login, report, verb):
    """Whoever may do it is shown its form, as a page and as data."""
    path = f"/reports/{report['id']}/{verb}"
    data, page = house.ask(login, "GET", path), house.ask(login, "GET", path, page=True)
    if data.status != 200 or page.status != 200 or Page(page.body).wrong:
        return [f"the form of {path} for {login}: {data.status} {page.status} {Page(page.body).wrong}"]
    return []


def org_of(house, login):
    return house.ask(login, "GET", "/me").json["organisation"]["id"]


def sees(person, report):
    org, role = person["organisation"]["id"], person["roles"][0]
    if report["state"] == "deleted":
        return False
    if role in PROVIDER:
        return report["org_id"] == org or org in person["above"].get(report["org_id"], ())
    if person["organisation"]["id"] == report["cert_id"]:
        return bool(report["shown_to_cert"])
    return person["national"] and report["escalation"] in ("sent", "acknowledged")


def verbs(tap, house):
    people = {}
    house.hospital = org_of(house, "chen.meihua")
    above = {org_of(house, "xikou.it"): [org_of(house, "beixing.it")]}
    for login, role in house.world.roles.items():
        if role not in ("administrator", "auditor"):  # refused by the route already
            me = house.ask(login, "GET", "/me").json
            people[login] = {**me, "above": above, "national": login == "ncert.liaison"}
    _, gone = more_states(house)
    reports = []
    before = None
    while before != 0:
        page = f"/reports?limit=200&before={before}" if before else "/reports?limit=200"
        listed = house.ask("auditor", "GET", page).json
        reports += [house.ask("auditor", "GET", f"/reports/{row['id']}").json for row in listed["rows"]]
        before = listed["next"] or 0
    missing = LASTING - {r["state"] for r in reports}
    tap.ok(f"reports in every state that lasts: {len(reports)} of them", sorted(missing))
    reports.append(dict(id=gone, state="deleted", org_id=house.hospital, cert_id=0, shown_to_cert=True))
    for verb in LIFE:
        by_role = {}
        for login, person in people.items():
            role = person["roles"][0]
            tally = by_role.setdefault(role, {"wrong": [], 200: 0, 403: 0, 404: 0, 409: 0})
            for report in reports:
                want = expected(report, verb, role) if sees(person, report) else 404
                if want == 200 and not tally[200]:
                    tally["wrong"] += form_of(house, login, report, verb)
                # What is open is only tried; what is not is meant.
                dry = "?validate=only" if want == 200 else ""
                said = house.ask(login, "POST", f"/reports/{report['id']}/{verb}{dry}", {})
                tally[want] += 1
                good = said.status in (200, 422) if want == 200 else said.status == want
                if want == 409 and code_of(said) != "state.not_open":
                    good = False
                if not good:
                    case = f"{login} on {report['id']} ({report['state']})"
                    tally["wrong"].append(f"{case}: {said.status} and not {want}: {said.body[:160]}")
        for role, tally in by_role.items():
            counts = f"open {tally[200]}, wrong state {tally[409]}, wrong role {tally[403]}, not there {tally[404]}"
            tap.ok(f"{verb} as {role}: {counts}", tally["wrong"])
    wrong = []
    for report in reports[:-1]:
        now = house.ask("auditor", "GET", f"/reports/{report['id']}").json
        if (now["version"], now["state"]) != (report["version"], report["state"]):
            was = f"{report['id']}: {report['state']} {report['version']}"
            wrong.append(f"{was}, now {now['state']} {now['version']}")
    tap.ok("no report has changed by all this", wrong)


def main():
    build = Path(sys.argv[1]).resolve()
    world = World(build, "denial")
    tap = Tap()
    with Stage(world, "house", extra=("--per-address", "1000")) as stage:
        house = House(world, stage)
        names = Names(house)
        add_sibling(house)
        strangers(tap, house, names)
        wrong_roles(tap, house, names)
        outsiders(tap, house, names)
        drafts(tap, house)
        accounts(tap, house)
        verbs(tap, house)
    print(f"1..{tap.count}\n# {len(house.calls)} requests")
    coverage = build / ("play-coverage" + store.FOLDER)
    coverage.mkdir(exist_ok=True)
    (coverage / "denial.json").write_text(json.dumps(world.shapes.coverage(house.calls), indent=1))
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
