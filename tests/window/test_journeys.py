#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ways through the whole application from one end to the other, as people and other programs go them."""

import os
import pathlib
import shutil
import subprocess
import sys

from kit import files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, StartedByOthers, WindowTest, session, xdotool

APPLICATION_ID = 'io.github.galileosend.GalileoSend'


class TestSites(WindowTest):
    def test_two_kinds(self):
        """A Mojolicious site first and galileosend-receiver then, in one run."""
        first = [self.file('site 1.bin', 3_000_000), self.file('site 2.txt', 1), self.file('site empty', 0)]
        second = [self.file('Ünïcödé.bin', 2_500_001), self.file('receiver empty', 0)]
        at_site = self.directory / 'site'
        at_site.mkdir()
        with programs.GalileoSite(at_site) as site, programs.Receiver(self.received) as receiver, \
                Application(f'--site={site.url()}', *first) as application:
            for path in first:
                application.row(path.name, 'Uploaded')
            application.add(*second, site=receiver.address)
            for path in second:
                application.row(path.name, 'checksum verified by the site')
            self.assert_received(*first, folder=at_site)
            self.assert_received(*second)

    def test_comes_later(self):
        """Nobody is there at first. The row says so, and one click is enough once somebody is."""
        path = self.file('choir.wav')
        with programs.Receiver(self.received) as receiver:
            port = receiver.port
        with Application(f'--site=ws://127.0.0.1:{port}/upload', path) as application:
            application.row('choir.wav', "Can't reach 127.0.0.1: connection refused")
            with programs.Receiver(self.received, port=port):
                application.click('Retry: choir.wav')
                application.row('choir.wav', 'Uploaded')
            self.assert_received(path)

    def test_not_found(self):
        """A wrong address is told and given up, and the same file goes to the right one."""
        path = self.file('choir.wav')
        with programs.GalileoSite(self.received) as site:
            with Application(f'--site={site.url("/elsewhere")}', path) as application:
                application.row('choir.wav', '/elsewhere')
                self.assert_received()
                application.click('Remove From List: choir.wav')
                application.wait_gone('list item', 'choir.wav')
                application.add(path, site=site.url())
                application.row('choir.wav', 'Uploaded')
                self.assert_received(path)


class TestDragging(WindowTest):
    def test_again_and_again(self):
        """Twenty times, each time from a new window."""
        self.window_manager()
        dragged = []
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}') as application:
            for number in range(1, 21):
                paths = [self.file(f'{number:02}-{index} dragged.bin', 50_000 * index)
                         for index in range(number % 3 + 1)]
                self.drag(application, *paths)
                dragged += paths
                programs.wait_until(lambda: len(files.tree(self.received)) == len(dragged), f'the files of {number}')
            application.row(dragged[-1].name, 'Uploaded')
            self.assert_received(*dragged)


class TestOpenWith(WindowTest):
    """As a file manager starts it, by the desktop file that is installed."""

    def setUp(self):
        super().setUp()
        self.words = self.directory / 'words'
        self.words.touch()
        self.share = self.directory / 'share'
        (self.share / 'applications').mkdir(parents=True)
        self.desktop_file = self.share / 'applications' / f'{APPLICATION_ID}.desktop'
        shutil.copy(programs.build_dir() / 'data' / self.desktop_file.name, self.desktop_file)

        # The program with a folder of its own for its list; and where programs are found by their name.
        self.program = self.directory / 'galileosend'
        self.program.write_text('#!/bin/sh\n'
                           f'export XDG_CONFIG_HOME=/nonexistent XDG_STATE_HOME="{self.directory}/state"\n'
                           f'export GSETTINGS_BACKEND=memory GSETTINGS_SCHEMA_DIR="{programs.build_dir()}/data"\n'
                           'export G_DEBUG=fatal-criticals,fatal-warnings\n'
                           f'exec "{programs.uploader()}" "$@" 2>>"{self.words}"\n')
        self.program.chmod(0o755)
        self.bin = self.directory / 'bin'
        self.bin.mkdir()

    def launch(self, *paths):
        # Who goes away takes back what it asked the bus for, so it stays, as a file manager does.
        launcher = ('import sys; from gi.repository import Gio, GLib; program = Gio.DesktopAppInfo.new(sys.argv[1]); '
                    'assert program.supports_uris() and program.should_show(); '
                    'assert program.launch_uris(sys.argv[2:], None); GLib.MainLoop().run()')
        uris = [path.as_uri() for path in paths]
        with open(self.words, 'ab') as words:
            manager = subprocess.Popen(['/usr/bin/python3', '-c', launcher, self.desktop_file.name, *uris],
                                       stdout=words, stderr=words,
                                       env={**programs.clean_environment(), **session(),
                                            'XDG_DATA_HOME': str(self.share),
                                            'PATH': f'{self.bin}:{os.environ["PATH"]}'})
        self.addCleanup(manager.wait)
        self.addCleanup(manager.kill)

    def go_through(self, start):
        """The first files start it, the next ones find it running."""
        first = [self.file('two words.jpg'), self.file('100% “Ünïcödé” #1?.txt', 1)]
        second = [self.file('second.bin')]
        with programs.Receiver(self.received) as receiver:
            start(*first)
            with StartedByOthers(APPLICATION_ID, self.words) as application:
                application.wait_for('label', '“two words.jpg” and 1 more are ready to go')
                application.wait_for('text', 'Upload Address').write(receiver.address)
                application.click('Use This Site')
                for path in first:
                    application.row(path.name, 'Uploaded')
                start(*second)
                application.row('second.bin', 'Uploaded')
                self.assert_received(*first, *second)

    def service_file(self):
        """The one that is installed, but for the folder of the program."""
        words = (programs.build_dir() / f'data/{APPLICATION_ID}.service').read_text().splitlines()
        command = [word for word in words if word.startswith('Exec=')]
        self.assertEqual(len(command), 1)
        program, _, rest = command[0].removeprefix('Exec=').partition(' ')
        self.assertEqual(pathlib.Path(program).name, 'galileosend')
        folder = pathlib.Path(os.environ['XDG_RUNTIME_DIR']) / 'dbus-1/services'
        folder.mkdir(parents=True, exist_ok=True)
        service = folder / f'{APPLICATION_ID}.service'
        service.write_text('\n'.join(words).replace(command[0], f'Exec={self.program} {rest}'))
        self.addCleanup(self.reload_bus)
        self.addCleanup(service.unlink)
        self.reload_bus()

    @staticmethod
    def reload_bus():
        subprocess.run(['gdbus', 'call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path',
                        '/org/freedesktop/DBus', '--method', 'org.freedesktop.DBus.ReloadConfig'],
                       check=True, capture_output=True)

    def test_by_the_bus(self):
        self.assertIn('DBusActivatable=true', self.desktop_file.read_text().splitlines())
        # A desktop wants to see the command, but is not to use it.
        (self.bin / 'galileosend').symlink_to('/bin/false')
        self.service_file()
        self.go_through(self.launch)

    def test_by_its_command(self):
        """Where the desktop does not start programs by the bus."""
        (self.bin / 'galileosend').symlink_to(self.program)
        words = self.desktop_file.read_text()
        self.desktop_file.write_text(words.replace('DBusActivatable=true\n', ''))
        self.go_through(self.launch)

    def test_by_a_call(self):
        """As a desktop does it that needs no desktop file."""
        def call(*paths):
            uris = ', '.join(f"'{path.as_uri()}'" for path in paths)
            subprocess.run(['gdbus', 'call', '--session', '--dest', APPLICATION_ID,
                            '--object-path', '/' + APPLICATION_ID.replace('.', '/'),
                            '--method', 'org.freedesktop.Application.Open', f'[{uris}]', '{}'],
                           check=True, capture_output=True)
        self.service_file()
        self.go_through(call)


