# SPDX-License-Identifier: LGPL-2.1-or-later
"""The application as somebody sees and works it who has a screen reader, a mouse and a keyboard."""

import os
import pathlib
import select
import signal
import subprocess
import tempfile
import unittest

import gi

gi.require_version('Atspi', '2.0')

from gi.repository import Atspi, Gio, GLib

from kit import files, programs

NAME = 'Galileo Send'


def session():
    """What a program needs to find the display's session; the kit starts programs without it."""
    return {name: os.environ[name] for name in ('DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR')}


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Node:
    """An accessible object. One that has gone while it was looked at is as good as none."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        return self._try(self.accessible.get_role_name, '')

    @property
    def name(self):
        return self._try(self.accessible.get_name, '')

    @property
    def sensitive(self):
        return self._has_state(Atspi.StateType.SENSITIVE)

    def _has_state(self, state):
        states = self._try(self.accessible.get_state_set)
        return states is not None and states.contains(state)

    @property
    def checked(self):
        states = self._try(self.accessible.get_state_set)
        return states is not None and states.contains(Atspi.StateType.CHECKED)

    @staticmethod
    def _try(function, otherwise=None, *arguments):
        try:
            return function(*arguments)
        except GLib.Error:
            return otherwise

    def children(self):
        for index in range(self._try(self.accessible.get_child_count, 0)):
            child = self._try(self.accessible.get_child_at_index, None, index)
            if child is not None:
                yield Node(child)

    def walk(self):
        yield self
        for child in self.children():
            yield from child.walk()

    @property
    def focusable(self):
        return self._has_state(Atspi.StateType.FOCUSABLE)

    @property
    def focused(self):
        return self._has_state(Atspi.StateType.FOCUSED)

    def find(self, role, name):
        """The first node of that role whose name holds the text, or None."""
        for node in self.walk():
            if node.role == role and name in node.name:
                return node
        return None

    def act(self, name):
        count = self.accessible.get_n_actions()
        names = [self.accessible.get_action_name(index) for index in range(count)]
        assert name in names, f'{self.role} "{self.name}" has no action {name}, only {names}'
        self.accessible.do_action(names.index(name))

    def write(self, text):
        self.accessible.set_text_contents(text)


class Application(programs.Process):
    """The real program on the test's display, for a `with` block, at the end of which it must be quiet and gone."""

    def __init__(self, *arguments, environment=None):
        # Its list of uploads outlasts it only for who asks for that, with a folder of his own.
        self._state = tempfile.TemporaryDirectory(dir=programs.build_dir())
        super().__init__([str(programs.uploader()), *map(str, arguments)],
                         environment={**session(), 'XDG_CONFIG_HOME': '/nonexistent', 'XDG_STATE_HOME': self._state.name,
                                      'GSETTINGS_SCHEMA_DIR': str(programs.build_dir() / 'data'),
                                      **(environment or {})})

    def __enter__(self):
        self.root = programs.wait_until(self._find_root, 'the application on the accessibility bus')
        return self

    def _find_root(self):
        desktop = Atspi.get_desktop(0)
        for node in Node(desktop).children():
            if node.name == 'galileosend' and node.find('frame', NAME):
                if Node._try(node.accessible.get_process_id, 0) in (self.pid, 0):
                    return node
        return None

    def __exit__(self, kind, error, trace):
        if self.status is None:
            self.signal(signal.SIGTERM)
            self.wait()
        self._state.cleanup()
        if kind is None:
            assert not self.stderr.strip(), self.stderr

    def window(self):
        return self.wait_for('frame', NAME)

    def wait_for(self, role, name, seconds=programs.PATIENCE):
        # The cache of libatspi lags behind a program that makes and drops many objects.
        def look():
            self.root.accessible.clear_cache()
            return self.root.find(role, name)
        return programs.wait_until(look, f'{role} "{name}"', seconds)

    def wait_gone(self, role, name):
        def look():
            self.root.accessible.clear_cache()
            return self.root.find(role, name) is None
        programs.wait_until(look, f'no {role} "{name}"')

    def click(self, name):
        def enabled():
            button = self.wait_for('push button', name)
            return button if button.sensitive else None
        programs.wait_until(enabled, f'button "{name}" enabled').act('click')

    def command(self, action):
        """An action of the window."""
        def enabled():
            window = self.window()
            count = window.accessible.get_n_actions()
            return action in [window.accessible.get_action_name(index) for index in range(count)] and window
        programs.wait_until(enabled, f'{action} enabled').act(action)

    def row(self, name, words):
        """Waits for the row of that file with these words."""
        def look():
            self.root.accessible.clear_cache()
            for node in self.root.walk():
                if node.role == 'list item' and node.name.startswith(f'{name}, ') and words in node.name:
                    return node
            return None
        return programs.wait_until(look, f'the row of {name} with "{words}"')

    def add(self, *files, site=None):
        """As a second start of the program does."""
        options = [] if site is None else [f'--site={site}']
        second = Application(*options, *files)
        assert second.wait() == 0, second.stderr

    def x_window(self, title=NAME):
        def look():
            try:
                return xdotool('search', '--onlyvisible', '--name', f'^{title}$').split()
            except subprocess.CalledProcessError:
                return None
        return programs.wait_until(look, f'window "{title}" on the display')[-1]

    def peak_memory_kb(self):
        for line in pathlib.Path(f'/proc/{self.pid}/status').read_text().splitlines():
            if line.startswith('VmHWM:'):
                return int(line.split()[1])
        raise AssertionError('no VmHWM')


