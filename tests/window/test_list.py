#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The list as somebody works it: filters, search, its menu, its order, and the site that it goes to."""

import pathlib
import sys

import gi

gi.require_version('Atspi', '2.0')

from gi.repository import Atspi

from kit import programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, WindowTest, xdotool


class ListTest(WindowTest):
    def rows(self, application):
        """The names of the rows that show, from the top."""
        application.root.accessible.clear_cache()
        shown = []
        for node in application.root.walk():
            if node.role == 'list item' and ', ' in node.name:
                shown.append((self.place(node)[1], node.name.split(', ')[0]))
        return [name for _, name in sorted(shown)]

    @staticmethod
    def place(node):
        """The middle of it, in the window."""
        box = node.accessible.get_extents(Atspi.CoordType.WINDOW)
        return box.x + box.width // 2, box.y + box.height // 2

    @staticmethod
    def press(application, name):
        """The button of just that name."""
        application.wait_for('push button', name)
        next(node for node in application.root.walk() if node.role == 'push button' and node.name == name).act('click')

    def wait_rows(self, application, *names):
        programs.wait_until(lambda: self.rows(application) == list(names), f'the rows {names}')

    def paused(self, address, *names):
        """The program with files that rest, in a window at the upper left."""
        application = Application(f'--site={address}')
        application.__enter__()
        self.addCleanup(application.__exit__, None, None, None)
        application.command('win.pause-all')
        application.add(*[self.file(name, 1000) for name in names])
        self.wait_rows(application, *names)
        window = application.x_window()
        xdotool('windowmove', '--sync', window, 0, 0)
        xdotool('windowactivate', '--sync', window)
        return application, window


class TestList(ListTest):
    def test_filters_and_search(self):
        self.window_manager()
        good = [self.file('first.jpg'), self.file('second.jpg')]
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', *good, '/nonexistent/gone.jpg') as application:
            application.row('second.jpg', 'Uploaded')
            application.row('gone.jpg', 'The file is not there')
            application.wait_for('push button', 'Done 2')
            application.wait_for('push button', 'Failed 1').act('click')
            self.wait_rows(application, 'gone.jpg')
            application.wait_for('push button', 'Waiting').act('click')
            application.wait_for('label', 'Nothing Is Waiting')
            self.press(application, 'All')
            self.wait_rows(application, 'gone.jpg', 'first.jpg', 'second.jpg')

            xdotool('windowactivate', '--sync', application.x_window())
            xdotool('key', 'ctrl+f')
            xdotool('type', 'SEC')
            self.wait_rows(application, 'second.jpg')
            xdotool('key', 'Escape')
            self.wait_rows(application, 'gone.jpg', 'first.jpg', 'second.jpg')
            # Letters that are typed into the list search it.
            xdotool('type', 'gon')
            self.wait_rows(application, 'gone.jpg')
            self.assert_received(*good)

    def test_menu(self):
        """By keyboard and by mouse."""
        self.window_manager()
        with programs.Receiver(self.received) as receiver:
            application, window = self.paused(receiver.address, 'a.bin', 'b.bin', 'c.bin')
            x, y = self.place(application.wait_for('list item', 'b.bin, '))
            xdotool('mousemove', '--window', window, x, y, 'click', 3)
            application.wait_for('menu item', 'Move to Bottom').act('click')
            self.wait_rows(application, 'a.bin', 'c.bin', 'b.bin')

            # It is what is selected now.
            xdotool('key', 'alt+Up')
            self.wait_rows(application, 'a.bin', 'b.bin', 'c.bin')
            xdotool('key', 'Menu')
            application.wait_for('menu item', 'Remove From List').act('click')
            self.wait_rows(application, 'a.bin', 'c.bin')
            xdotool('key', 'ctrl+z')
            self.wait_rows(application, 'a.bin', 'b.bin', 'c.bin')

    def test_dragged(self):
        """With the mouse, to another place of the list."""
        self.window_manager()
        with programs.Receiver(self.received) as receiver:
            application, window = self.paused(receiver.address, 'a.bin', 'b.bin', 'c.bin', 'd.bin')
            source_x, source_y = self.place(application.wait_for('list item', 'd.bin, '))
            target_x, target_y = self.place(application.wait_for('list item', 'a.bin, '))
            xdotool('mousemove', '--window', window, source_x, source_y, 'mousedown', 1)
            for step in range(1, 21):
                xdotool('mousemove', '--window', window, source_x + (target_x - source_x) * step // 20,
                        source_y + (target_y - 12 - source_y) * step // 20)
            xdotool('mouseup', 1)
            self.wait_rows(application, 'd.bin', 'a.bin', 'b.bin', 'c.bin')
            self.assert_received()
            application.command('win.pause-all')
            for name in ('a.bin', 'b.bin', 'c.bin', 'd.bin'):
                application.row(name, 'Uploaded')


class TestSite(ListTest):
    def entry(self, application, name):
        """That of the dialog, which comes after those of the window."""
        application.wait_for('push button', 'Cancel')
        return [node for node in application.root.walk() if node.role == 'text' and node.name == name][-1]

    def test_added(self):
        """A site with a name, from the menu of the first."""
        path = self.file('choir.wav')
        with programs.Receiver(self.directory) as other, programs.Receiver(self.received) as receiver, \
                Application(f'--site={other.address}') as application:
            application.command('win.choose-site')
            application.click('Add Site…')
            self.entry(application, 'Upload Address').write(receiver.address)
            self.entry(application, 'Name').write('Parish Website')
            self.press(application, 'Add')
            application.wait_for('label', 'They go to Parish Website')
            application.add(path)
            application.row('choir.wav', 'Uploaded')
            self.assert_received(path)

    def test_mended(self):
        """The address was wrong: it is changed from the row, and what failed goes to the right one."""
        path = self.file('choir.wav')
        with programs.GalileoSite(self.received) as site, \
                Application(f'--site={site.url("/elsewhere")}', path) as application:
            application.row('choir.wav', '/elsewhere')
            application.click('Site…: choir.wav')
            self.entry(application, 'Upload Address').write(site.url())
            application.click('Save')
            application.row('choir.wav', 'Uploaded')
            self.assert_received(path)


if __name__ == '__main__':
    tap.main()
