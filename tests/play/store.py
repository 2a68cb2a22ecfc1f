"""Where the store of a data folder stands: in its file, or, with TOCSIN_ENGINE=postgresql, in a database named after the
folder on the tests' own server (TOCSIN_TEST_DB, from tests/lib/postgresql)."""
import contextlib, hashlib, os, re, shutil, sqlite3, subprocess

POSTGRESQL = os.environ.get("TOCSIN_ENGINE") == "postgresql"
FOLDER = "-postgresql" if POSTGRESQL else ""


def database_of(data):
    return "t_" + hashlib.sha256(os.path.abspath(data).encode()).hexdigest()[:16]


def conninfo(database):
    return re.sub(r"dbname=\S+", "dbname=" + database, os.environ["TOCSIN_TEST_DB"])


def tell(database, *commands):
    """Commands to a database of the server; what psql says: a line for each row, its columns apart by a unit separator."""
    words = [part for command in commands for part in ("-c", command)]
    return subprocess.run(["psql", "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database), *words],
                          check=True, capture_output=True, text=True).stdout


def environment(data):
    """What a program needs in its environment to find it."""
    return {"TOCSIN_DB": conninfo(database_of(data))} if POSTGRESQL else {}


def make(data):
    """Empty; on a server it must be there before the program comes."""
    if POSTGRESQL:
        drop(data)
        tell("postgres", f"CREATE DATABASE {database_of(data)} TEMPLATE template0 STRATEGY file_copy")


def drop(data):
    if POSTGRESQL:
        tell("postgres", f"DROP DATABASE IF EXISTS {database_of(data)} WITH (FORCE)")


def copy(source, target):
    """The folder and its store. Nobody has it open."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if POSTGRESQL:
        drop(target)
        tell("postgres", f"CREATE DATABASE {database_of(target)} TEMPLATE {database_of(source)} STRATEGY file_copy")


def remove(data):
    shutil.rmtree(data, ignore_errors=True)
    drop(data)


def change(data, sql):
    """How many rows it changed."""
    if POSTGRESQL:
        said = tell(database_of(data), "WITH changed AS (" + sql + " RETURNING 1) SELECT count(*) FROM changed")
        return int(said)
    with contextlib.closing(sqlite3.connect(os.path.join(data, "tocsin.db"))) as db, db:
        return db.execute(sql).rowcount


def rows(data, sql):
    """Tuples; what looks like a whole number is one."""
    if not POSTGRESQL:
        with contextlib.closing(sqlite3.connect(os.path.join(data, "tocsin.db"))) as db:
            return db.execute(sql).fetchall()
    return [tuple(int(c) if re.fullmatch(r"-?\d+", c) else c for c in line.split("\x1f"))
            for line in tell(database_of(data), sql).splitlines()]
