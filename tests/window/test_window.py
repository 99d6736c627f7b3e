# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole application, from outside: started, looked at and worked on a real display."""

import os
import pathlib
import subprocess
import sys
import unittest

from kit import files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, WindowTest, session, xdotool

MEMORY_KB = int(os.environ.get('GALILEO_WINDOW_MEMORY_KB', 150_000))


class TestWindow(WindowTest):
    def test_address_then_files(self):
        """Files given before there is a site wait for it; the address is typed into the entry."""
        paths = [self.file('first.bin'), self.file('Ünïcödé <b>.txt', 1), self.file('empty', 0)]
        with programs.Receiver(self.received) as receiver, Application(*paths) as application:
            application.wait_for('label', '“first.bin” and 2 more are ready to go')
            entry = application.wait_for('text', 'Upload Address')
            entry.write('gopher://example.org')
            application.wait_for('label', '“gopher” addresses can')
            self.assertFalse(application.wait_for('push button', 'Use This Site').sensitive)
            entry.write(receiver.address)
            application.click('Use This Site')
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

            application.command('win.clear-finished')
            application.wait_gone('list item', 'first.bin')

    def test_folder(self):
        folder = self.directory / 'album'
        (folder / 'day 1').mkdir(parents=True)
        paths = [files.random_file(folder / f'{number}.jpg', 10_000 * number) for number in range(20)]
        paths.append(files.random_file(folder / 'day 1' / 'inside.jpg', 10))
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', folder) as application:
            programs.wait_until(lambda: len(files.tree(self.received)) == len(paths), 'all files')
            application.row('19.jpg', 'Uploaded')
            self.assert_received(*paths)

    def test_second_start(self):
        first, second = self.file('first.bin'), self.file('second.bin')
        with programs.Receiver(self.received) as receiver, Application() as application:
            application.add(first, site=receiver.address)
            application.add(second)
            application.row('first.bin', 'Uploaded')
            application.row('second.bin', 'Uploaded')
            self.assert_received(first, second)

    def test_site_refuses_then_takes(self):
        path = self.file('choir.wav')
        with programs.GalileoSite(self.received) as site:
            address = site.url(error='string:Quota <b>exceeded</b> & over', fatal='true', first=1)
            with Application(f'--site={address}', path) as application:
                application.row('choir.wav', 'The site refused it: “Quota <b>exceeded</b> & over”')
                application.click('Details: choir.wav')
                application.wait_for('label', '{"error":"Quota <b>exceeded</b> & over","fatal":true}')
                application.wait_for('frame', 'Details').act('window.close')
                application.click('Retry: choir.wav')
                application.row('choir.wav', 'Uploaded')
                self.assert_received(path)

    def test_cancel_and_remove(self):
        path = self.file('procession.mp4', 30_000_000)
        with programs.GalileoSite(self.received) as site, \
                Application(f'--site={site.url(delay=1)}', path) as application:
            application.row('procession.mp4', '% uploaded')
            application.click('Cancel: procession.mp4')
            application.row('procession.mp4', 'Cancelled')
            programs.wait_until(lambda: any(event['event'] == 'ended' for event in site.events),
                                'the end of the upload at the site')
            application.click('Remove From List: procession.mp4')
            application.wait_gone('list item', 'procession.mp4')
            application.click('Undo')
            application.row('procession.mp4', 'Cancelled')
            self.assert_received()

    def test_quit_asks(self):
        """And what was not uploaded goes on the next time."""
        path = self.file('procession.mp4', 30_000_000)
        kept = {'XDG_STATE_HOME': str(self.directory / 'state')}
        with programs.GalileoSite(self.received) as site:
            with Application(f'--site={site.url(delay=1)}', path, environment=kept) as application:
                application.row('procession.mp4', '% uploaded')
                application.command('window.close')
                application.click('Keep Window Open')
                application.wait_gone('push button', 'Keep Window Open')
                application.row('procession.mp4', '% uploaded')
                application.command('window.close')
                application.click('Quit')
                self.assertEqual(application.wait(), 0, application.stderr)
            with Application(environment=kept) as application:
                application.row('procession.mp4', '% uploaded')
                application.click('Cancel: procession.mp4')
                application.row('procession.mp4', 'Cancelled')
                application.command('window.close')
                self.assertEqual(application.wait(), 0, application.stderr)
            with Application(environment=kept) as application:
                application.row('procession.mp4', 'Cancelled')

    def test_killed(self):
        """What was under way goes on, what is done stays done, and each file arrives once."""
        paths = [self.file(f'{number}.jpg', 400_000) for number in range(30)]
        kept = {'XDG_STATE_HOME': str(self.directory / 'state')}
        with programs.Receiver(self.received) as receiver:
            with Application(f'--site={receiver.address}', *paths, environment=kept) as application:
                receiver.wait_event('stored')
                application.signal(9)
                application.wait()
            with Application(environment=kept) as application:
                for path in paths:
                    receiver.wait_event('stored', lambda event, path=path: event['name'] == path.name)
                application.row('29.jpg', 'Uploaded')
            self.assert_received(*paths)

    def test_site_is_asked_for_beside_a_list(self):
        """There are uploads of an earlier run, but no site any more: what is added now waits for one."""
        first, second = self.file('first.bin'), self.file('second.bin')
        kept = {'XDG_STATE_HOME': str(self.directory / 'state')}
        with programs.Receiver(self.received) as receiver:
            with Application(f'--site={receiver.address}', first, environment=kept) as application:
                application.row('first.bin', 'Uploaded')
            with Application(environment=kept) as application:
                application.row('first.bin', 'Uploaded')
                application.add(second)
                application.wait_for('label', '“second.bin” is ready to go')
                application.wait_for('text', 'Upload Address').write(receiver.address)
                application.click('Use This Site')
                application.row('second.bin', 'Uploaded')
            self.assert_received(first, second)

    def slowly(self):
        """An environment in which a setting makes uploads slow enough to look at."""
        settings = self.directory / 'config/glib-2.0/settings'
        settings.mkdir(parents=True)
        (settings / 'keyfile').write_text('[io/github/galileosend/GalileoSend]\nrate-limit=uint64 1000000\n')
        return {'GSETTINGS_BACKEND': 'keyfile', 'XDG_CONFIG_HOME': str(self.directory / 'config'),
                'XDG_STATE_HOME': str(self.directory / 'state')}

    def test_pause(self):
        """One and all are paused, also after the program was killed; and go on."""
        paths = [self.file(f'{number}.bin', 3_000_000) for number in range(4)]
        environment = self.slowly()
        with programs.Receiver(self.received) as receiver:
            with Application(f'--site={receiver.address}', *paths, environment=environment) as application:
                application.click('Pause: 0.bin')
                application.wait_for('push button', 'Resume: 0.bin')
                application.click('Pause All')
                application.wait_for('push button', 'Resume All')
                application.row('3.bin', 'Paused')
                application.signal(9)
                application.wait()
            self.assertEqual(files.tree(self.received), {})

            with Application(environment=environment) as application:
                application.wait_for('push button', 'Resume: 0.bin')
                application.click('Resume All')
                application.row('3.bin', 'Uploaded')
                application.click('Resume: 0.bin')
                application.row('0.bin', 'Uploaded')
            self.assert_received(*paths)

    def test_added_twice(self):
        """A file that is in the list is told, and skipped; one whose name is taken gets another."""
        (self.directory / 'other').mkdir()
        first, other = self.file('same.bin', 1000), self.file('other/same.bin', 2000)
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', first) as application:
            application.row('same.bin', 'Uploaded')
            application.add(first, other)
            application.wait_for('label', 'Already listed: “same.bin”')
            application.wait_for('label', 'Name Taken')
            application.click('Rename')
            application.row('same (2).bin', 'Uploaded')
            received = files.tree(self.received)
            self.assertEqual(sorted(received), ['same (2).bin', 'same.bin'])
            self.assertTrue(files.same_file(other, received['same (2).bin']))
            self.assertTrue(files.same_file(first, received['same.bin']))

    def test_changed_meanwhile(self):
        """What is another file after a restart is not uploaded unasked, and what is gone can be located."""
        changed, gone = self.file('changed.bin'), self.file('gone.bin')
        environment = {'XDG_STATE_HOME': str(self.directory / 'state')}
        with programs.Receiver(self.received) as receiver:
            with Application(f'--site={receiver.address}', environment=environment) as application:
                application.command('win.pause-all')
                application.add(changed, gone)
                application.row('gone.bin', 'Paused')
                application.signal(9)
                application.wait()
            changed.write_bytes(b'another')
            gone.unlink()
            with Application(environment=environment) as application:
                application.click('Resume All')
                application.row('changed.bin', 'The file was changed since it was added')
                application.row('gone.bin', '100.0\u00a0kB · The file is not there')
                application.click('Locate…: gone.bin')
                programs.wait_until(lambda: application.x_window('Locate File'), 'the file chooser')
                xdotool('key', 'Escape')
                application.click('Upload Again: changed.bin')
                application.row('changed.bin', '7 bytes · Uploaded')
            self.assert_received(changed)

    def test_state_cannot_be_written(self):
        path = self.file('procession.mp4', 1000)
        blocked = self.file('state', 1)
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', path,
                            environment={'XDG_STATE_HOME': str(blocked)}) as application:
            application.wait_for('label', "The list of uploads can't be saved: "
                                          f"The folder “{blocked}/galileosend” can't be written to")
            application.row('procession.mp4', 'Uploaded')
            self.assert_received(path)

    def test_keyboard(self):
        """Ctrl+V pastes and Delete removes; in the address entry they edit."""
        self.window_manager()
        path = self.file('two words.jpg')
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}') as application:
            self.hand(path)
            window = application.x_window()
            xdotool('windowactivate', '--sync', window)
            xdotool('key', 'ctrl+v')
            application.row('two words.jpg', 'Uploaded')
            self.assert_received(path)

            xdotool('key', 'ctrl+e')
            application.wait_for('label', 'Files will go to')
            xdotool('key', 'shift+Tab')
            xdotool('key', 'ctrl+a', 'Delete')
            application.wait_gone('label', 'Files will go to')
            xdotool('key', 'ctrl+v')
            application.wait_for('label', 'two words.jpg” is')
            xdotool('key', 'Escape')

            xdotool('mousemove', '--window', window, 200, 125, 'click', 1, 'key', 'Delete')
            application.wait_gone('list item', 'two words.jpg')
            application.wait_for('label', '“two words.jpg” removed')

    def test_drag_and_drop(self):
        """With the mouse, from the window of another program."""
        paths = [self.file('dragged one.jpg'), self.file('dragged two.jpg')]
        self.window_manager()
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}') as application:
            self.drag(application, *paths)
            for path in paths:
                application.row(path.name, 'Uploaded')
            self.assert_received(*paths)

    def test_file_that_is_gone(self):
        good = self.file('good.bin')
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', self.directory / 'gone.bin', good) as application:
            application.row('good.bin', 'Uploaded')
            application.row('gone.bin', 'The file is not there')
            self.assert_received(good)

    def test_memory(self):
        path = files.sparse_file(self.directory / 'large.bin', 500_000_000)
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', path) as application:
            application.row('large.bin', 'Uploaded')
            peak = application.peak_memory_kb()
            print(f'# peak resident memory: {peak} kB')
            self.assertLess(peak, MEMORY_KB)


