#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: with-display.sh PROGRAM [ARGUMENT…]
# Runs a program on an X display and a session bus of its own, and ends both with it.

set -u

if [ $# -eq 0 ]; then
  echo "Usage: ${0##*/} PROGRAM [ARGUMENT…]" >&2
  exit 2
fi

scratch=$(mktemp -d) || exit 1
display_pid=
bus_pid=
program_pid=

finish () {
  trap '' HUP INT TERM
  for pid in $program_pid $bus_pid $display_pid; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

# Each server writes its address when it listens; if it fails instead, the pipe ends without a line.
mkfifo "$scratch/display" "$scratch/bus" || exit 1

Xvfb -displayfd 3 -screen 0 "${SCREEN:-1280x1024x24}" -nolisten tcp -noreset \
  3>"$scratch/display" >"$scratch/display.log" 2>&1 &
display_pid=$!
if ! read -r number <"$scratch/display"; then
  echo "${0##*/}: Xvfb does not start:" >&2
  cat "$scratch/display.log" >&2
  exit 1
fi
export DISPLAY=":$number"

# The bus starts programs that look for these.
mkdir -m 700 "$scratch/runtime" || exit 1
export XDG_RUNTIME_DIR="$scratch/runtime"
export GDK_BACKEND=x11 GSK_RENDERER=cairo
unset WAYLAND_DISPLAY

# Of what the machine has, this bus starts only what screen readers need: no portal, no settings of somebody.
services="$XDG_RUNTIME_DIR/dbus-1/services"
mkdir -p "$services" || exit 1
cp /usr/share/dbus-1/services/org.a11y.Bus.service "$services/" 2>/dev/null
cat >"$scratch/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <servicedir>$services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END

dbus-daemon --config-file="$scratch/bus.conf" --nofork --print-address=3 3>"$scratch/bus" >"$scratch/bus.log" 2>&1 &
bus_pid=$!
if ! read -r DBUS_SESSION_BUS_ADDRESS <"$scratch/bus"; then
  echo "${0##*/}: dbus-daemon does not start:" >&2
  cat "$scratch/bus.log" >&2
  exit 1
fi
export DBUS_SESSION_BUS_ADDRESS

"$@" &
program_pid=$!
wait "$program_pid"
status=$?
program_pid=
exit "$status"
