# SPDX-License-Identifier: LGPL-2.1-or-later
"""What another program has copied, or holds under the mouse, given to the real one."""

import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time
import unittest

import gi

gi.require_version('GdkPixbuf', '2.0')

from gi.repository import GdkPixbuf, GLib

from kit import files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, session, xdotool

HERE = pathlib.Path(__file__).parent
NAME = re.compile(r'Pasted \d{4}-\d\d-\d\d \d\d-\d\d-\d\d( \(\d+\))?\.png')
DAY = 24 * 60 * 60


class TestClipboard(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.received = self.directory / 'received'
        self.received.mkdir()
        self.state = self.directory / 'state'
        self.pasted = self.state / 'galileosend/pasted'
        self.kept = {'XDG_STATE_HOME': str(self.state)}
        manager = programs.Process(['openbox'], environment=session())
        self.addCleanup(manager.wait)
        self.addCleanup(manager.signal, 15)
        programs.wait_until(lambda: subprocess.run(['xdotool', 'get_num_desktops'], check=False,
                                                   capture_output=True).returncode == 0, 'the window manager')

    def image(self, width=64, height=48):
        """An image of random pixels, some of them seen through."""
        pixels = GLib.Bytes.new(os.urandom(width * height * 4))
        pixbuf = GdkPixbuf.Pixbuf.new_from_bytes(pixels, GdkPixbuf.Colorspace.RGB, True, 8, width, height, width * 4)
        path = self.directory / 'image.png'
        pixbuf.savev(str(path), 'png', [], [])
        return path

    def hand(self, argument):
        hand = programs.Process(['/usr/bin/python3', str(HERE / 'hand.py'), str(argument)],
                                environment={**session(), 'GTK_A11Y': 'none'})
        self.addCleanup(hand.wait)
        self.addCleanup(hand.signal, 15)
        hand.wait_line(lambda line: line == 'Ready', 'the program that copies')
        return hand

    def paste(self, application):
        xdotool('windowactivate', '--sync', application.x_window())
        xdotool('key', 'ctrl+v')

    def wait_uploaded(self, application):
        def look():
            application.root.accessible.clear_cache()
            return any(node.role == 'list item' and node.name.startswith('Pasted ') and 'Uploaded' in node.name
                       for node in application.root.walk())
        programs.wait_until(look, 'the pasted image uploaded')

    def assert_image(self, path, expected):
        self.assertEqual(path.read_bytes()[:8], b'\x89PNG\r\n\x1a\n')
        one, other = (GdkPixbuf.Pixbuf.new_from_file(str(file)) for file in (path, expected))
        self.assertEqual((one.get_width(), one.get_height()), (other.get_width(), other.get_height()))
        # What is seen through entirely has no color.
        for a, b in zip(*(zip(*[iter(pixbuf.get_pixels())] * 4) for pixbuf in (one, other))):
            self.assertEqual(a[3], b[3])
            if a[3] == 255:
                self.assertEqual(a, b)

    def assert_received_image(self, expected):
        received = files.tree(self.received)
        self.assertEqual(len(received), 1, received)
        name, path = next(iter(received.items()))
        self.assertRegex(name, NAME)
        self.assert_image(pathlib.Path(path), expected)
        return name

    def test_image(self):
        """It arrives; its file stays for as long as it is in the list, and goes at a later start."""
        image = self.image()
        with programs.Receiver(self.received) as receiver:
            with Application(f'--site={receiver.address}', environment=self.kept) as application:
                self.hand(f'--image={image}')
                self.paste(application)
                self.wait_uploaded(application)
                name = self.assert_received_image(image)
            kept = self.pasted / name
            self.assert_image(kept, image)

            os.utime(kept, (time.time() - 2 * DAY,) * 2)
            other = self.pasted / 'photo.png'
            other.write_bytes(b'')
            orphan = self.pasted / 'Pasted 2026-01-02 03-04-05.png'
            orphan.write_bytes(b'')
            os.utime(orphan, (time.time() - 2 * DAY,) * 2)
            with Application(environment=self.kept) as application:
                application.row(name, 'Uploaded')
                programs.wait_until(lambda: not orphan.exists(), 'the file that nothing refers to to go')
                self.assertTrue(kept.exists())
                application.command('win.clear-finished')
                application.wait_gone('list item', name)
            with Application(environment=self.kept):
                programs.wait_until(lambda: not kept.exists(), 'the file that was in the list to go')
                self.assertTrue(other.exists())

    def test_list_of_another(self):
        """Whoever does not know what is in the list deletes nothing that may be."""
        with Application(environment=self.kept) as application:
            application.wait_for('label', 'Add a Site')
        self.pasted.mkdir()
        orphan = self.pasted / 'Pasted 2026-01-02 03-04-05.png'
        orphan.write_bytes(b'')
        os.utime(orphan, (time.time() - 2 * DAY,) * 2)

        with contextlib.closing(sqlite3.connect(self.pasted.parent / 'queue.db')) as other:
            other.execute('BEGIN EXCLUSIVE')
            with Application(environment=self.kept) as application:
                application.wait_for('label', "The list of uploads can't be saved")
        self.assertTrue(orphan.exists())
        with Application(environment=self.kept):
            programs.wait_until(lambda: not orphan.exists(), 'the file that nothing refers to to go')

    def test_no_site(self):
        """It waits for one."""
        image = self.image()
        with programs.Receiver(self.received) as receiver, Application(environment=self.kept) as application:
            self.hand(f'--image={image}')
            entry = application.wait_for('text', 'Upload Address')
            application.wait_for('label', 'Add a Site')
            application.command('win.paste')
            application.wait_for('label', '.png” is ready to go')
            entry.write(receiver.address)
            application.click('Use This Site')
            self.wait_uploaded(application)
            self.assert_received_image(image)

    def test_text(self):
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', environment=self.kept) as application:
            self.hand('--text=words')
            self.paste(application)
            application.wait_for('label', 'Only files, folders and images can be pasted')
            self.assertEqual(files.tree(self.received), {})
            self.assertFalse(self.pasted.exists())

    def test_no_image(self):
        """Something that says it is one."""
        broken = files.random_file(self.directory / 'broken.png', 1000)
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', environment=self.kept) as application:
            self.hand(f'--image={broken}')
            self.paste(application)
            application.wait_for('label', "The image can't be added: ")
            self.assertEqual(files.tree(self.received), {})

    def test_folder_cannot_be_written(self):
        self.pasted.parent.mkdir(parents=True)
        self.pasted.write_bytes(b'')
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', environment=self.kept) as application:
            self.hand(f'--image={self.image()}')
            self.paste(application)
            application.wait_for('label', "The image can't be added: ")
            self.assertEqual(files.tree(self.received), {})

    def test_dragged(self):
        """With the mouse, from the window of another program."""
        image = self.image()
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', environment=self.kept) as application:
            target = application.x_window()
            self.hand(f'--image={image}')
            source = application.x_window('Hand')
            xdotool('windowmove', '--sync', source, 20, 20)
            xdotool('windowmove', '--sync', target, 400, 20)
            xdotool('windowactivate', '--sync', source)
            xdotool('mousemove', '--window', source, 100, 120, 'mousedown', 1)
            for _ in range(20):
                xdotool('mousemove_relative', '--sync', 30, 5)
            application.wait_for('label', 'Upload to 127.0.0.1')
            xdotool('mouseup', 1)
            self.wait_uploaded(application)
            self.assert_received_image(image)


if __name__ == '__main__':
    tap.main()