class TestCommandLine(unittest.TestCase):
    def run_uploader(self, *arguments):
        return subprocess.run([programs.uploader(), *arguments], capture_output=True, text=True, check=False,
                              env={**programs.clean_environment(), **session()}, timeout=programs.PATIENCE)

    def test_version(self):
        done = self.run_uploader('--version')
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'^galileosend \d+\.\d+\.\d+\n$')
        self.assertEqual(done.stderr, '')

    def test_help(self):
        done = self.run_uploader('--help')
        self.assertEqual(done.returncode, 0)
        self.assertIn('--site=ADDRESS', done.stdout)
        self.assertIn('[FILE…]', done.stdout)

    def test_bad_site(self):
        for address, words in [('ftp://example.org', 'ftp'), ('', 'empty'), ('ws://', 'host')]:
            with self.subTest(address):
                done = self.run_uploader(f'--site={address}')
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr, rf'^galileosend: --site: .*{words}.*\n$')

    def test_activated_by_the_bus(self):
        service = Application('--gapplication-service')
        try:
            programs.wait_until(lambda: subprocess.run(
                ['gdbus', 'call', '--session', '--dest', 'io.github.galileosend.GalileoSend',
                 '--object-path', '/io/github/galileosend/GalileoSend',
                 '--method', 'org.freedesktop.Application.Activate', '{}'],
                check=False, capture_output=True).returncode == 0, 'the service on the bus')
            service.__enter__()
            service.wait_for('label', 'Add a Site')
        finally:
            service.__exit__(None, None, None)


if __name__ == '__main__':
    tap.main()
