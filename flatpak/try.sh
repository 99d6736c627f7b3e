#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds the Flatpak, bundles it, installs the bundle, and sees it at work: on a screen of its own it
# opens its window and uploads a file out of the sandbox, which has to arrive byte for byte.
#
#   try.sh BUILD_DIR    BUILD_DIR is a finished build of this checkout, for the receiver in it. Root.
#
# Leaves BUILD_DIR/galileosend.flatpak and BUILD_DIR/galileosend-flatpak.png, and its working files in
# BUILD_DIR/flatpak. The runtimes are stand-ins, made once and kept in GALILEOSEND_CACHE, by default
# galileosend in the user's cache folder; local-runtime.sh says what they prove and what not.
#
# This is the part outside of the session: the screen, the receiver and the file. try-session.sh is
# the other one.
set -eu

fail()
{
  echo "try.sh: $*" >&2
  exit 1
}

wait_for_line() # FILE PATTERN
{
  tries=100
  until grep -q "$2" "$1"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "nothing like $2 came in $1"
    sleep 0.1
  done
}

if [ $# -ne 1 ]; then
  echo "usage: try.sh BUILD_DIR" >&2
  exit 2
fi
[ "$(id -u)" -eq 0 ] || fail "making a session for the sandbox needs root: run it with sudo"
[ -e /dev/fuse ] || fail "the portal that hands files to the sandbox needs /dev/fuse"

here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
work=$build/flatpak
receiver=$build/src/receiver/galileosend-receiver
[ -x "$receiver" ] || fail "$receiver is missing: build the checkout first"

mkdir -p "${GALILEOSEND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/galileosend}"
cache=$(realpath "${GALILEOSEND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/galileosend}")
"$here/local-runtime.sh" runtimes "$cache"

# The installed runtimes are in the cache too, so another checkout has to wait
exec 9> "$cache/try.lock"
flock 9

# What flatpak-builder keeps in "state" makes the next build quicker. The rest is from the last time.
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -name state -exec rm -rf {} +
rm -f "$build/galileosend.flatpak" "$build/galileosend-flatpak.png"
mkdir "$work/home" "$work/sample" "$work/received"

# Not a whole number of chunks, and a name with a blank
sample="$work/sample/Sidereus Nuncius.bin"
head -c 5000011 /dev/urandom > "$sample"

# Unshare ignores the gentle signals, and its session dies with it
xvfb_pid='' receiver_pid='' session_pid=''
stop()
{
  [ -z "$session_pid" ] || kill -KILL "$session_pid" || true
  for pid in $receiver_pid $xvfb_pid; do
    kill "$pid" || true
    wait "$pid" || true
  done
}
trap 'stop 2> /dev/null' EXIT
trap 'exit 1' HUP INT TERM

Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp \
     3> "$work/display" > "$work/xvfb.log" 2>&1 9>&- &
xvfb_pid=$!
"$receiver" -d "$work/received" -p 0 --json > "$work/receiver.log" 2>&1 9>&- &
receiver_pid=$!
wait_for_line "$work/display" .
wait_for_line "$work/receiver.log" '^Listening on '
display=:$(cat "$work/display")
address=$(sed -n 's/^Listening on //p' "$work/receiver.log")

# The document portal shows its files in XDG_RUNTIME_DIR, which must be /run/user/UID for the sandbox
# to find them. Without a log-in there is no such folder, and with one it belongs to that session: so
# it is mounted here for this run alone. The process namespace takes the portals and the sandbox down
# with the session; its first process has to be one that reaps orphans, hence no exec at the end.
# The bus and the portals are chatty: descriptors 3 and 4 are for what the session says itself.
unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -c '
  set -e
  mkdir -p /run/user
  mount -t tmpfs tmpfs /run/user
  mkdir -m 700 "/run/user/$(id -u)"
  home=$1 installation=$2 display=$3
  shift 3
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME="$home" DISPLAY="$display" \
      XDG_RUNTIME_DIR="/run/user/$(id -u)" XDG_CURRENT_DESKTOP=GNOME \
      FLATPAK_USER_DIR="$installation" \
      dbus-run-session -- "$@"
  exit' \
  sh "$work/home" "$cache/installation" "$display" \
  "$here/try-session.sh" "$build" "$cache/repo" "$address" "$sample" \
  3>&1 4>&2 > "$work/session.log" 2>&1 9>&- &
session_pid=$!
wait "$session_pid" || { session_pid=''; fail "failed, the logs are in $work"; }
session_pid=''
echo "Installed from $build/galileosend.flatpak, its window is on $build/galileosend-flatpak.png"
