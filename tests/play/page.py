"""What a browser makes of a page: its forms, as they would be sent; and what is wrong with its markup."""
import html.parser
import re

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.wrong, self.lang = [], [], None
        self.form = self.select = self.area = None
        self.open, self.ids, self.targets = [], set(), []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]
        self.wrong += [f"{name} points to #{id}, which is not there" for name, id in self.targets if id not in self.ids]
        if "{{" in text:
            self.wrong.append("a template's {{ is left over")

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.look_at(tag, a)
        if tag == "html":
            self.lang = a.get("lang")
        elif tag == "form":
            self.form = {"action": a.get("action"), "method": a.get("method", "get").lower(), "fields": []}
            self.forms.append(self.form)
        elif self.form is not None and "disabled" not in a and a.get("name"):
            self.control(tag, a)
        if tag == "option" and self.select is not None:
            value = a.get("value", "")
            if "selected" in a or self.select[1] is None:
                self.select[1] = value

    def handle_startendtag(self, tag, attrs):
        self.look_at(tag, dict(attrs))  # <path .../>

    def look_at(self, tag, a):
        if "id" in a:
            if a["id"] in self.ids:
                self.wrong.append(f"two elements have the id {a['id']}")
            self.ids.add(a["id"])
        if tag == "label" and "for" in a:
            self.targets.append(("a label", a["for"]))
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            self.targets += [(name, id) for id in (a.get(name) or "").split()]
        # the content policy would not let these work
        refused = [name for name in a if name == "style" or name.startswith("on")]
        self.wrong += [f"<{tag} {name}> is not allowed by the content policy" for name in refused]
        if tag == "script" and "src" not in a and a.get("type") != "application/json":
            self.wrong.append("a script inside the page is not allowed by the content policy")

    def control(self, tag, a):
        fields = self.form["fields"]
        if tag == "input":
            kind = a.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in a:
                    fields.append([a["name"], a.get("value", "on")])
            elif kind not in ("submit", "button", "image", "reset", "file"):
                fields.append([a["name"], a.get("value") or ""])
        elif tag == "select":
            self.select = [a["name"], None]
        elif tag == "textarea":
            self.area = [a["name"], ""]

    def handle_data(self, data):
        if self.area is not None:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select is not None:
            if self.select[1] is not None:
                self.form["fields"].append(self.select)
            self.select = None
        elif tag == "textarea" and self.area is not None:
            name, text = self.area  # the line break after the tag is not part of it
            self.form["fields"].append([name, re.sub(r"\r?\n", "\r\n", text.removeprefix("\n"))])
            self.area = None
        elif tag == "form":
            self.form = None
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            there = self.open[-1] if self.open else "nothing"
            self.wrong.append(f"</{tag}> where <{there}> is open (line {self.getpos()[0]})")
            if tag in self.open:
                while self.open.pop() != tag:
                    pass
        else:
            self.open.pop()

    def filled(self, path, given):
        """The fields of the form that posts to path, the given ones (name, value) in place of their own."""
        for form in self.forms:
            if form["method"] == "post" and form["action"] == path:
                names = {name for name, _ in given}
                return [f for f in map(tuple, form["fields"]) if f[0] not in names] + given
        return given
