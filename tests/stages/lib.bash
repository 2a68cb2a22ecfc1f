# Sourced by stages written in bash: TAP, and builds of their own. Stages begin with
#   . "$(dirname "$0")/lib.bash"
set -uo pipefail
root=$TOCSIN_ROOT
. "$root/tools/setup.bash"

tap_count=0
tap_failed=0

# ok STATUS NAME: a test that held when STATUS is 0.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_count" "$2"
	fi
}

# holds NAME COMMAND...: the command succeeds. Its output is shown when it does not.
holds() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		ok 0 "$name"
	else
		ok 1 "$name"
		printf '%s\n' "$said" | sed 's/^/# /'
	fi
}

# refuses NAME PATTERN COMMAND...: the command fails and says something that matches.
refuses() {
	local name=$1 pattern=$2 said
	shift 2
	if said=$("$@" 2>&1); then
		ok 1 "$name"
		echo "# it succeeded"
	elif grep -qE -- "$pattern" <<<"$said"; then
		ok 0 "$name"
	else
		ok 1 "$name"
		printf '%s\n' "wanted: $pattern" "$said" | sed 's/^/# /'
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# A stage ends with: done_testing
done_testing() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] && [ "$tap_count" -gt 0 ]
	exit
}

# build_sanitized: makes build/test/sanitized (gcc, ASan and UBSan) and sets the options under which a finding ends the process.
sanitized=$TOCSIN_BUILD/test/sanitized
build_sanitized() {
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:strict_string_checks=1
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	CC=gcc build_into "$sanitized" "$TOCSIN_BUILD/test-logs/build-sanitized.log" -Db_sanitize=address,undefined && return
	tail -n 30 "$TOCSIN_BUILD/test-logs/build-sanitized.log"
	return 1
}

# postgresql [NAME SETTING=VALUE...]: a server of the tests' own, started once and stopped by ./test at its end.
# Exports TOCSIN_TEST_DB, its conninfo. Another NAME is another server.
postgresql() {
	local name=${1:-server}
	shift $(($# > 0))
	TOCSIN_TEST_DB=$("$root/tests/lib/postgresql" start "$TOCSIN_BUILD/test/postgresql/$name" "$@") || return 1
	TOCSIN_TEST_SERVER=$TOCSIN_BUILD/test/postgresql/$name
	export TOCSIN_TEST_DB TOCSIN_TEST_SERVER
}

# on_both_engines COMMAND...: once on SQLite, once on PostgreSQL (with on_durable=yes on one that may crash). False when one
# of them is.
on_both_engines() {
	local status=0
	echo "# on SQLite"
	"$@" || status=1
	if [ "${on_durable:-no}" = yes ]; then
		postgresql durable fsync=on || return 1
	else
		postgresql || return 1
	fi
	echo "# on PostgreSQL"
	TOCSIN_ENGINE=postgresql "$@" || status=1
	return $status
}

# meson_tests SUITE: the tests of a suite in the sanitized build, as TAP, then those that did not end well.
meson_tests() {
	local status=0 summary
	summary=$(meson test -C "$sanitized" --no-rebuild --suite "$1" --num-processes "$(nproc)" ${TOCSIN_PART:+"$TOCSIN_PART"} 2>&1) ||
		status=$?
	grep -v '^Inherited environment:' "$sanitized/meson-logs/testlog.txt"
	grep -E ' (ERROR|FAIL|TIMEOUT) ' <<<"$summary"
	return $status
}
