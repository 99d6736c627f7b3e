#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another program with something at hand: a small window that it is dragged from, and that owns the clipboard.

Usage: hand.py FILE… | --image=PNG | --text=WORDS
It says "Ready" on standard output, "Taken" while what it is dragged over would take it, and ends on SIGTERM.
"""

import pathlib
import sys

import gi

gi.require_version('Gdk', '4.0')
gi.require_version('Gtk', '4.0')

from gi.repository import Gdk, Gio, GLib, Gtk


def data(kind, content):
    return Gdk.ContentProvider.new_for_bytes(kind, GLib.Bytes.new(content))


def provider(names):
    if names[0].startswith('--image='):
        return data('image/png', pathlib.Path(names[0].removeprefix('--image=')).read_bytes())
    if names[0].startswith('--text='):
        return data('text/plain;charset=utf-8', names[0].removeprefix('--text=').encode())
    files = [Gio.File.new_for_path(name) for name in names]
    uris = ''.join(f'{file.get_uri()}\r\n' for file in files)
    return Gdk.ContentProvider.new_union([
        data('text/uri-list', uris.encode()),
        data('text/plain;charset=utf-8', '\n'.join(names).encode()),
    ])


def main():
    Gtk.init()
    source = Gtk.DragSource(actions=Gdk.DragAction.COPY)
    source.connect('prepare', lambda *_: provider(sys.argv[1:]))

    def action_changed(drag, _):
        if drag.get_selected_action() == Gdk.DragAction.COPY:
            print('Taken', flush=True)
    source.connect('drag-begin', lambda _, drag: drag.connect('notify::selected-action', action_changed))

    label = Gtk.Label(label='Drag me')
    label.add_controller(source)
    window = Gtk.Window(title='Hand', default_width=200, default_height=200, child=label)
    window.present()
    window.get_clipboard().set_content(provider(sys.argv[1:]))

    def ready():
        print('Ready', flush=True)
        return False
    window.connect('map', lambda *_: GLib.idle_add(ready))
    if window.get_mapped():
        ready()

    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, 15, loop.quit)
    loop.run()


main()
