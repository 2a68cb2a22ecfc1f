# Sourced by tests/stages/45-commands, after lib.bash: commands and what they say, a server and its log. Expects $work.

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '# got:  %s\n# want: %s\n' "$1" "$2"
	fi
}

# says NAME PATTERN COMMAND...: it succeeds, and something it prints matches.
says() {
	local name=$1 pattern=$2 said status=0
	shift 2
	said=$("$@" 2>&1) || status=$?
	[ "$status" -eq 0 ] && grep -qE -- "$pattern" <<<"$said"
	ok $? "$name"
	[ "$status" -eq 0 ] && grep -qE -- "$pattern" <<<"$said" || printf '# status %s, wanted: %s\n%s\n' "$status" "$pattern" "$(sed 's/^/# /' <<<"$said")"
}

# doctor ARGUMENT...: doctor's words, whatever it thinks of this machine's clock.
doctor() {
	local status=0
	tocsin doctor "$@" || status=$?
	[ $status -eq 0 ] || [ $status -eq 1 ] || [ $status -eq 3 ]
}

# wrong STATUS NAME PATTERN COMMAND...: it ends with that status, prints nothing but the reason, and what to do about it.
wrong() {
	local want=$1 name=$2 pattern=$3 said status=0 output=$work/output
	shift 3
	said=$("$@" 2>&1 >"$output") || status=$?
	if [ "$status" -eq "$want" ] && [ ! -s "$output" ] && grep -qE -- "$pattern" <<<"$said" && [[ $said == *tocsin:* ]]; then
		ok 0 "$name"
	else
		ok 1 "$name"
		printf '# status %s, want %s with: %s\n%s\n' "$status" "$want" "$pattern" "$(sed 's/^/# /' <<<"$said")"
	fi
}

# set_clock 2026-11-22T00:00:00: what the program takes for the time, UTC.
set_clock() {
	python3 - "$work/clock" "$1" <<-'PYTHON'
		import datetime, os, struct, sys
		t = datetime.datetime.fromisoformat(sys.argv[2] + "+00:00")
		fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
		os.pwrite(fd, struct.pack("=q", int(t.timestamp()) * 1_000_000), 0)
	PYTHON
}

# until_said PATTERN: reads the server's log until a line matches; false when it ends first or half a minute passes.
until_said() {
	local line i
	for i in "${!early[@]}"; do
		if [[ ${early[i]} =~ $1 ]]; then
			unset "early[$i]"
			return 0
		fi
	done
	while IFS= read -r -t 30 -u "$log" line; do
		printf '# %s\n' "$line"
		[[ $line =~ $1 ]] && return 0
	done
	return 1
}

# start_server ARGUMENT...: $pid, $port and $url are its own when this returns; what it said before it served waits in $early.
early=()
start_server() {
	local line
	exec {log}< <(exec "$TOCSIN" serve --listen 127.0.0.1:0 "$@" 2>&1)
	pid=$!
	port=
	early=()
	while IFS= read -r -t 30 -u "$log" line; do
		printf '# %s\n' "$line"
		if [[ $line =~ ^serving\ on\ .*:([0-9]+)$ ]]; then
			port=${BASH_REMATCH[1]}
			break
		fi
		early+=("$line")
	done
	if [ -z "$port" ]; then
		ok 1 "the server starts: $*"
		return 1
	fi
	url=http://127.0.0.1:$port
}

# wait_for PID: its end; $stopped is its status.
wait_for() {
	stopped=0
	timeout 30 tail -s 0.02 --pid="$1" -f /dev/null || echo "# process $1 does not end"
	wait "$1" || stopped=$?
	[ -z "$log" ] || exec {log}<&-
	log='' pid=''
}

stop_server() {
	[ -n "$pid" ] || return 0
	kill -TERM "$pid" 2>/dev/null
	wait_for "$pid"
}

# gone PID: it ends within half a minute.
gone() {
	timeout 30 tail -s 0.02 --pid="$1" -f /dev/null
}

# status_of STATUS PATH NAME
status_of() {
	is "$(curl -s -o "$work/body" -w '%{http_code}' -H 'Accept: application/json' "$url$2")" "$1" "$3"
}

# post PATH JSON: the status; cookies are kept.
post() {
	curl -s -o "$work/body" -w '%{http_code}' -c "$work/jar" -H "Origin: $url" -H 'Accept: application/json' -H 'Content-Type: application/json' \
		--data-binary "$2" "$url$1"
}

# posted STATUS PATH JSON NAME
posted() {
	is "$(post "$2" "$3")" "$1" "$4"
}

# sign_in LOGIN PASSWORD: $answer is the status.
sign_in() {
	answer=$(post /sign-in "{\"login\":\"$1\",\"password\":\"$2\"}")
}

next_datagram() {
	IFS= read -r -t 30 -u "$datagrams" datagram || datagram=nothing
}

until_datagram() {
	while next_datagram && [ "$datagram" != nothing ]; do
		[ "$datagram" != "$1" ] || return 0
	done
	return 1
}
