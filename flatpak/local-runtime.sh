#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes GNOME's runtimes, or rather stand-ins for them, out of Debian 13 packages, so that the
# Flatpak can be built, installed and run where Flathub cannot be reached. Run as root:
#
#   local-runtime.sh runtimes FOLDER   org.gnome.Platform//48 and org.gnome.Sdk//48 in FOLDER/repo
#   local-runtime.sh tree FOLDER       a Debian 13 with the development packages in FOLDER/debian13
#
# Each takes about a minute and a gigabyte the first time. The result is kept, and is made anew when
# this script has changed; an interrupted run leaves nothing behind that looks finished.
#
# What the stand-ins prove: the manifest, the permissions, where files are installed, the portals
# and the bundle. What they do not prove: that the real runtime has every dependency. Their name is
# GNOME's, their contents are Debian's; quote a result with that remark.
set -eu

branch=48
suite=trixie

# What GNOME's platform has and the application needs at run time…
platform='
  libgtk-4-1 libgtk-4-bin gir1.2-gtk-4.0 libadwaita-1-0 libsoup-3.0-0 libjson-glib-1.0-0
  libgnutls30t64 libsecret-1-0 libsqlite3-0 glib-networking ca-certificates libglib2.0-bin
  gsettings-desktop-schemas dconf-gsettings-backend adwaita-icon-theme hicolor-icon-theme
  librsvg2-common shared-mime-info fontconfig fonts-dejavu-core
  libegl-mesa0 libgl1-mesa-dri libgles2 bash coreutils libc-bin tzdata iso-codes'

# …and what its SDK adds. Debian's pkgconf and meson stand for those of the freedesktop SDK.
sdk='
  gcc g++ libc6-dev make meson ninja-build pkgconf cmake gettext git patch file
  libgtk-4-dev libadwaita-1-dev libsoup-3.0-dev libjson-glib-dev libgnutls28-dev libsecret-1-dev
  libsqlite3-dev libglib2.0-dev-bin gobject-introspection libgirepository1.0-dev python3 python3-gi
  desktop-file-utils appstream appstream-util libxml2-utils gdb-minimal strace
  tar gzip xz-utils bzip2 unzip'

# The receiver is not part of the Flatpak, but it has to compile on Debian 13 too.
receiver='libwebsockets-dev libssl-dev'

usage()
{
  echo "usage: local-runtime.sh runtimes|tree FOLDER" >&2
  exit 2
}

fail()
{
  echo "local-runtime.sh: $*" >&2
  exit 1
}

# make_tree FOLDER PACKAGE…: an installed Debian, without its manuals
make_tree()
{
  target=$1
  shift
  mmdebstrap --quiet --mode=root --variant=essential --architectures=amd64 \
             --aptopt='Apt::Install-Recommends "false"' \
             --dpkgopt='path-exclude=/usr/share/doc/*' \
             --dpkgopt='path-exclude=/usr/share/man/*' \
             --dpkgopt='path-exclude=/usr/share/info/*' \
             --include="$(echo "$@" | tr -s ' \n' ',')" \
             "$suite" "$target"
}

# make_runtime NAME TREE REPOSITORY: turns a tree into the runtime org.gnome.NAME
make_runtime()
{
  name=$1 tree=$2 repository=$3
  export_folder=$tree.export

  # build-export insists on a folder "files", even though a runtime's files are in "usr"
  mkdir -p "$export_folder/files" "$export_folder/var"
  mv "$tree/usr" "$export_folder/usr"
  cp -a "$tree/etc" "$export_folder/usr/etc"

  # flatpak puts the host's accounts, names and clock here, and fails on files that are in its way
  (
    cd "$export_folder/usr/etc"
    rm -rf machine-id passwd* group* shadow* gshadow* hostname hosts resolv.conf localtime mtab \
           apt cron* debian_version init.d rc?.d systemd ld.so.cache ld.so.conf ld.so.conf.d
    cat > ld.so.conf <<-'CONF'
	include /run/flatpak/ld.so.conf.d/app-*.conf
	include /app/etc/ld.so.conf
	/app/lib64
	/app/lib
	include /run/flatpak/ld.so.conf.d/runtime-*.conf
	/usr/local/lib
	/usr/lib/x86_64-linux-gnu
	CONF
  )

  # A program names its loader as /lib64/ld-linux-x86-64.so.2, and /lib64 is the runtime's usr/lib64.
  # Without dpkg-architecture meson does not take this for Debian and installs to /app/lib, where the
  # loader and pkg-config look.
  (
    cd "$export_folder/usr"
    ln -sf x86_64-linux-gnu/ld-linux-x86-64.so.2 lib/ld-linux-x86-64.so.2
    rm -r lib64
    ln -s lib lib64
    rm -f bin/dpkg-architecture
  )

  # OSTree refuses set-user-id files and anything that is neither file, folder nor link
  find "$export_folder/usr" -type f -perm /6000 -exec chmod ug-s {} +
  find "$export_folder/usr" \( -type p -o -type s -o -type c -o -type b \) -delete

  cat > "$export_folder/metadata" <<METADATA
[Runtime]
name=org.gnome.$name
runtime=org.gnome.Platform/x86_64/$branch
sdk=org.gnome.Sdk/x86_64/$branch

[Environment]
GI_TYPELIB_PATH=/app/lib/girepository-1.0
METADATA

  flatpak build-export --runtime --disable-sandbox --no-update-summary \
          "$repository" "$export_folder" "$branch" > /dev/null
  rm -rf "$tree" "$export_folder"
}

make_runtimes()
{
  make_tree "$new/Platform" "$platform" &
  platform_pid=$!
  make_tree "$new/Sdk" "$platform" "$sdk"
  wait "$platform_pid"

  ostree --repo="$new/repo" init --mode=bare-user-only
  make_runtime Platform "$new/Platform" "$new/repo"
  make_runtime Sdk "$new/Sdk" "$new/repo"
  flatpak build-update-repo "$new/repo" > /dev/null
}

make_debian13()
{
  make_tree "$new/debian13" "$platform" "$sdk" "$receiver"
}

[ $# -eq 2 ] || usage
case $1 in
  runtimes) result=repo ;;
  tree) result=debian13 ;;
  *) usage ;;
esac
[ "$(uname -m)" = x86_64 ] || fail "only made for x86_64, this machine is $(uname -m)"
[ "$(id -u)" -eq 0 ] || fail "installing a Debian into a folder needs root: run it with sudo"

mkdir -p "$2"
folder=$(realpath "$2")
stamp=$folder/$result.stamp
version=$(cksum < "$0")

# Two checkouts may share the folder
exec 9> "$folder/$result.lock"
flock 9

if [ "$(cat "$stamp" 2> /dev/null)" = "$version" ] && [ -d "$folder/$result" ]; then
  exit 0
fi

echo "Making $folder/$result from Debian packages: about a minute and a gigabyte" >&2
new=$folder/$result.new
rm -rf "$new" "$stamp"
mkdir "$new"
case $result in
  repo) make_runtimes ;;
  debian13) make_debian13 ;;
esac
rm -rf "${folder:?}/$result"
mv "$new/$result" "$folder/$result"
rmdir "$new"
echo "$version" > "$stamp"
