#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a desktop has on its session bus: the portal for the background, notifications, the session manager and a dock.

Usage: desktop.py [--background=yes|no|silent] [--notifications=gtk|freedesktop] [--without-portal]

It says "Ready" on standard output, then what it is asked, as JSON lines, and ends on SIGTERM.
"""

import argparse
import json
import sys

import gi

gi.require_version('Gio', '2.0')

from gi.repository import Gio, GLib

PORTAL = 'org.freedesktop.portal.Desktop'
PORTAL_PATH = '/org/freedesktop/portal/desktop'

INTERFACES = '''
<node>
  <interface name="org.freedesktop.portal.Background">
    <property name="version" type="u" access="read"/>
    <method name="RequestBackground">
      <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
    </method>
    <method name="SetStatus"><arg type="a{sv}" direction="in"/></method>
  </interface>
  <interface name="org.freedesktop.portal.Request">
    <method name="Close"/>
    <signal name="Response"><arg type="u"/><arg type="a{sv}"/></signal>
  </interface>
  <interface name="org.gtk.Notifications">
    <method name="AddNotification">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
    </method>
    <method name="RemoveNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/></method>
  </interface>
  <interface name="org.freedesktop.Notifications">
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="CloseNotification"><arg type="u" direction="in"/></method>
  </interface>
  <interface name="org.gnome.SessionManager">
    <method name="Inhibit">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="u" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="Uninhibit"><arg type="u" direction="in"/></method>
  </interface>
</node>
'''


def say(event, **facts):
    print(json.dumps({'event': event, **facts}), flush=True)


class Desktop:
    def __init__(self, options):
        self.options = options
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.infos = {info.name: info for info in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces}
        self.cookie = 0
        self.requests = {}

        self.export(PORTAL_PATH, 'org.freedesktop.portal.Background')
        if not options.without_portal:
            self.own(PORTAL)
        if options.notifications == 'gtk':
            self.export('/org/gtk/Notifications', 'org.gtk.Notifications')
            self.own('org.gtk.Notifications')
        else:
            self.export('/org/freedesktop/Notifications', 'org.freedesktop.Notifications')
            self.own('org.freedesktop.Notifications')
        self.export('/org/gnome/SessionManager', 'org.gnome.SessionManager')
        self.own('org.gnome.SessionManager')
        self.bus.signal_subscribe(None, 'com.canonical.Unity.LauncherEntry', 'Update', None, None, 0, self.launcher)

    def own(self, name):
        self.bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', (name, 4)), None, 0, -1, None)

    def export(self, path, interface):
        return self.bus.register_object(path, self.infos[interface], self.called, self.property, None)

    def property(self, _bus, _sender, _path, _interface, _name):
        return GLib.Variant('u', 2)

    def launcher(self, _bus, _sender, _path, _interface, _signal, parameters):
        uri, entry = parameters.unpack()
        say('launcher', uri=uri, **entry)

    def called(self, _bus, sender, path, _interface, method, parameters, invocation):
        answer = getattr(self, method)(sender, path, *parameters.unpack())
        # What is called without wanting an answer gets none from the bus either.
        invocation.return_value(answer)

    # The portal

    def RequestBackground(self, sender, _path, parent, options):
        path = f'{PORTAL_PATH}/request/{sender[1:].replace(".", "_")}/{options["handle_token"]}'
        say('request', parent=parent, **options)
        self.requests[path] = self.export(path, 'org.freedesktop.portal.Request')
        if self.options.background != 'silent':
            allowed = self.options.background == 'yes'
            results = {'background': GLib.Variant('b', allowed), 'autostart': GLib.Variant('b', False)}
            # Before the call has returned, as it may.
            self.bus.emit_signal(sender, path, 'org.freedesktop.portal.Request', 'Response',
                                 GLib.Variant('(ua{sv})', (0 if allowed else 1, results)))
        return GLib.Variant('(o)', (path,))

    def Close(self, _sender, path):
        say('close')
        self.bus.unregister_object(self.requests.pop(path))

    def SetStatus(self, _sender, _path, options):
        say('status', **options)

    # Notifications

    def AddNotification(self, _sender, _path, application, identity, notification):
        say('notification', application=application, id=identity, **{
            key: value for key, value in notification.items() if key != 'icon'})

    def RemoveNotification(self, _sender, _path, _application, identity):
        say('withdrawn', id=identity)

    def Notify(self, _sender, _path, _name, _replaces, _icon, title, body, actions, hints, _timeout):
        say('notification', title=title, body=body, actions=actions, urgency=hints.get('urgency'))
        return GLib.Variant('(u)', (1,))

    def CloseNotification(self, _sender, _path, identity):
        say('withdrawn', id=identity)

    # The session

    def Inhibit(self, _sender, _path, application, _window, reason, flags):
        self.cookie += 1
        say('inhibit', application=application, reason=reason, flags=flags, cookie=self.cookie)
        return GLib.Variant('(u)', (self.cookie,))

    def Uninhibit(self, _sender, _path, cookie):
        say('uninhibit', cookie=cookie)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--background', choices=['yes', 'no', 'silent'], default='yes')
    parser.add_argument('--notifications', choices=['gtk', 'freedesktop'], default='gtk')
    parser.add_argument('--without-portal', action='store_true')
    desktop = Desktop(parser.parse_args())
    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, 15, loop.quit)
    print('Ready', flush=True)
    loop.run()
    desktop.bus.flush_sync()


sys.exit(main())