class StartedByOthers(Application):
    """The application that owns this name on the bus, whoever started it. Its standard error is in a file."""

    def __init__(self, name, words):
        self._words = words
        self.status = None
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)

        def ask():
            try:
                return bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                                     'GetConnectionUnixProcessID', GLib.Variant('(s)', (name,)), None, 0, -1,
                                     None).unpack()[0]
            except GLib.Error:
                return None
        self.pid = programs.wait_until(ask, f'{name} on the bus')

    def __exit__(self, kind, error, trace):
        descriptor = os.pidfd_open(self.pid)
        try:
            self.signal(signal.SIGTERM)
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            assert poll.poll(programs.PATIENCE * 1000), 'still running'
        finally:
            os.close(descriptor)
        if kind is None:
            assert not self._words.read_text(), self._words.read_text()


class WindowTest(unittest.TestCase):
    """Folders for files to send and for what is received, and what else there is on a display."""

    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.received = self.directory / 'received'
        self.received.mkdir()

    def file(self, name, size=100_000):
        return files.random_file(self.directory / name, size)

    def assert_received(self, *paths, folder=None):
        received = files.tree(folder or self.received)
        self.assertEqual(sorted(received), sorted(path.name for path in paths))
        for path in paths:
            self.assertTrue(files.same_file(path, received[path.name]), path)

    def window_manager(self):
        manager = programs.Process(['openbox'], environment=session())
        self.addCleanup(manager.wait)
        self.addCleanup(manager.signal, 15)
        programs.wait_until(lambda: subprocess.run(['xdotool', 'get_num_desktops'], check=False,
                                                   capture_output=True).returncode == 0, 'the window manager')

    def hand(self, *paths):
        """Another program that has these files; see hand.py."""
        hand = programs.Process(['/usr/bin/python3', str(pathlib.Path(__file__).with_name('hand.py')),
                                 *map(str, paths)],
                                environment={**session(), 'GTK_A11Y': 'none'})
        self.addCleanup(hand.wait)
        self.addCleanup(hand.signal, 15)
        hand.wait_line(lambda line: line == 'Ready', 'the helper with files at hand')
        return hand

    def drag(self, application, *paths, to='127.0.0.1'):
        """With the mouse, from the window of another program, which is gone afterwards."""
        hand = self.hand(*paths)
        source, target = application.x_window('Hand'), application.x_window()
        xdotool('windowmove', '--sync', source, 20, 20)
        xdotool('windowmove', '--sync', target, 400, 20)
        xdotool('windowactivate', '--sync', source)
        xdotool('mousemove', '--window', source, 100, 120, 'mousedown', 1)
        for _ in range(20):
            xdotool('mousemove_relative', '--sync', 30, 5)
        application.wait_for('label', f'Upload to {to}')
        hand.wait_line(lambda line: line == 'Taken', 'a window that takes files')
        xdotool('mouseup', 1)
        for path in paths:
            application.wait_for('list item', f'{path.name}, ')
        hand.signal(15)
        hand.wait()
