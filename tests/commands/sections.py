"""What SQLite reads of a migration: the lines for both engines and its own, as src/store/migrate.c takes them."""


def sqlite_text(path):
    ours, kept = True, []
    for line in path.read_text().splitlines(keepends=True):
        mark = line.rstrip("\n")
        if mark == "-- both:":
            ours = True
        elif mark in ("-- sqlite:", "-- postgresql:"):
            ours = mark == "-- sqlite:"
        elif ours:
            kept.append(line)
    return "".join(kept)
