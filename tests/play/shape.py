"""Holds answers against /openapi.json: the part of JSON Schema that Tocsin's own declaration uses."""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


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
            return self.wrong({"$ref": "#/components/schemas/fault"}, value, "") if 400 <= status < 500 else "no such route is declared"
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("default")
        if not answer:
            return f"status {status} is not declared"
        answer = self.resolve(answer)
        content = answer.get("content", {}).get("application/json")
        return self.wrong(content["schema"], value, "") if content and "schema" in content else None

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
        if isinstance(v, dict):
            for name in schema.get("required", []):
                if name not in v:
                    return f"{at}.{name} is missing"
            for name, member in v.items():
                known = schema.get("properties", {}).get(name)
                if known is not None:
                    bad = self.wrong(known, member, f"{at}.{name}")
                    if bad:
                        return bad
                elif schema.get("additionalProperties") is False:
                    return f"{at}.{name} is not declared"
                elif isinstance(schema.get("additionalProperties"), dict):
                    bad = self.wrong(schema["additionalProperties"], member, f"{at}.{name}")
                    if bad:
                        return bad
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
        """{"GET /reports": {"statuses": [...], "roles": [...], "checked": true}} for every declared route, called or not.
        checked: at least once it answered a program with success, in the shape that is declared."""
        out = {f"{m.upper()} {template}": {"statuses": [], "roles": [], "checked": False}
               for _, _, template, _, methods in self.routes for m in methods if m in ("get", "put", "post", "delete")}
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
