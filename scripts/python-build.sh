# shellcheck shell=bash
# What the scripts share that build a CPython from Debian's source package into the cache. Sourced in the checkout's
# folder, with `program`, `version` and `work` set.
# shellcheck disable=SC2154 # those three are the caller's

suite=trixie
if [ -n "${XDG_CACHE_HOME:-}" ]; then cache=$XDG_CACHE_HOME/flashflood; else cache=$PWD/build/cache; fi

say() { echo "$program: $1" >&2; }

give_up() {
  say "$1"
  exit 1
}

# apt with lists, cache and sources of its own: of the machine's only the mirror is used, and nothing is changed.
private_apt() {
  cat >"$work/apt.conf" <<CONF
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
CONF
  apt-get -qq -c "$work/apt.conf" "$@" >&2
}

# The line for the sources of $suite, from the mirror that this machine has its own Debian from.
source_line() {
  local codename uri release keys=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016 # apt's variables
  while IFS='|' read -r uri release; do
    if [ "$release" = "$codename" ]; then
      if [ -e $keys ]; then echo "deb-src [signed-by=$keys] $uri $suite main"; else echo "deb-src $uri $suite main"; fi
      return
    fi
  done < <(apt-get indextargets --format '$(REPO_URI)|$(RELEASE)' 'Created-By: Packages' 'Component: main')
  return 1
}

# Into $work/source, as its authors released it: Debian's changes, which move where things are installed, are left out.
fetch_source() {
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
  source_line >"$work/sources.list" || give_up "no Debian mirror in this machine's apt sources"
  private_apt update || give_up "cannot read the list of Debian $suite's sources"
  (cd "$work" && private_apt --download-only source "python$version") ||
    give_up "cannot fetch the source package python$version of Debian $suite"
  tar -xf "$work"/python$version*.orig.tar.[gx]z -C "$work/source" --strip-components=1 ||
    give_up "cannot unpack the source of python$version"
}

# One builds at a time: the lock is let go of when the caller's (sub)shell ends.
lock_build() {
  mkdir -p "$cache" "$(dirname "$work")"
  exec 9>"$cache/$1.lock"
  flock 9
}

install_tools() {
  scripts/bootstrap python-build >&2 || give_up "what building CPython $version takes cannot be installed"
}
