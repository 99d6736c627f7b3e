# SPDX-License-Identifier: LGPL-2.1-or-later
"""The application as somebody sees and works it who has a screen reader, a mouse and a keyboard."""

import os
import pathlib
import subprocess
import tempfile

import gi

gi.require_version('Atspi', '2.0')

from gi.repository import Atspi, GLib

from kit import programs

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
        states = self._try(self.accessible.get_state_set)
        return states is not None and states.contains(Atspi.StateType.SENSITIVE)

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
            self.signal(15)
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
