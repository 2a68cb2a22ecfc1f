# Sourced by ./start and ./test: packages, builds, and words about both. Expects $root, the project's folder.

# say CHINESE ENGLISH: one line about the step that begins.
say() {
	case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
	zh*) printf '%s\n' "$1" ;;
	*) printf '%s\n' "$2" ;;
	esac
}

fail() {
	say "$1" "$2" >&2
	exit 1
}

program_packages=(gcc libc6-dev meson ninja-build pkg-config tzdata
	libcurl4-openssl-dev libgfshare-dev libjansson-dev libmicrohttpd-dev liboath-dev libp11-kit-dev libpq-dev libseccomp-dev libqrencode-dev libsodium-dev libsqlite3-dev libssl-dev libzstd-dev
	libpango1.0-dev libcairo2-dev fonts-noto-cjk fonts-noto-color-emoji fonts-dejavu-core)

installed() {
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		# sudo forgets the way to the packages
		sudo env ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "$@"
	else
		fail "安裝套件需要 root，或 sudo。" "Installing packages needs root, or sudo."
	fi
}

apt_quietly() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >>"$root/build/setup.log" 2>&1
}

# install_packages NAME...: asks apt only for what is not there, so that a second run is quick and off line.
install_packages() {
	local missing=() name
	for name; do
		installed "$name" || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	mkdir -p "$root/build"
	say "安裝 Debian 套件：${missing[*]}" "Installing Debian packages: ${missing[*]}"
	# a list that is out of date may do; what counts is whether the packages come
	apt_quietly update || true
	if ! apt_quietly install --no-install-recommends "${missing[@]}"; then
		tail -n 15 "$root/build/setup.log" >&2
		fail "套件沒有裝成，詳情在 build/setup.log。" "The packages could not be installed; build/setup.log says why."
	fi
}

# build_into DIR LOG [MESON-OPTION...]: configures where that is not done yet, then builds. The compiler is $CC.
build_into() {
	local dir=$1 log=$2
	shift 2
	# a build that was made elsewhere knows only the old place
	if [ -e "$dir/.source" ] && [ "$(cat "$dir/.source")" != "$root" ]; then
		rm -rf "$dir/meson-private" "$dir/meson-info" "$dir/build.ninja"
	fi
	mkdir -p "$dir" "$(dirname "$log")"
	if [ ! -e "$dir/build.ninja" ]; then
		meson setup "$@" "$dir" "$root" >"$log" 2>&1 || return 1
		printf '%s\n' "$root" >"$dir/.source"
	fi
	ninja -C "$dir" >>"$log" 2>&1
}

# build_program: build/tocsin.
build_program() {
	[ -x "$root/build/tocsin" ] || say "編譯（第一次約一分鐘）" "Building (about a minute the first time)"
	if ! build_into "$root/build" "$root/build/build.log"; then
		tail -n 30 "$root/build/build.log" >&2
		fail "編譯沒有成功，詳情在 build/build.log。" "The build failed; build/build.log has all of it."
	fi
}
