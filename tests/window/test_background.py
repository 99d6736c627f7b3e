# SPDX-License-Identifier: LGPL-2.1-or-later
"""The application without its window, and what it tells the desktop, from outside."""

import json
import pathlib
import subprocess
import sys
import unittest

import gi

gi.require_version('Gio', '2.0')

from gi.repository import Gio, GLib

from kit import files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, session, xdotool

HERE = pathlib.Path(__file__).parent
NAME = 'io.github.galileosend.GalileoSend'
PATH = '/io/github/galileosend/GalileoSend'
SUSPEND = 4


class Desktop(programs.Process):
    """desktop.py, for a `with` block."""

    def __init__(self, *options):
        super().__init__(['/usr/bin/python3', str(HERE / 'desktop.py'), *options], environment=session())

    def __enter__(self):
        self.wait_line(lambda line: line == 'Ready', 'the desktop')
        return self

    def __exit__(self, kind, error, trace):
        self.signal(15)
        self.wait()
        if kind is None:
            assert not self.stderr.strip(), self.stderr

    def catch_up(self):
        """It has said all that the application had sent before."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.call_sync(NAME, PATH, 'org.gtk.Actions', 'List', None, None, 0, -1, None)
        bus.call_sync('org.gnome.SessionManager', '/org/gnome/SessionManager', 'org.freedesktop.DBus.Peer', 'Ping',
                      None, None, 0, -1, None)


class BackgroundTest(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.received = self.directory / 'received'
        self.received.mkdir()
        self.set_up_settings()

    def set_up_settings(self, rate_limit=500_000, **settings):
        """A limit makes uploads slow enough to look at."""
        folder = self.directory / 'config/glib-2.0/settings'
        folder.mkdir(parents=True, exist_ok=True)
        self.keyfile = folder / 'keyfile'
        lines = [f'{key}={value}' for key, value in settings.items()]
        self.keyfile.write_text('\n'.join([f'[{PATH[1:]}]', f'rate-limit=uint64 {rate_limit}', *lines, '']))
        self.environment = {'GSETTINGS_BACKEND': 'keyfile', 'XDG_CONFIG_HOME': str(self.directory / 'config'),
                            'XDG_STATE_HOME': str(self.directory / 'state')}

    def file(self, name, size=1_000_000):
        return files.random_file(self.directory / name, size)

    def assert_received(self, *paths):
        received = files.tree(self.received)
        self.assertEqual(sorted(received), sorted(path.name for path in paths))
        for path in paths:
            self.assertTrue(files.same_file(path, received[path.name]), path)

    def application(self, receiver, *paths, **environment):
        return Application(f'--site={receiver.address}', *paths, environment={**self.environment, **environment})

    def start_again(self):
        second = Application(environment=self.environment)
        self.assertEqual((second.wait(), second.stderr), (0, ''))

    def act(self, method, *parameters):
        """As the desktop does on behalf of a notification, or of the menu of a dock."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.call_sync(NAME, PATH, 'org.freedesktop.Application', method, *parameters, None, 0, -1, None)

    def activate_action(self, name, *targets):
        self.act('ActivateAction', GLib.Variant('(sava{sv})', (name, [GLib.Variant('s', target) for target in targets],
                                                               {})))

    def queue(self, command, kind, *parameters):
        """As the command line does, which leaves the window where it is."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.call_sync(NAME, PATH, f'{NAME}.Queue', command, GLib.Variant(kind, parameters), None, 0, -1, None)

    def window_manager(self):
        manager = programs.Process(['openbox'], environment=session())
        self.addCleanup(manager.wait)
        self.addCleanup(manager.signal, 15)
        programs.wait_until(lambda: subprocess.run(['xdotool', 'get_num_desktops'], check=False,
                                                   capture_output=True).returncode == 0, 'the window manager')


class TestClosing(BackgroundTest):
    def test_continue(self):
        """Without a window until everything has arrived; then it tells, and ends by itself."""
        paths = [self.file(f'{number}.bin') for number in range(3)]
        with Desktop() as desktop, programs.Receiver(self.received) as receiver:
            with self.application(receiver, *paths) as application:
                application.row('0.bin', '% uploaded')
                application.command('window.close')
                application.wait_for('label', '3 files are not uploaded yet. If you quit, they go on when Galileo Send is '
                                              'started again.')
                application.click('Continue in Background')
                application.wait_gone('frame', 'Galileo Send')
                request = desktop.wait_event('request')
                self.assertEqual((request['reason'], request['autostart'], request['dbus-activatable'], request['parent']),
                                 ('Uploads go on while the window is closed', False, False, ''))
                status = desktop.wait_event('status')['message']
                self.assertRegex(status, r'^0 of 3 files( · (about )?\d+ seconds? left)?$')
                self.assertEqual(application.wait(), 0, application.stderr)
            self.assert_received(*paths)
            told = desktop.wait_event('notification')
            self.assertEqual((told['title'], told['body']), ('Files Uploaded', '3 files uploaded to 127.0.0.1'))
            self.assertNotIn('buttons', told)
            self.assertNotIn('closing', self.keyfile.read_text())

    def test_keep_open(self):
        self.window_manager()
        path = self.file('procession.mp4', 6_000_000)
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                self.application(receiver, path) as application:
            application.row('procession.mp4', '% uploaded')
            for answer in (lambda: application.click('Keep Window Open'), lambda: xdotool('key', 'Escape')):
                application.command('window.close')
                application.wait_for('push button', 'Keep Window Open')
                answer()
                application.wait_gone('push button', 'Keep Window Open')
            application.row('procession.mp4', 'Uploaded')
            self.assertEqual(desktop.named('request'), [])
            application.command('window.close')
            self.assertEqual(application.wait(), 0, application.stderr)

    def test_quit(self):
        path = self.file('procession.mp4', 6_000_000)
        with Desktop() as desktop, programs.Receiver(self.received) as receiver:
            with self.application(receiver, path) as application:
                application.row('procession.mp4', '% uploaded')
                application.command('window.close')
                application.click('Quit')
                self.assertEqual(application.wait(), 0, application.stderr)
            self.assert_received()
            self.assertEqual(desktop.named('request'), [])
            with Application(environment=self.environment) as application:
                application.row('procession.mp4', 'Uploaded')
            self.assert_received(path)

    def always(self, answer, setting):
        self.window_manager()
        path = self.file('procession.mp4', 6_000_000)
        with programs.Receiver(self.received) as receiver:
            with self.application(receiver, path) as application:
                application.row('procession.mp4', '% uploaded')
                application.command('window.close')
                box = application.wait_for('check box', 'Always do this')
                self.assertFalse(box.checked)
                window = application.x_window()
                programs.wait_until(lambda: xdotool('getactivewindow').strip() != window, 'the dialog in front')
                xdotool('key', 'alt+a')
                programs.wait_until(lambda: box.checked, 'the box checked')
                application.click(answer)
                application.wait_gone('frame', 'Galileo Send')
                self.assertIn(f"closing='{setting}'", self.keyfile.read_text())
                if setting == 'background':
                    self.start_again()
                    application.row('procession.mp4', '% uploaded')
                    application.command('window.close')
                    application.wait_gone('frame', 'Galileo Send')
                    self.assertIsNone(application.root.find('push button', 'Quit'))
                self.assertEqual(application.wait(), 0, application.stderr)

            if setting == 'quit':
                with Application(environment=self.environment) as application:
                    application.row('procession.mp4', '% uploaded')
                    application.command('window.close')
                    self.assertEqual(application.wait(), 0, application.stderr)
                self.assert_received()
            else:
                self.assert_received(path)

    def test_always_background(self):
        self.always('Continue in Background', 'background')

    def test_always_quit(self):
        self.always('Quit', 'quit')

    def test_quit_asks(self):
        """Also where closing the window does not; and a program without a window needs no question."""
        self.set_up_settings(closing="'background'")
        path = self.file('procession.mp4', 6_000_000)
        with programs.Receiver(self.received) as receiver, self.application(receiver, path) as application:
            application.row('procession.mp4', '% uploaded')
            self.activate_action('quit')
            application.wait_for('push button', 'Quit')
            application.click('Keep Window Open')
            application.wait_gone('push button', 'Keep Window Open')
            application.command('window.close')
            application.wait_gone('frame', 'Galileo Send')
            self.activate_action('quit')
            self.assertEqual(application.wait(), 0, application.stderr)
            self.assert_received()

    def test_nothing_runs(self):
        """Everything is paused, and kept."""
        path = self.file('procession.mp4')
        with programs.Receiver(self.received) as receiver, self.application(receiver) as application:
            application.command('win.pause-all')
            application.add(path)
            application.row('procession.mp4', 'Paused')
            application.command('window.close')
            self.assertEqual(application.wait(), 0, application.stderr)

    def test_without_store(self):
        """What would be lost is asked about each time."""
        self.set_up_settings(closing="'quit'")
        path = self.file('procession.mp4', 6_000_000)
        blocked = self.file('blocked', 1)
        with programs.Receiver(self.received) as receiver:
            with self.application(receiver, path, XDG_STATE_HOME=str(blocked)) as application:
                application.row('procession.mp4', '% uploaded')
                application.command('window.close')
                application.wait_for('label', "1 file is not uploaded yet. The list of uploads can't be saved: if you quit, "
                                              'the file is not uploaded.')
                self.assertIsNone(application.root.find('check box', 'Always'))
                application.click('Cancel Uploads and Quit')
                self.assertEqual(application.wait(), 0, application.stderr)
            self.assert_received()

    def test_paused_without_store(self):
        """The window comes back for what would be gone with the program."""
        paths = [self.file('first.bin', 8_000_000), self.file('second.bin', 8_000_000)]
        blocked = self.file('blocked', 1)
        with programs.Receiver(self.received) as receiver, \
                self.application(receiver, *paths, XDG_STATE_HOME=str(blocked)) as application:
            application.click('Pause: second.bin')
            application.wait_for('push button', 'Resume: second.bin')
            application.command('window.close')
            application.click('Continue in Background')
            application.wait_gone('frame', 'Galileo Send')
            application.row('second.bin', 'Paused')
            application.wait_for('label', "Some uploads are paused, and the list of uploads can't be saved")
            self.assert_received(paths[0])


class TestBackground(BackgroundTest):
    def setUp(self):
        super().setUp()
        self.set_up_settings(closing="'background'")

    def go(self, application):
        application.command('window.close')
        application.wait_gone('frame', 'Galileo Send')

    def test_start_again(self):
        """The window shows the same list, and the desktop's question has lost its point."""
        paths = [self.file('first.bin', 8_000_000), self.file('second.bin', 1)]
        with Desktop('--background=silent') as desktop, programs.Receiver(self.received) as receiver, \
                self.application(receiver, paths[0]) as application:
            application.row('first.bin', '% uploaded')
            self.go(application)
            desktop.wait_event('request')
            self.start_again()
            application.row('first.bin', '% uploaded')
            desktop.wait_event('close')
            application.add(paths[1])
            application.row('second.bin', 'Uploaded')
            application.row('first.bin', 'Uploaded')
            self.assert_received(*paths)

    def test_activated(self):
        path = self.file('first.bin', 8_000_000)
        with programs.Receiver(self.received) as receiver, self.application(receiver, path) as application:
            application.row('first.bin', '% uploaded')
            self.go(application)
            self.act('Activate', GLib.Variant('(a{sv})', ({},)))
            application.row('first.bin', 'Uploaded')

    def test_denied(self):
        """The window comes back and says why, and from then on closing it asks, without that answer."""
        path = self.file('procession.mp4', 6_000_000)
        with Desktop('--background=no'), programs.Receiver(self.received) as receiver, \
                self.application(receiver, path) as application:
            application.row('procession.mp4', '% uploaded')
            application.command('window.close')
            application.wait_for('label', 'The desktop does not allow uploads in the background. '
                                          'They go on while the window is open')
            application.row('procession.mp4', '% uploaded')
            application.command('window.close')
            application.wait_for('push button', 'Keep Window Open')
            self.assertIsNone(application.root.find('push button', 'Continue in Background'))
            application.click('Keep Window Open')
            application.row('procession.mp4', 'Uploaded')

    def test_without_portal(self):
        path = self.file('procession.mp4', 2_000_000)
        with Desktop('--without-portal') as desktop, programs.Receiver(self.received) as receiver:
            with self.application(receiver, path) as application:
                application.row('procession.mp4', '% uploaded')
                self.go(application)
                self.assertEqual(application.wait(), 0, application.stderr)
            desktop.wait_event('notification')
            self.assertEqual(desktop.named('request') + desktop.named('status'), [])
            self.assert_received(path)

    def test_without_bus(self):
        """There is nobody to ask or tell, nor a screen reader: the keyboard works it."""
        self.window_manager()
        path = self.file('procession.mp4', 6_000_000)
        with programs.Receiver(self.received) as receiver:
            application = programs.Process([str(programs.uploader()), f'--site={receiver.address}', str(path)],
                                           environment={**self.environment,
                                                        'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent/bus',
                                                        # GTK 4.8 would tell one all the same, and stumble.
                                                        'GTK_A11Y': 'none',
                                                        'XDG_RUNTIME_DIR': session()['XDG_RUNTIME_DIR'],
                                                        'GSETTINGS_SCHEMA_DIR': str(programs.build_dir() / 'data')})
            self.addCleanup(application.wait)
            self.addCleanup(application.signal, 15)
            window = programs.wait_until(find_windows, 'the window')[-1]
            receiver.wait_event('start')
            xdotool('windowactivate', '--sync', window)
            xdotool('key', 'ctrl+w')
            programs.wait_until(lambda: not find_windows(), 'no window')
            self.assert_received()
            self.assertEqual((application.wait(), application.stderr), (0, ''))
            self.assert_received(path)

    def test_status(self):
        """Why nothing moves; and not more often than every few seconds."""
        path = self.file('procession.mp4', 8_000_000)
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                self.application(receiver, path) as application:
            application.row('procession.mp4', '% uploaded')
            self.assertEqual(desktop.named('status'), [])
            self.go(application)
            desktop.wait_event('status', lambda event: event['message'].startswith('0 of 1 file'))
            self.queue('Pause', '(ax)', [])
            desktop.wait_event('status', lambda event: event['message'] == '0 of 1 file · Paused')
            self.queue('Resume', '(ax)', [])
            self.assertEqual(application.wait(), 0, application.stderr)
            self.assertLess(len(desktop.named('status')), 8)


