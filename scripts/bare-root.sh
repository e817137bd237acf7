#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bare Debian 12 roots, for scripts/fresh-machine and scripts/reproducible, which read this file from the project's folder.

place=$PWD/build/fresh-machine
tar=$place/bookworm.tar

# With status 77: the machine can't do it.
skip() {
  echo "${0##*/}: skipped: $*"
  exit 77
}

# Makes $tar if it is not there yet, or skips.
need_bare_debian() {
  [ "$(id -u)" -eq 0 ] || skip "only root can make a Debian root"
  unshare --mount --pid --fork true 2>/dev/null || skip "this machine lets nobody mount"
  mkdir -p "$place"
  [ ! -s "$tar" ] || return 0
  if ! command -v mmdebstrap >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; } >"$place/apt.log" 2>&1 ||
      skip "mmdebstrap can't be installed: see $place/apt.log"
  fi
  make_bare_debian "$tar"
}

make_bare_debian() { # TAR
  mmdebstrap --quiet --format=tar --variant=apt bookworm "$1.new" 2>"$place/mmdebstrap.log" ||
    skip "mmdebstrap can't make a Debian root: see $place/mmdebstrap.log"
  mv "$1.new" "$1"
}

authorities=/usr/local/share/ca-certificates extra=
! compgen -G "$authorities/*.crt" >/dev/null || extra=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt

# With this machine's network: names, and authorities that it has of its own.
bare_root() { # ROOT [TAR]
  local file
  rm -rf --one-file-system "$1"
  mkdir -p "$1"
  tar -C "$1" -xf "${2:-$tar}"
  for file in resolv.conf hosts; do
    [ ! -e "/etc/$file" ] || cp -L "/etc/$file" "$1/etc/$file"
  done
  [ -z "$extra" ] || { mkdir -p "$1$authorities" && cp "$authorities"/*.crt "$1$authorities"; }
}

# Runs COMMAND... in the root's /srv/iam-census, or in $inside_folder, with the variables of the array inside_variables as
# well. Its mounts and its processes end with it.
inside() { # ROOT COMMAND...
  local root=$1
  shift
  # shellcheck disable=SC2016 # the inner shell expands these
  ${in_place:+exec} unshare --mount --uts --pid --fork --kill-child sh -euc '
    root=$1 folder=$2 host=$3; shift 3
    [ -z "$host" ] || hostname "$host"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    exec chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 CI=true \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
    sh "$root" "${inside_folder:=/srv/iam-census}" "${inside_host:-}" ${extra:+"$extra"} "${inside_variables[@]}" \
    sh -c "cd $inside_folder && exec \"\$@\"" sh "$@"
}
inside_variables=()
