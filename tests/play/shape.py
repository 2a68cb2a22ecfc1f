"""Holds answers against /openapi.json: the part of JSON Schema that Tocsin's own declaration uses."""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Shapes:
    def __init__(self, api):
        self.api = api
        self.routes = []
        for template, methods in api["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\\{[^}]+\\\}", "([^/]+?)", re.escape(template)) + "$")
            # fixed words before {names}, longer before shorter
            self.routes.append((template.count("{"), -len(template), template, pattern, methods))
        self.routes.sort(key=lambda r: r[:2])

    def route(self, method, path):
        """(template, operation), or (None, None)."""
        method = "GET" if method == "HEAD" else method
        path = path.split("?")[0].removesuffix(".json") if path != "/openapi.json" else path
        for _, _, template, pattern, methods in self.routes:
            if pattern.match(path) and method.lower() in methods:
                return template, methods[method.lower()]
        return None, None

    def check(self, method, path, status, value):
        """None, or what is wrong."""
        template, operation = self.route(method, path)
        if not operation:
            return self.wrong({"$ref": "#/components/schemas/fault"}, value,
                              "") if 400 <= status < 500 else "no such route is declared"
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("default")
        if not answer:
            return f"status {status} is not declared"
        schema = self.resolve(answer).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        # A record is answered whole; only a dry run has no id yet.
        if status < 300 and "$ref" in schema and "validate=only" not in path:
            for name in self.resolve(schema).get("properties", {}):
                if name not in value:
                    return f".{name} is missing"
        return self.wrong(schema, value, "")

    def resolve(self, x):
        while "$ref" in x:
            at = self.api
            for part in x["$ref"].lstrip("#/").split("/"):
                at = at[part]
            x = at
        return x

    def wrong(self, schema, v, at):
        schema = self.resolve(schema)
        for choice in ("anyOf", "oneOf"):
            if choice in schema and all(self.wrong(s, v, at) for s in schema[choice]):
                return f"{at or '.'} fits none of {choice}: {self.wrong(schema[choice][0], v, at)}"
        for s in schema.get("allOf", []):
            bad = self.wrong(s, v, at)
            if bad:
                return bad
        if "const" in schema and v != schema["const"]:
            return f"{at} is not {schema['const']!r}"
        if "enum" in schema and v not in schema["enum"]:
            return f"{at} is {v!r}, none of {schema['enum']}"
        types = schema.get("type")
        if types and not any(self.is_type(v, t) for t in ([types] if isinstance(types, str) else types)):
            return f"{at or '.'} is {v!r:.80}, not {types}"
        parts = (self.wrong_scalar, self.wrong_map, self.wrong_list)
        return next(filter(None, (part(schema, v, at) for part in parts)), None)

    def wrong_scalar(self, schema, v, at):
        if isinstance(v, str):
            if schema.get("format") == "date-time" and not DATE_TIME.fullmatch(v):
                return f"{at} is {v!r}, no time in UTC"
            if not schema.get("minLength", 0) <= len(v) <= schema.get("maxLength", len(v)):
                return f"{at} is {len(v)} characters long"
        if isinstance(v, (int, float)) and not schema.get("minimum", v) <= v <= schema.get("maximum", v):
            return f"{at} is {v}, out of its range"
        return None

    def wrong_map(self, schema, v, at):
        if not isinstance(v, dict):
            return None
        for name in schema.get("required", []):
            if name not in v:
                return f"{at}.{name} is missing"
        others = schema.get("additionalProperties")
        for name, member in v.items():
            known = schema.get("properties", {}).get(name, others if isinstance(others, dict) else None)
            if known is None and others is False:
                return f"{at}.{name} is not declared"
            bad = self.wrong(known, member, f"{at}.{name}") if known is not None else None
            if bad:
                return bad
        return None

    def wrong_list(self, schema, v, at):
        if isinstance(v, list) and "items" in schema:
            for i, member in enumerate(v):
                bad = self.wrong(schema["items"], member, f"{at}[{i}]")
                if bad:
                    return bad
        return None

    @staticmethod
    def is_type(v, t):
        if t == "integer":
            return isinstance(v, int) and not isinstance(v, bool)
        if t == "number":
            return isinstance(v, (int, float)) and not isinstance(v, bool)
        return isinstance(v, TYPES[t])

    def coverage(self, calls):
        """{"GET /reports": {"statuses": [...], "roles": [...], "checked": true}} for every declared route.
        checked: at least once it answered a program with success, in the shape that is declared."""
        out = {
            f"{m.upper()} {template}": {"statuses": [], "roles": [], "checked": False}
            for _, _, template, _, methods in self.routes
            for m in methods if m in ("get", "put", "post", "delete")
        }
        for c in calls:
            template, operation = self.route(c["method"], c["path"])
            if not operation:
                continue
            entry = out[f"{'GET' if c['method'] == 'HEAD' else c['method']} {template}"]
            for key, value in (("statuses", c["status"]), ("roles", c["role"])):
                if value not in entry[key]:
                    entry[key].append(value)
            entry["checked"] |= c["kind"] == "json" and 200 <= c["status"] < 300
        return out
