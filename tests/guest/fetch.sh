#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches guests from Debian's packages into build/guests, and prints what is there, one guest a line:
#   NAME PACKAGE VERSION SHA256 PATH
#
#   tests/guest/fetch.sh                  every guest
#   tests/guest/fetch.sh u-boot           only these
#   tests/guest/fetch.sh --update linux   again, in the version that the mirror has now
#
# What is there stays there, and no network is asked. Exit 77: something could not be had, and why is on stderr.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
# shellcheck source=.ci/setup.sh
source .ci/setup.sh

# Guest: its package, and the file in it.
declare -A package=(
  [u-boot]=u-boot-qemu
  [linux]=debian-installer-12-netboot-arm64
)
declare -A file=(
  [u-boot]=usr/lib/u-boot/qemu_arm64/u-boot.bin
  [linux]=usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/linux
)
guests=(u-boot linux)
folder=build/guests

skip() { say "skipped: $*"; exit 77; }

# unpack GUEST DEB: the one file, its package's version and its sha256 in a line beside it.
unpack() {
  local guest=$1 deb=$2 name
  name=$(basename "${file[$guest]}")
  mkdir -p "$folder/$guest"
  dpkg-deb --fsys-tarfile "$deb" | tar --extract --to-stdout "./${file[$guest]}" >"$folder/$guest/$name.part"
  [[ -s $folder/$guest/$name.part ]] || die "$deb has no ${file[$guest]}"
  mv "$folder/$guest/$name.part" "$folder/$guest/$name"
  record "$guest" "$(dpkg-deb --field "$deb" Version)"
}

# record GUEST VERSION: last, so that a line means that all is there.
record() {
  local path
  path=$folder/$1/$(basename "${file[$1]}")
  printf '%s %s %s %s %s\n' "$1" "${package[$1]}" "$2" "$(sha256sum "$path" | cut -d' ' -f1)" "$path" \
    >"$folder/$1/guest.txt"
}

fetch() {
  local guest=$1 p=${package[$1]} scratch version
  # A package that is installed is the guest without any network.
  version=$({ dpkg-query --show --showformat='${db:Status-Status} ${Version}' "$p" 2>/dev/null || true; } |
    sed -n 's/^installed //p')
  if [[ -z $update && -n $version && -s /${file[$guest]} ]]; then
    mkdir -p "$folder/$guest"
    cp "/${file[$guest]}" "$folder/$guest/"
    record "$guest" "$version"
    return
  fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    skip "$guest comes from Debian's package $p, and this is no Debian system"
  fi
  scratch=$(mktemp -d "$PWD/$folder/.fetch.XXXXXX")
  say "downloading $p from Debian's mirror"
  if ! (cd "$scratch" && apt-get -o Acquire::http::Timeout=20 -o Acquire::Retries=1 download "$p" >log 2>&1); then
    tail -n 3 "$scratch/log" >&2
    rm -rf "$scratch"
    skip "no $p: the mirror cannot be reached or the package lists are too old (as root: apt-get update)"
  fi
  unpack "$guest" "$(find "$scratch" -name '*.deb' -print -quit)"
  rm -rf "$scratch"
}

update=
if [[ ${1:-} == --update ]]; then
  update=1
  shift
fi
(($#)) || set -- "${guests[@]}"
for guest in "$@"; do
  [[ -n ${package[$guest]:-} ]] || die "no guest '$guest'; there are: ${guests[*]}"
done
mkdir -p "$folder"
exec {lock}>"$folder/.lock"
flock "$lock"
for guest in "$@"; do
  [[ -s $folder/$guest/guest.txt && -z $update ]] || fetch "$guest"
  cat "$folder/$guest/guest.txt"
done