class TestTelling(BackgroundTest):
    """Another program is in front."""

    def setUp(self):
        super().setUp()
        self.window_manager()
        hand = programs.Process(['/usr/bin/python3', str(HERE / 'hand.py'), str(self.directory)],
                                environment={**session(), 'GTK_A11Y': 'none'})
        self.addCleanup(hand.wait)
        self.addCleanup(hand.signal, 15)
        hand.wait_line(lambda line: line == 'Ready', 'another program')

    def add_behind(self, application, address, *paths):
        """Adds files while the window of the other program is in front."""
        xdotool('windowactivate', '--sync', application.x_window('Hand'))
        self.queue('Add', '(sass)', address, [path.as_uri() for path in paths], 'site')

    def test_failed(self):
        """Told with high priority; the button on it tries again."""
        paths = [self.file('good.bin'), self.file('choir.wav')]
        with Desktop() as desktop, programs.GalileoSite(self.received) as site, \
                Application(environment=self.environment) as application:
            address = site.url(error='string:Quota exceeded', fatal='true', first=1)
            self.add_behind(application, address, *paths)
            told = desktop.next_event('notification')
            self.assertEqual((told['title'], told['body'], told['priority']),
                             ('Some Files Not Uploaded', '1 of 2 files uploaded, 1 failed', 'high'))
            self.assertEqual([(button['label'], button['action']) for button in told['buttons']],
                             [('Retry Failed', 'app.retry-failed')])
            self.activate_action('retry-failed')
            told = desktop.next_event('notification')
            self.assertEqual((told['title'], told['id'], told.get('buttons')), ('File Uploaded', 'batch', None))
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

    def test_retry_in_another_program(self):
        """The one that told it has ended."""
        path = self.file('choir.wav')
        with Desktop() as desktop, programs.GalileoSite(self.received) as site:
            with Application(environment=self.environment) as application:
                self.add_behind(application, site.url(error='string:Quota exceeded', fatal='true', first=1), path)
                self.assertEqual(desktop.next_event('notification')['title'], 'File Not Uploaded')
                application.command('window.close')
                self.assertEqual(application.wait(), 0, application.stderr)
            service = programs.Process([str(programs.uploader()), '--gapplication-service'],
                                       environment={**session(), **self.environment,
                                                    'GSETTINGS_SCHEMA_DIR': str(programs.build_dir() / 'data')})
            programs.wait_until(lambda: self.has_owner(NAME), 'the program as a service')
            self.activate_action('retry-failed')
            self.assertEqual(desktop.next_event('notification')['body'], '“choir.wav” was uploaded to 127.0.0.1')
            self.assertEqual((service.wait(), service.stderr), (0, ''))
            self.assert_received(path)

    def has_owner(self, name):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        return bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                             GLib.Variant('(s)', (name,)), None, 0, -1, None).unpack()[0]

    def test_link(self):
        path = self.file('programme.pdf')
        link = 'https://www.example.org/programme.pdf'
        with Desktop() as desktop, programs.GalileoSite(self.received) as site, \
                Application(environment=self.environment) as application:
            self.add_behind(application,
                            site.url(at='finished', then='silence', text=json.dumps({'close': True, 'url': link})), path)
            told = desktop.next_event('notification')
            self.assertEqual((told['title'], told['body']),
                             ('File Uploaded', '“programme.pdf” was uploaded to 127.0.0.1'))
            button, = told['buttons']
            self.assertEqual((button['label'], button['action'], button['target']),
                             ('Copy Link', 'app.copy-link', link))
            self.activate_action('copy-link', button['target'])
            application.wait_for('label', 'Link copied')
            clipboard = subprocess.run(['xclip', '-selection', 'clipboard', '-o'], check=True, capture_output=True,
                                       text=True, timeout=programs.PATIENCE)
            self.assertEqual(clipboard.stdout, link)

    def test_freedesktop(self):
        path = self.file('programme.pdf')
        with Desktop('--notifications=freedesktop') as desktop, programs.Receiver(self.received) as receiver, \
                Application(environment=self.environment) as application:
            self.add_behind(application, receiver.address, path)
            told = desktop.wait_event('notification')
            self.assertEqual((told['title'], told['body']),
                             ('File Uploaded', '“programme.pdf” was uploaded to 127.0.0.1'))

    def test_nobody_shows_them(self):
        path = self.file('programme.pdf')
        with programs.Receiver(self.received) as receiver, Application(environment=self.environment) as application:
            self.add_behind(application, receiver.address, path)
            application.row('programme.pdf', 'Uploaded')

    def test_in_front(self):
        """Nothing is told to somebody who sees it, and what was told before goes."""
        first, second = self.file('first.bin'), self.file('second.bin')
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                Application(environment=self.environment) as application:
            self.add_behind(application, receiver.address, first)
            desktop.next_event('notification')
            xdotool('windowactivate', '--sync', application.x_window())
            self.assertEqual(desktop.next_event('withdrawn')['id'], 'batch')
            self.queue('Add', '(sass)', receiver.address, [second.as_uri()], 'site')
            application.row('second.bin', 'Uploaded')
            desktop.catch_up()
            self.assertEqual(len(desktop.named('notification')), 1)

    def test_not_wanted(self):
        self.set_up_settings(notifications='false')
        path = self.file('first.bin')
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                Application(environment=self.environment) as application:
            self.add_behind(application, receiver.address, path)
            application.row('first.bin', 'Uploaded')
            desktop.catch_up()
            self.assertEqual(desktop.named('notification'), [])

    def test_cancelled(self):
        path = self.file('procession.mp4', 30_000_000)
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                Application(environment=self.environment) as application:
            self.add_behind(application, receiver.address, path)
            application.row('procession.mp4', '% uploaded')
            application.click('Cancel: procession.mp4')
            application.row('procession.mp4', 'Cancelled')
            desktop.catch_up()
            self.assertEqual(desktop.named('notification'), [])