class TestKeyboard(WindowTest):
    """Without a mouse."""

    def activate(self, application):
        xdotool('windowactivate', '--sync', application.x_window())

    def press(self, application, key):
        """Returns where the focus is then: role and name."""
        before = self.focus(application)
        xdotool('key', key)

        def moved():
            now = self.focus(application)
            return now if now not in (None, before) else None
        return programs.wait_until(moved, f'another focus after {key}')

    @staticmethod
    def focus(application):
        application.root.accessible.clear_cache()
        for node in application.root.walk():
            if node.focused:
                return node.role, node.name
        return None

    def go_to(self, application, name):
        place = self.focus(application)
        passed = []
        while place is None or name not in place[1]:
            self.assertNotIn(place, passed, f'Tab does not lead to “{name}”')
            passed.append(place)
            place = self.press(application, 'Tab')

    def go_round(self, application):
        """Everywhere that Tab leads to, until it is where it was."""
        places = [programs.wait_until(lambda: self.focus(application), 'a focus')]
        while (place := self.press(application, 'Tab')) != places[0]:
            self.assertNotIn(place, places, 'Tab goes in a circle that leaves something out')
            places.append(place)
        return [name for _, name in places]

    def test_round_without_a_site(self):
        self.window_manager()
        with Application() as application:
            self.activate(application)
            places = self.go_round(application)
            self.assertIn('Upload Address', places)
            self.assertIn('Main Menu', places)
            self.assertNotIn('', places)

    def test_round_with_rows(self):
        """All that can be worked is come by once, in the order that it is seen in."""
        self.window_manager()
        paths = [self.file('a.bin'), self.file('b.bin')]
        with programs.GalileoSite(self.received) as site, \
                Application(f'--site={site.url(error="string:Full", fatal="true")}', *paths) as application:
            for path in paths:
                application.row(path.name, 'Full')
            self.activate(application)
            places = self.go_round(application)
            self.assertNotIn('', places)
            self.assertIn('Main Menu', places)
            for path in paths:
                for button in ('Details', 'Retry', 'Remove From List'):
                    self.assertIn(f'{button}: {path.name}', places)
            order = [place[-5:] for place in places if place.endswith('.bin')]
            self.assertEqual(order, sorted(order))

    def test_all_the_way(self):
        """The address is typed, files are pasted, one is removed and put back."""
        self.window_manager()
        paths = [self.file('a.bin'), self.file('b.bin')]
        with programs.Receiver(self.received) as receiver, Application() as application:
            application.wait_for('text', 'Upload Address')
            self.hand(*paths)
            self.activate(application)
            self.go_to(application, 'Upload Address')
            xdotool('type', receiver.address)
            application.wait_for('label', 'Files will go to')
            xdotool('key', 'Return')
            application.wait_for('push button', 'Site: 127.0.0.1')
            xdotool('key', 'ctrl+v')
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

            self.go_to(application, ': a.bin')
            self.assertIn('b.bin, ', self.press(application, 'Down')[1])
            self.assertIn('a.bin, ', self.press(application, 'Up')[1])
            xdotool('key', 'Delete')
            application.wait_gone('list item', 'a.bin, ')
            application.wait_for('list item', 'b.bin, ')
            self.go_to(application, 'Undo')
            xdotool('key', 'space')
            application.row('a.bin', 'Uploaded')
            application.row('b.bin', 'Uploaded')
            self.assert_received(*paths)


if __name__ == '__main__':
    tap.main()
