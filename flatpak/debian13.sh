#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Compiles everything against the libraries of Debian 13, where a warning is an error. They are
# newer than the floors that the build asks for (GTK 4.18 instead of 4.8, libsoup 3.6 instead of
# 3.2), so this finds what has been deprecated or has changed its type since. Its validators are newer
# too, so they have a look at the desktop file, the metainfo and the schema. Run as root:
#
#   debian13.sh BUILD_DIR [SUITE…]   compiles in BUILD_DIR/debian13, from scratch each time
#
# With a SUITE it also passes that part of the tests there, for example "galileo": newer libraries
# can behave differently without a warning. Suites that start other programs miss them there.
#
# The first run makes the Debian 13 (see local-runtime.sh). It is kept in GALILEOSEND_CACHE, which is
# by default galileosend in the user's cache folder.
set -eu

if [ $# -eq 0 ]; then
  echo "usage: debian13.sh BUILD_DIR [SUITE…]" >&2
  exit 2
fi

here=$(dirname "$(realpath "$0")")
source=$(dirname "$here")
cache=${GALILEOSEND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/galileosend}
mkdir -p "$1"
build=$(realpath "$1")/debian13
shift
for suite in "$@"; do
  set -- "$@" --suite "$suite"
  shift
done

"$here/local-runtime.sh" tree "$cache"
tree=$cache/debian13

rm -rf "$build"
mkdir "$build"

# in_debian13 COMMAND…: runs it with the tree as its system and with nothing writable but the build
# folder. The root folder is bubblewrap's own, so that no mount point has to be made in the tree.
in_debian13()
{
  bwrap --die-with-parent --unshare-all \
        --ro-bind "$tree/usr" /usr --ro-bind "$tree/etc" /etc --ro-bind "$tree/var" /var \
        --symlink usr/bin /bin --symlink usr/sbin /sbin \
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
        --dev /dev --proc /proc --tmpfs /tmp \
        --ro-bind "$source" "$source" --bind "$build" "$build" --chdir "$source" \
        --clearenv --setenv PATH /usr/bin:/bin --setenv HOME /tmp --setenv LANG C.UTF-8 \
        -- "$@"
}

in_debian13 meson setup -Dwerror=true "$build"
in_debian13 meson compile -C "$build"
in_debian13 meson test -C "$build" --print-errorlogs --suite data "$@"

for module in gtk4 libadwaita-1 libsoup-3.0 glib-2.0; do
  echo "$module $(in_debian13 pkg-config --modversion "$module")"
done
echo "Compiled against these of Debian 13 without a warning"