class TestAwake(BackgroundTest):
    def test_while_bytes_move(self):
        path = self.file('procession.mp4', 6_000_000)
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                self.application(receiver, path) as application:
            awake = desktop.next_event('inhibit')
            self.assertEqual((awake['application'], awake['reason'], awake['flags']),
                             (NAME, 'Files are being uploaded', SUSPEND))
            self.assertEqual(desktop.named('uninhibit'), [])
            application.command('win.pause-all')
            self.assertEqual(desktop.next_event('uninhibit')['cookie'], awake['cookie'])
            application.row('procession.mp4', 'Paused')
            desktop.catch_up()
            self.assertEqual(len(desktop.named('inhibit')), 1)
            application.command('win.pause-all')
            awake = desktop.next_event('inhibit')
            application.row('procession.mp4', 'Uploaded')
            self.assertEqual(desktop.next_event('uninhibit')['cookie'], awake['cookie'])
            self.assertEqual(len(desktop.named('inhibit')), 2)

    def test_nothing_gets_through(self):
        path = self.file('procession.mp4')
        with Desktop() as desktop, \
                Application('--site=ws://127.0.0.1:1/upload', path, environment=self.environment) as application:
            application.row('procession.mp4', "Can't reach 127.0.0.1")
            desktop.catch_up()
            self.assertEqual(desktop.named('inhibit'), [])


class TestDock(BackgroundTest):
    def test_progress(self):
        paths = [self.file(f'{number}.bin') for number in range(3)]
        with Desktop() as desktop, programs.Receiver(self.received) as receiver, \
                self.application(receiver, *paths) as application:
            for path in paths:
                application.row(path.name, 'Uploaded')
            desktop.wait_event('launcher', lambda event: not event['progress-visible'])
            *shown, last = desktop.named('launcher')
            self.assertEqual({event['uri'] for event in shown}, {f'application://{NAME}.desktop'})
            self.assertTrue(all(event['progress-visible'] and event['count-visible'] for event in shown), shown)
            self.assertFalse(last['count-visible'])
            progress = [event['progress'] for event in shown]
            self.assertEqual(progress, sorted(progress))
            self.assertGreater(progress[-1], 0.3)
            self.assertEqual(shown[1]['count'], 3)
            # About three seconds at two a second.
            self.assertLess(len(shown), 16)


def find_windows():
    found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '^Galileo Send$'], check=False,
                           capture_output=True, text=True)
    return found.stdout.split()


if __name__ == '__main__':
    tap.main()
