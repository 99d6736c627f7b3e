#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The part of try.sh inside the session:
#
#   try-session.sh BUILD_DIR RUNTIMES ADDRESS FILE 3>&1 4>&2
#
# builds, bundles and installs the Flatpak with the RUNTIMES repository, and has it upload FILE to
# ADDRESS, whose receiver stores into BUILD_DIR/flatpak/received.
set -eu

# The standard ones belong to the bus and the portals
exec >&3 2>&4 3>&- 4>&-

build=$1 runtimes=$2 address=$3 file=$4
here=$(dirname "$(realpath "$0")")
manifest=$here/io.github.galileosend.GalileoSend.yml
application_id=$(sed -n 's/^id: *//p' "$manifest")
bundle=$build/galileosend.flatpak
screenshot=$build/galileosend-flatpak.png
cd "$build/flatpak"

fail()
{
  echo "try-session.sh: $*" >&2
  exit 1
}

# wait_for SECONDS WHAT COMMAND…: until the command succeeds
wait_for()
{
  tries=$(($1 * 5)) what=$2
  shift 2
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "waited in vain for $what"
    kill -0 "$application_pid" 2> /dev/null ||
      fail "the application has ended: $(tail -5 application.log)"
    sleep 0.2
  done
}

quietly() # LOG COMMAND…
{
  log=$1
  shift
  "$@" > "$log" 2>&1 || { tail -40 "$log" >&2; fail "$1 failed"; }
}

window_is_open()
{
  xdotool search --onlyvisible --class galileosend > window 2> /dev/null
}

# A picture of the bare screen has one colour. GTK fades its widgets in, so it takes two that are equal.
picture_is_settled()
{
  import -window root "$screenshot"
  last_picture=${picture:-}
  picture=$(identify -format '%#' "$screenshot")
  [ "$(identify -format %k "$screenshot")" -gt 64 ] && [ "$picture" = "$last_picture" ]
}

flatpak --user remote-add --if-not-exists --no-gpg-verify stand-in "file://$runtimes"
quietly runtimes.log flatpak --user install --noninteractive --or-update stand-in \
        org.gnome.Platform//48 org.gnome.Sdk//48

quietly build.log flatpak-builder --user --force-clean --disable-download --disable-updates \
        --state-dir=state --repo=repo tree "$manifest"
quietly bundle.log flatpak build-bundle repo "$bundle" "$application_id" master
quietly install.log flatpak --user install --noninteractive --reinstall --bundle "$bundle"

# A permission more would be a hole, one less a program that does not work. Beside fallback-x11
# flatpak itself puts x11, for its older versions.
cat > permissions.expected <<'PERMISSIONS'
[Context]
shared=network;ipc;
sockets=x11;wayland;fallback-x11;
devices=dri;
PERMISSIONS
flatpak --user info --show-permissions "$application_id" | sed '/^$/d' > permissions
diff permissions.expected permissions || fail "the installed permissions are not those expected"

openbox > openbox.log 2>&1 &
flatpak --user run --file-forwarding "$application_id" --site="$address" @@ "$file" @@ \
        > application.log 2>&1 &
application_pid=$!

wait_for 60 "the window" window_is_open
received=received/$(basename "$file")
wait_for 60 "the upload" test -e "$received"
cmp "$file" "$received" || fail "the file is not the same after the upload"
wait_for 30 "a settled picture" picture_is_settled

flatpak kill "$application_id"
wait "$application_pid" || true
echo "Uploaded $(wc -c < "$file") bytes out of the sandbox, the same byte for byte"
