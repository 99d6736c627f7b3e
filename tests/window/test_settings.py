# SPDX-License-Identifier: LGPL-2.1-or-later
"""The preferences and the history of the real program, by keyboard and by screen reader."""

import json
import pathlib
import subprocess
import sys
import unittest

from kit import cli, files, programs, tap

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from screen import Application, session, xdotool

GROUP = '[io/github/galileosend/GalileoSend]'
CONTROLS = {
    'spin button': ['Files at Once per Site', 'Files at Once in Total', 'Total Speed',
                    'Number of Entries', 'Number of Days'],
    'check box': ['Limit the Speed', 'Pause on Metered Networks', 'Notifications'],
    'combo box': ['Unit of the Speed Limit', 'Checksum', 'When Closed While Uploading'],
}


class TestSettings(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(files.scratch())
        self.received = self.directory / 'received'
        self.received.mkdir()
        self.settings = self.directory / 'config/glib-2.0/settings/keyfile'
        self.settings.parent.mkdir(parents=True)
        self.environment = {'GSETTINGS_BACKEND': 'keyfile', 'XDG_CONFIG_HOME': str(self.directory / 'config'),
                            'XDG_STATE_HOME': str(self.directory / 'state')}

    def window_manager(self):
        manager = programs.Process(['openbox'], environment=session())
        self.addCleanup(manager.wait)
        self.addCleanup(manager.signal, 15)
        programs.wait_until(lambda: subprocess.run(['xdotool', 'get_num_desktops'], check=False,
                                                   capture_output=True).returncode == 0, 'the window manager')

    def set(self, **values):
        lines = [f'{key.replace("_", "-")}={value}\n' for key, value in values.items()]
        self.settings.write_text(f'{GROUP}\n{"".join(lines)}')

    def press(self, application, *keys):
        xdotool('windowactivate', '--sync', application.x_window())
        xdotool('key', *keys)

    def test_checksum(self):
        """Of the kind that is chosen, or none, goes with each file."""
        path = files.random_file(self.directory / 'a.bin', 1000)
        for kind, length in [('none', None), ('sha1', 40), ('sha256', 64), ('sha512', 128)]:
            with self.subTest(kind), programs.Receiver(self.received) as receiver:
                self.set(checksum=f"'{kind}'")
                with Application(f'--site={receiver.address}', path, environment=self.environment) as application:
                    application.row('a.bin', 'Uploaded')
                    result = cli.run('--queue', 'history', '--json', environment={**session(), **self.environment})
                    newest = json.loads(result.stdout)[0]
                    self.assertEqual(len(newest['hash']) if 'hash' in newest else None, length)
                    application.command('win.clear-finished')
                    application.wait_gone('list item', 'a.bin')

    def test_preferences(self):
        """Opened, they have all controls and change nothing; asked for again they are the same window."""
        self.window_manager()
        self.set(rate_limit='uint64 1234567', site_address="'ws://127.0.0.1:1/upload'")
        before = self.settings.read_text()
        with Application(environment=self.environment) as application:
            self.press(application, 'ctrl+comma')
            window = application.wait_for('frame', 'Preferences')
            nodes = [(node.role, node.name) for node in window.walk()]
            for wanted, names in CONTROLS.items():
                self.assertEqual(sorted(name for role, name in nodes if role == wanted), sorted(names))
            xdotool('key', 'ctrl+comma')
            self.assertEqual(self.settings.read_text(), before)

            window.find('check box', 'Notifications').act('toggle')
            programs.wait_until(lambda: 'notifications=false' in self.settings.read_text(), 'the setting in the file')
            window.find('check box', 'Limit the Speed').act('toggle')
            programs.wait_until(lambda: 'rate-limit=0' in self.settings.read_text(), 'no limit in the file')
            application.root.accessible.clear_cache()
            self.assertEqual([node.name for node in application.root.children()].count('Preferences'), 1)
            xdotool('key', 'Escape')
            application.wait_gone('frame', 'Preferences')

    def test_history(self):
        """What is cleared from the list is there; and cleared there it is gone."""
        self.window_manager()
        path = files.random_file(self.directory / 'programme.pdf', 1000)
        with programs.Receiver(self.received) as receiver, \
                Application(f'--site={receiver.address}', environment=self.environment) as application:
            self.press(application, 'ctrl+h')
            application.wait_for('label', 'No Uploads Yet')
            application.add(path)
            row = application.wait_for('frame', 'History').find('list item', 'programme.pdf') or \
                programs.wait_until(lambda: application.wait_for('frame', 'History').find('list item', 'programme.pdf'),
                                    'the upload in the history')
            self.assertRegex(row.name, r'^programme\.pdf, 1\.0.kB · Uploaded.*, 127\.0\.0\.1 · \d\d:\d\d$')
            application.command('win.clear-finished')
            self.press(application, 'ctrl+h', 'Escape')
            application.wait_gone('list item', 'programme.pdf')

            self.press(application, 'ctrl+h')
            application.wait_for('frame', 'History')
            application.wait_for('list item', 'programme.pdf')
            application.wait_for('frame', 'History').act('history.clear')
            application.click('Clear')
            application.wait_for('label', 'No Uploads Yet')


if __name__ == '__main__':
    tap.main()
