# SPDX-License-Identifier: LGPL-2.1-or-later
"""The desktop's queue, worked by galileosend-cli --queue while the window runs, begins and ends."""

import json
import pathlib
import signal
import subprocess
import sys
import unittest

import gi

gi.require_version('Gio', '2.0')

from gi.repository import Gio, GLib

from kit import cli, files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, session

NAME = 'io.github.galileosend.GalileoSend'
TAKEN = "The list of uploads can't be saved: Another program uses the list of uploads"


class QueueTest(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(files.scratch())
        self.received = self.scratch / 'received'
        self.received.mkdir()
        self.kept = {'XDG_STATE_HOME': str(self.scratch / 'state')}

    def file(self, name, size=100_000):
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return files.random_file(path, size)

    def queue(self, *arguments, status=0, environment=None):
        result = cli.run('--queue', *arguments, environment={**session(), **self.kept, **(environment or {})})
        self.assertEqual(result.status, status, str(result))
        return result

    def listed(self, **options):
        return json.loads(self.queue('show', '--json', **options).stdout)

    def states(self):
        return {upload['name']: upload['state'] for upload in self.listed()['uploads']}

    def wait_state(self, name, state):
        programs.wait_until(lambda: self.states().get(name) == state, f'{name} {state}')

    def assert_received(self, *paths):
        received = files.tree(self.received)
        self.assertEqual(sorted(received), sorted(path.name for path in paths))
        for path in paths:
            self.assertTrue(files.same_file(path, received[path.name]), path)


class TestRunning(QueueTest):
    def test_add(self):
        paths = [self.file('first.bin'), self.file('album/Ünïcödé.txt', 1), self.file('album/day 1/empty', 0)]
        with programs.Receiver(self.received) as receiver, Application(environment=self.kept) as application:
            self.assertEqual(self.listed(), {'running': True, 'paused': False, 'uploads': []})
            result = self.queue('add', receiver.address, paths[0], self.scratch / 'album', self.scratch / 'gone',
                                status=1)
            self.assertEqual(result.stdout, '3 files added')
            self.assertEqual(result.stderr, f'galileosend-cli: {self.scratch}/gone: The file is not there')
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

            shown = self.queue('show')
            self.assertEqual(len(shown.stdout.splitlines()), 3)
            self.assertEqual([line.split()[-1] for line in shown.stdout.splitlines()], ['done'] * 3)
            self.assertEqual(shown.stderr, '')
            done = self.listed()['uploads'][0]
            self.assertTrue(done['verified'])
            self.assertEqual((done['size'], done['acknowledged'], done['attempt']), (100_000, 100_000, 1))

            found = json.loads(self.queue('history', 'first', '--json').stdout)
            self.assertEqual([upload['name'] for upload in found], ['first.bin'])
            self.assertEqual(len(self.queue('history', '--csv').stdout.splitlines()), 4)
            self.assertIn('1 file skipped', self.queue('add', receiver.address, paths[0]).stdout)

    def test_pause_everything(self):
        path = self.file('procession.mp4')
        with programs.Receiver(self.received) as receiver, Application(environment=self.kept) as application:
            self.queue('pause')
            self.queue('add', receiver.address, path)
            application.wait_for('list item', 'procession.mp4')
            shown = self.listed()
            self.assertTrue(shown['paused'])
            self.assertEqual((shown['uploads'][0]['state'], shown['uploads'][0]['wait']), ('waiting', 'paused'))
            self.assert_received()
            self.queue('resume')
            application.row('procession.mp4', 'Uploaded')
            self.assert_received(path)

    def test_pause_one(self):
        """That is under way, while another one goes on."""
        slow, other = self.file('procession.mp4', 3_000_000), self.file('other.bin')
        with programs.GalileoSite(self.received) as site, Application(environment=self.kept) as application:
            self.queue('add', site.url(delay=0.1), slow)
            application.row('procession.mp4', '% uploaded')
            self.wait_state('procession.mp4', 'uploading')
            self.assertRegex(self.queue('show').stdout, r'uploading \d+ %')
            self.queue('pause', 1)
            self.assertEqual(self.states(), {'procession.mp4': 'paused'})
            self.queue('add', site.url(), other)
            application.row('other.bin', 'Uploaded')
            self.assertEqual(self.states()['procession.mp4'], 'paused')
            self.queue('resume', 1)
            application.row('procession.mp4', 'Uploaded')
            self.assert_received(slow, other)

    def test_retry_failed(self):
        path = self.file('choir.wav')
        with programs.GalileoSite(self.received) as site, Application(environment=self.kept) as application:
            self.queue('add', site.url(error='string:Quota exceeded', fatal='true', first=1), path)
            application.row('choir.wav', 'Quota exceeded')
            self.assertRegex(self.queue('show').stdout, 'failed: .*Quota exceeded')
            self.assertEqual(self.queue('retry-failed').stdout, '1 upload is tried again')
            application.row('choir.wav', 'Uploaded')
            self.assert_received(path)

    def test_change(self):
        """What the command line does shows in the window, and the other way round."""
        paths = [self.file(f'{number}.bin') for number in range(1, 6)]
        with programs.Receiver(self.received) as receiver, Application(environment=self.kept) as application:
            self.queue('pause')
            self.queue('add', receiver.address, *paths)
            self.queue('cancel', 2)
            application.row('2.bin', 'Cancelled')
            self.queue('remove', 3)
            application.wait_gone('list item', '3.bin')
            self.queue('move', 'top', 5)
            self.assertEqual([upload['id'] for upload in self.listed()['uploads']], [5, 1, 2, 4])
            result = self.queue('remove', 5, 3, status=1)
            self.assertEqual(result.stderr, 'galileosend-cli: There is no upload with the number 3')
            self.queue('resume')
            for number in (1, 4, 5):
                application.row(f'{number}.bin', 'Uploaded')
            application.command('win.clear-finished')
            programs.wait_until(lambda: self.listed()['uploads'] == [], 'an empty queue')
            stored = [receiver.next_event('stored')['name'] for _ in range(3)]
            self.assertEqual(sorted(stored), ['1.bin', '4.bin', '5.bin'])
            self.assert_received(paths[0], paths[3], paths[4])

    def test_several_at_once(self):
        paths = [self.file(f'{number}.bin') for number in range(8)]
        with programs.Receiver(self.received) as receiver, Application(environment=self.kept) as application:
            running = [cli.Cli('--queue', 'add', receiver.address, path, environment={**session(), **self.kept})
                       for path in paths]
            for program in running:
                self.assertEqual(program.wait(), 0, program.stderr)
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

    def test_killed_after_the_answer(self):
        """What was answered is on the disk."""
        path = self.file('a.bin')
        with Application(environment=self.kept) as application:
            self.queue('pause')
            self.queue('add', 'ws://127.0.0.1:1/upload', path)
            application.signal(signal.SIGKILL)
            application.wait()
        shown = self.listed()
        self.assertEqual((shown['running'], shown['paused']), (False, True))
        self.assertEqual([upload['name'] for upload in shown['uploads']], ['a.bin'])


class TestBeginningAndEnding(QueueTest):
    def test_added_before(self):
        """To the database, which the window goes on with."""
        path = self.file('before.bin')
        with programs.Receiver(self.received) as receiver:
            self.assertIn('does not run', self.queue('add', receiver.address, path).stderr)
            self.assert_received()
            with Application(environment=self.kept) as application:
                application.row('before.bin', 'Uploaded')
            self.assert_received(path)
            self.assertEqual(self.states(), {'before.bin': 'done'})

    def test_while_it_starts(self):
        """Whoever of both has the database, nothing is lost, and the window keeps its list."""
        paths = [self.file(f'{number}.bin') for number in range(12)]
        with programs.Receiver(self.received) as receiver:
            application = Application(environment=self.kept)
            for path in paths:
                self.queue('add', receiver.address, path)
            with application:
                for path in paths:
                    application.row(path.name, 'Uploaded')
                self.assertTrue(self.listed()['running'])
                self.assertIsNone(application.root.find('label', "can't be saved"))
            self.assert_received(*paths)
            self.assertEqual(self.states(), {path.name: 'done' for path in paths})

    def add_in_any_case(self, site, path):
        """What the program was asked that ended meanwhile is not known: who asked looks, as he is told to."""
        result = cli.run('--queue', 'add', site, path, environment={**session(), **self.kept})
        if result.status == 3:
            self.assertIn('ended before it answered', result.stderr)
            if path.name not in self.states():
                self.queue('add', site, path)
        else:
            self.assertEqual(result.status, 0, str(result))

    def test_while_it_ends(self):
        paths = [self.file(f'{number}.bin') for number in range(6)]
        with Application(environment=self.kept) as application:
            self.queue('pause')
            self.queue('add', 'ws://127.0.0.1:1/upload', paths[0])
            application.command('window.close')
            for path in paths[1:]:
                self.add_in_any_case('ws://127.0.0.1:1/upload', path)

            def ended_or_asks():
                application.root.accessible.clear_cache()
                return application.ended or application.root.find('push button', 'Quit')
            answer = programs.wait_until(ended_or_asks, 'the end, or the question')
            if answer is not True:
                answer.act('click')
            self.assertEqual(application.wait(), 0, application.stderr)
        self.assertEqual(self.states(), {path.name: 'waiting' for path in paths})

    def test_two_sessions_at_once(self):
        """One has the list. The other one says that it keeps none, and uploads all the same."""
        first, second, third = self.file('first.bin'), self.file('second.bin'), self.file('third.bin')
        bus = programs.Process(['dbus-daemon', '--session', '--nofork', '--print-address'], environment=session())
        self.addCleanup(bus.wait)
        self.addCleanup(bus.signal, signal.SIGTERM)
        # A screen reader hears both.
        ears = subprocess.run(['gdbus', 'call', '--session', '--dest', 'org.a11y.Bus', '--object-path', '/org/a11y/bus',
                               '--method', 'org.a11y.Bus.GetAddress'], check=True, capture_output=True, text=True)
        elsewhere = {'DBUS_SESSION_BUS_ADDRESS': bus.wait_line(lambda line: line, 'the address of a second bus'),
                     'AT_SPI_BUS_ADDRESS': ears.stdout.split("'")[1]}
        with programs.Receiver(self.received) as receiver:
            option = f'--site={receiver.address}'
            here = Application(option, environment=self.kept)
            there = Application(option, environment={**self.kept, **elsewhere})
            with here, there:
                def without():
                    for application in (here, there):
                        application.root.accessible.clear_cache()
                        if application.root.find('label', TAKEN):
                            return application
                    return None
                loser = programs.wait_until(without, 'the one without the list')
                winner_bus, loser_bus = ({}, elsewhere) if loser is there else (elsewhere, {})

                self.queue('add', receiver.address, first, environment=winner_bus)
                refused = self.queue('add', receiver.address, second, status=3, environment=loser_bus)
                self.assertIn("can't save its list of uploads, so nothing was added", refused.stderr)
                self.assertEqual(refused.stdout, '')
                programs.wait_until(lambda: 'first.bin' in files.tree(self.received), 'first.bin')

                start = subprocess.run([programs.uploader(), third], check=False, capture_output=True, text=True, env={
                    **programs.clean_environment(), **session(), **self.kept, **loser_bus,
                    'GSETTINGS_SCHEMA_DIR': str(programs.build_dir() / 'data')})
                self.assertEqual((start.returncode, start.stderr), (0, ''))
                loser.row('third.bin', 'Uploaded')
                self.assertEqual([upload['name'] for upload in self.listed(environment=winner_bus)['uploads']],
                                 ['first.bin'])
                self.assertEqual([upload['name'] for upload in self.listed(environment=loser_bus)['uploads']],
                                 ['third.bin'])
            self.assert_received(first, third)
            self.assertEqual(self.states(), {'first.bin': 'done'})


class TestTrouble(QueueTest):
    def test_hangs(self):
        with Application(environment=self.kept) as application:
            application.signal(signal.SIGSTOP)
            try:
                commands = [['show'], ['add', 'ws://127.0.0.1:1/upload', self.file('a.bin')]]
                running = [cli.Cli('--queue', *command, environment={**session(), **self.kept}) for command in commands]
                for program in running:
                    result = program.result()
                    self.assertEqual((result.status, result.stdout), (3, ''), str(result))
                    self.assertEqual(result.stderr,
                                     'galileosend-cli: The program that has the list of uploads does not answer')
            finally:
                application.signal(signal.SIGCONT)
            self.assertEqual(self.listed()['uploads'], [])

    def test_another_version(self):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        service = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')
        bus.call_sync(*service, 'RequestName', GLib.Variant('(su)', (NAME, 4)), None, 0, -1, None)
        try:
            result = self.queue('show', status=3)
        finally:
            bus.call_sync(*service, 'ReleaseName', GLib.Variant('(s)', (NAME,)), None, 0, -1, None)
        self.assertIn('another version', result.stderr)
        self.assertFalse((self.scratch / 'state').exists())

    def test_is_not_started(self):
        """By looking at its queue; not even where the bus could."""
        self.queue('show')
        self.queue('pause')
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        names, = bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ListNames',
                               None, None, 0, -1, None)
        self.assertNotIn(NAME, names)


if __name__ == '__main__':
    tap.main()
