#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The program for the action: the one that is given, or that of a release if it has the sums that the release says.
set -euo pipefail

fail() { echo "iam-census: $*" >&2; exit 1; }
found() { # PATH
  "$1" version
  echo "path=$1" >>"$GITHUB_OUTPUT"
  exit
}

if [ -n "$INPUT_BINARY" ]; then
  [[ $INPUT_BINARY != *$'\n'* ]] || fail "the input 'binary' has more than one line"
  program=$(realpath -e -- "$INPUT_BINARY") || fail "the input 'binary' is no file: $INPUT_BINARY"
  [ -x "$program" ] || fail "the input 'binary' can't be run: chmod +x $program"
  found "$program"
fi

[[ $INPUT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "the input 'version' must be like 0.1.0"
case $RUNNER_OS-$RUNNER_ARCH in
  Linux-X64) arch=x86_64 ;;
  Linux-ARM64) arch=arm64 ;;
  *) fail "there is no program for $RUNNER_OS on $RUNNER_ARCH: use a runner with Linux on x86_64 or arm64" ;;
esac
url=${INPUT_RELEASE_URL:-$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$INPUT_VERSION}
zip=iam-census-lambda-$arch.zip
folder=$(mktemp -d "$RUNNER_TEMP/iam-census-XXXXXX")
cd "$folder"
for file in SHA256SUMS "$zip"; do
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 --max-time 300 \
    --max-filesize 67108864 --output "$file" -- "$url/$file" || fail "$file can't be downloaded from $url"
done
# Exactly one line of the sums is about this file, and it must hold.
grep -E "^[0-9a-f]{64}  $zip\$" SHA256SUMS >sum || fail "SHA256SUMS of the release does not name $zip"
[ "$(wc -l <sum)" -eq 1 ] || fail "SHA256SUMS of the release names $zip more than once"
sha256sum --check --strict --quiet sum || fail "$zip is not the file that SHA256SUMS names: it is not used"
[ -z "$INPUT_SHA256" ] || [ "$(cut -d' ' -f1 sum)" = "$INPUT_SHA256" ] ||
  fail "$zip is not the file of the input 'sha256': it is not used"
unzip -p "$zip" bootstrap >iam-census || fail "there is no program in $zip"
chmod +x iam-census
found "$folder/iam-census"
