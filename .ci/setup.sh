# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# Shared by run.sh, test.sh and .ci/run: the Debian packages that the project needs, and how a preset is built.
# Everything here speaks on stderr only, so that the output of a simulation stays clean.

# What a build, the tests and the shipped scenarios need (Debian 12).
build_packages=(g++ cmake ninja-build pkg-config ccache libsystemc-dev libboost-program-options-dev libfmt-dev
  libyaml-cpp-dev nlohmann-json3-dev catch2 libbenchmark-dev zlib1g-dev libelf-dev libfdt-dev device-tree-compiler python3
  u-boot-qemu)
# What the other stages of .ci/run need on top.
ci_packages=(clang-16 libclang-rt-16-dev clang-tidy-16 clang-format-16 valgrind python3-jsonschema shellcheck
  gcc-aarch64-linux-gnu)

say() { printf 'staleline: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# missing_packages PACKAGE...: those that are not installed, one a line. One call of dpkg-query, no network, no root.
missing_packages() {
  local have package
  # Its status is 1 where a package is unknown to it, which is what we want to learn.
  have=" $({ dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^installed //p' | tr '\n' ' ')"
  for package in "$@"; do
    [[ $have == *" $package "* ]] || printf '%s\n' "$package"
  done
}

# install_packages PACKAGE...: installs what is missing, after it has said what; nothing to do is silent.
install_packages() {
  local missing log
  local -a root=()
  if ! command -v dpkg-query >/dev/null; then
    say "this is not a Debian system; trying with what is here. On Debian 12 these packages are used: $*"
    return 0
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "these Debian packages are missing and will be installed: ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "that needs root, and there is no sudo. As root: apt-get update && apt-get install -y ${missing[*]}"
    root=(sudo)
    # Without a terminal nobody can type a password.
    [[ -t 0 ]] || root+=(-n)
  fi
  log=$(mktemp)
  if ! { "${root[@]}" apt-get -o Acquire::http::Timeout=20 update &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    if grep -qiE 'resolve|network|connect|failed to fetch|unable to locate|no installation candidate' "$log"; then
      say "the package mirror cannot be reached or does not have them: a network is needed this once."
    elif ((EUID != 0)) && grep -qi 'sudo' "$log"; then
      say "sudo gave no root rights."
    fi
    rm -f "$log"
    die "by hand, as root: apt-get update && apt-get install -y ${missing[*]}"
  fi
  rm -f "$log"
}

cores() { nproc 2>/dev/null || echo 2; }

# The compiler cache needs a folder that it may write to.
[[ -n ${CCACHE_DIR:-} || -w ${HOME:-/nonexistent} ]] || export CCACHE_DIR=$PWD/build/.ccache

# build_preset PRESET [TARGET...]: configures and builds build/PRESET, quiet unless something fails.
build_preset() {
  local preset=$1 folder log started
  shift
  folder=build/$preset
  log=$folder/build.log
  mkdir -p "$folder"
  # One build at a time in a folder: Ninja does not guard its own.
  exec {build_lock}>"$folder/.lock"
  flock "$build_lock"
  started=$SECONDS
  : >"$log"
  if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
    say "building $folder for the first time; that takes some minutes"
    cmake --fresh --preset "$preset" >>"$log" 2>&1 || build_failed "$log"
  elif [[ ! -e $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja ]]; then
    cmake --preset "$preset" >>"$log" 2>&1 || build_failed "$log"
  fi
  cmake --build "$folder" --parallel "$(cores)" ${1:+--target "$@"} >>"$log" 2>&1 || build_failed "$log"
  ((SECONDS - started < 10)) || say "$folder was built in $((SECONDS - started)) s"
  exec {build_lock}>&-
}

build_failed() {
  # From the first failure on, or else the end.
  if grep -q '^FAILED:' "$1"; then
    sed -n '/^FAILED:/,$p' "$1" | head -n 60 >&2
  else
    tail -n 25 "$1" >&2
  fi
  die "the build failed; everything it said is in $1"
}
