#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""--queue while no window runs: on the database alone. With a window: tests/window/test_queue.py."""

import contextlib
import json
import sqlite3
import unittest

from kit import cases, cli, files, programs, tap

# Nobody is there, and nobody is asked.
NOWHERE = 'ws://127.0.0.1:1/upload'


class QueueTest(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(files.scratch())
        self.state = self.scratch / 'state'
        self.database = self.state / 'galileosend/queue.db'
        self.environment = {'XDG_STATE_HOME': str(self.state)}

    def file(self, name, size=1000):
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return files.random_file(path, size)

    def start(self, *arguments, **options):
        return cli.Cli('--queue', *arguments, environment=self.environment, **options)

    def queue(self, *arguments, status=0, **options):
        result = self.start(*arguments, **options).result()
        self.assertEqual(result.status, status, str(result))
        return result

    def uploads(self):
        return json.loads(self.queue('show', '--json').stdout)['uploads']

    def states(self):
        return {upload['id']: upload['state'] for upload in self.uploads()}

    def order(self):
        return [upload['id'] for upload in self.uploads()]

    def fill(self, count):
        paths = [self.file(f'{number}.bin') for number in range(1, count + 1)]
        self.queue('add', NOWHERE, *paths)
        return paths

    @contextlib.contextmanager
    def held(self):
        """Has the database for itself, as a running program does."""
        connection = sqlite3.connect(self.database, isolation_level=None)
        with contextlib.closing(connection):
            connection.execute('PRAGMA locking_mode = EXCLUSIVE')
            connection.execute('BEGIN EXCLUSIVE')
            yield connection


class TestDatabase(QueueTest):
    def test_nothing_there(self):
        """Looking makes nothing, and what can do nothing neither."""
        self.assertEqual(self.queue().stdout, 'The list of uploads is empty')
        self.assertEqual(json.loads(self.queue('show', '--json').stdout),
                         {'running': False, 'paused': False, 'uploads': []})
        self.assertEqual(self.queue('history').stdout, 'Nothing was found')
        self.assertEqual(json.loads(self.queue('history', '--json').stdout), [])
        self.assertEqual(self.queue('retry-failed').stdout, '0 uploads are tried again')
        self.queue('resume')
        self.assertIn('no upload with the number 7', self.queue('cancel', 7, status=1).stderr)
        self.assertFalse(self.state.exists())

    def test_add_and_show(self):
        photo, other = self.file('Ünïcödé.jpg', 1500), self.file('album/day 1/other.jpg', 0)
        result = self.queue('add', NOWHERE, photo, self.scratch / 'album')
        self.assertEqual(result.stdout, '2 files added')
        self.assertIn('does not run', result.stderr)

        shown = self.queue('show')
        self.assertIn('does not run', shown.stderr)
        self.assertEqual([line.split('  ')[1] for line in shown.stdout.splitlines()], ['Ünïcödé.jpg', 'other.jpg'])
        self.assertRegex(shown.stdout, r'127\.0\.0\.1  waiting')
        first, second = self.uploads()
        self.assertEqual(first, {
            'id': 1, 'state': 'waiting', 'wait': 'turn', 'name': 'Ünïcödé.jpg', 'file': str(photo),
            'uri': photo.as_uri(), 'site': NOWHERE, 'size': 1500, 'acknowledged': 0, 'attempt': 0})
        self.assertEqual((second['file'], second['size']), (str(other), 0))

    def test_relative_and_strange_names(self):
        self.file('-rf')
        self.file('a\nb')
        (self.scratch / b'\xff'.decode('utf-8', 'surrogateescape')).touch()
        result = self.start('--json', 'add', NOWHERE, '--', '-rf', 'a\nb', b'\xff', directory=self.scratch).result()
        self.assertEqual(result.status, 0, str(result))
        self.assertEqual(json.loads(result.stdout), {'added': 3, 'skipped': 0, 'failed': []})
        self.assertEqual([upload['name'] for upload in self.uploads()], ['-rf', 'a\nb', '\ufffd'])
        self.assertEqual([upload['uri'].rsplit('/', 1)[1] for upload in self.uploads()], ['-rf', 'a%0Ab', '%FF'])
        self.assertEqual(len(self.queue('show').stdout.splitlines()), 3)

    def test_some_can_not_be_added(self):
        good = self.file('good.bin')
        (self.scratch / 'empty').mkdir()
        result = self.queue('add', NOWHERE, self.scratch / 'gone.bin', good, '/dev/null', status=1)
        self.assertEqual(result.stdout, '1 file added')
        self.assertIn(f'{self.scratch}/gone.bin: The file is not there', result.stderr)
        self.assertIn('/dev/null: ', result.stderr)
        self.assertEqual([upload['name'] for upload in self.uploads()], ['good.bin'])

    def test_added_twice(self):
        path = self.file('a.bin')
        self.queue('add', NOWHERE, path)
        self.assertIn('1 file skipped', self.queue('add', NOWHERE, path).stdout)
        self.assertEqual(self.order(), [1])

    def test_same_name(self):
        self.queue('add', NOWHERE, self.file('a.bin'))
        for number, (rule, name) in enumerate([(None, 'a (2).bin'), ('skip', None), ('rename', 'a (3).bin'),
                                               ('replace', 'a.bin')]):
            options = [] if rule is None else [f'--same-name={rule}']
            before = len(self.order())
            self.queue('add', *options, NOWHERE, self.file(f'{number}/a.bin'))
            names = [upload['name'] for upload in self.uploads()][before:]
            self.assertEqual(names, [] if name is None else [name])

    def test_files_from(self):
        self.file('one')
        self.file('two')
        names = self.scratch / 'names'
        names.write_bytes(b'one\0two\0')
        result = self.start('add', NOWHERE, f'--files-from={names}', '--null', directory=self.scratch).result()
        self.assertEqual((result.status, result.stdout), (0, '2 files added'), str(result))

    def test_pause_and_resume(self):
        self.fill(3)
        self.assertEqual(self.queue('pause', 1, 3).stdout, '2 uploads paused')
        self.assertEqual(self.states(), {1: 'paused', 2: 'waiting', 3: 'paused'})
        self.assertEqual(self.queue('resume', 1, 2).stdout, '1 upload goes on')
        self.assertEqual(self.states(), {1: 'waiting', 2: 'waiting', 3: 'paused'})
        self.assertEqual(json.loads(self.queue('pause', 2, '--json').stdout), {'changed': 1})

    def test_pause_everything(self):
        self.queue('pause')
        self.assertTrue(self.database.exists())
        self.assertTrue(json.loads(self.queue('--json').stdout)['paused'])
        self.fill(1)
        self.assertIn('Everything is paused', self.queue().stdout)
        self.queue('resume')
        self.assertFalse(json.loads(self.queue('--json').stdout)['paused'])

    def test_cancel_move_remove(self):
        self.fill(4)
        self.assertEqual(self.queue('cancel', 2).stdout, '1 upload cancelled')
        self.assertEqual(self.queue('move', 'top', 4, 3).stdout, '2 uploads moved')
        self.assertEqual(self.order(), [3, 4, 1, 2])
        self.queue('move', 'down', 3)
        self.queue('move', 'bottom', 1)
        self.queue('move', 'up', 1)
        self.assertEqual(self.order(), [4, 3, 1, 2])
        self.assertEqual(self.queue('remove', 1, 4).stdout, '2 uploads removed')
        self.assertEqual(self.states(), {3: 'waiting', 2: 'cancelled'})

    def test_unknown_id(self):
        self.fill(2)
        for command in (['pause'], ['resume'], ['cancel'], ['remove'], ['move', 'top']):
            with self.subTest(command=command):
                result = self.queue(*command, 1, 77, status=1)
                self.assertEqual(result.stderr, 'galileosend-cli: There is no upload with the number 77')
                self.assertEqual(result.stdout, '')
                self.assertEqual(self.states(), {1: 'waiting', 2: 'waiting'})

    def test_quiet(self):
        path = self.file('a.bin')
        result = self.queue('add', '--quiet', NOWHERE, path)
        self.assertEqual((result.stdout, result.stderr), ('', ''))
        result = self.queue('pause', '-q')
        self.assertEqual((result.stdout, result.stderr), ('', ''))
        self.assertIn('a.bin', self.queue('show', '-q').stdout)

    def test_many(self):
        """More than go into one answer."""
        folder = self.scratch / 'many'
        folder.mkdir()
        for number in range(4500):
            (folder / f'{number}').touch()
        self.assertEqual(self.queue('add', NOWHERE, folder).stdout, '4500 files added')
        self.assertEqual(self.order(), list(range(1, 4501)))

    def test_usage(self):
        for arguments in (['frobnicate'], ['show', '1'], ['add', 'gopher://x', 'a'], ['move', 'aside', '1'],
                          ['--jobs=2']):
            with self.subTest(arguments=arguments):
                result = self.queue(*arguments, status=2)
                self.assertEqual(len(result.stderr.splitlines()), 1, str(result))
        self.assertFalse(self.state.exists())

    def test_site(self):
        self.assertEqual(self.queue('site', NOWHERE).stdout.splitlines(),
                         ['uploads-at-once=0', 'rate-limit=0', 'same-name=ask', 'keep-folders=no'])
        self.assertFalse(self.state.exists())
        changed = ['uploads-at-once=5', 'rate-limit=2048', 'same-name=skip', 'keep-folders=yes']
        self.assertEqual(self.queue('site', NOWHERE, 'uploads-at-once=5', 'rate-limit=2K', 'same-name=skip',
                                    'keep-folders=yes').stdout.splitlines(), changed)
        self.assertEqual(self.queue('site', NOWHERE).stdout.splitlines(), changed)
        self.assertEqual(json.loads(self.queue('site', NOWHERE, 'rate-limit=0', '--json').stdout),
                         {'uploads-at-once': 5, 'rate-limit': 0, 'same-name': 'skip', 'keep-folders': True})
        # It holds for what is added: the second file of that name is left out, unless it was in another folder.
        self.file('album/day 1/a.jpg', 1)
        self.file('album/day 2/a.jpg', 2)
        self.assertEqual(self.queue('add', NOWHERE, self.scratch / 'album').stdout, '2 files added')
        self.queue('site', NOWHERE, 'keep-folders=no')
        self.assertEqual(self.queue('add', NOWHERE, self.file('new/b.jpg', 1), self.file('other/b.jpg', 2)).stdout.splitlines(),
                         ['1 file added', '1 file skipped: it is in the list, or its name is taken'])
        for words in (['gopher://x'], [NOWHERE, 'uploads-at-once=17'], [NOWHERE, 'rate-limit=fast'], [NOWHERE, 'colour=red'],
                      [NOWHERE, 'same-name'], [NOWHERE, 'keep-folders=perhaps']):
            with self.subTest(words=words):
                self.assertEqual(len(self.queue('site', *words, status=2).stderr.splitlines()), 1)

    def test_history(self):
        self.fill(1)
        with contextlib.closing(sqlite3.connect(self.database)) as connection, connection:
            for name, state in (('choir.wav', 'done'), ('=1+1', 'failed')):
                connection.execute('INSERT INTO history (time, address, uri, name, state, size, attempt, seconds,'
                                   ' error_message, verified) VALUES (1700000000000000, ?, ?, ?, ?, 5, 1, 0.5, "No", 0)',
                                   (NOWHERE, f'file:///{name}', name, state))
        self.assertRegex(self.queue('history').stdout,
                         r'2023-11-1\d .*=1\+1 .*failed: No\n2023-11-1\d .*choir\.wav .*done')
        self.assertNotIn('=1+1', self.queue('history', 'choir').stdout)
        found = json.loads(self.queue('history', 'choir', '--json').stdout)
        self.assertEqual([upload['name'] for upload in found], ['choir.wav'])
        lines = self.queue('history', '--csv').stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(lines[0].startswith('time,state,site,'))
        self.assertEqual(self.queue('history', 'organ').stdout, 'Nothing was found')


class TestTrouble(QueueTest):
    def test_newer_version(self):
        self.fill(1)
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute('PRAGMA user_version = 999')
        for command in (['show'], ['pause'], ['add', NOWHERE, self.file('b.bin')]):
            with self.subTest(command=command[0]):
                result = self.queue(*command, status=3)
                self.assertEqual(result.stdout, '')
                self.assertIn('newer version', result.stderr)
        self.assertEqual(sorted(path.name for path in self.database.parent.iterdir() if '.damaged' in path.name), [])

    def test_damaged(self):
        self.database.parent.mkdir(parents=True)
        self.database.write_bytes(b'This is no database.' * 1000)
        result = self.queue('show')
        self.assertEqual(result.stdout, 'The list of uploads is empty')
        self.assertIn('was damaged', result.stderr)
        aside, = self.database.parent.glob('queue.db.damaged-*')
        self.assertIn(str(aside), result.stderr)
        self.assertEqual(aside.read_bytes(), b'This is no database.' * 1000)
        self.assertEqual(self.queue('show').stderr, '')

    def test_folder_can_not_be_read(self):
        self.fill(1)
        self.database.parent.chmod(0)
        self.addCleanup(self.database.parent.chmod, 0o700)
        for command in (['show'], ['pause']):
            with self.subTest(command=command[0]):
                result = self.queue(*command, status=3, prefix=programs.unprivileged())
                self.assertIn("can't be written to", result.stderr)
                self.assertEqual(result.stdout, '')

    def test_folder_can_not_be_made(self):
        self.state.touch()
        result = self.queue('add', NOWHERE, self.file('a.bin'), status=3)
        self.assertIn(f"The folder “{self.state}/galileosend” can't be written to", result.stderr)
        self.assertEqual(result.stdout, '')

    def test_somebody_else_has_it(self):
        self.fill(1)
        with self.held():
            result = self.queue('pause', 1, status=3)
        self.assertIn("Another program has the list of uploads, and it can't be reached", result.stderr)
        self.assertEqual(result.stdout, '')
        self.assertEqual(self.states(), {1: 'waiting'})

    def test_several_at_once(self):
        """Each waits for the others, and nothing is lost."""
        paths = [self.file(f'{number}.bin') for number in range(8)]
        running = [self.start('add', NOWHERE, path) for path in paths]
        for program in running:
            result = program.result()
            self.assertEqual((result.status, result.stdout), (0, '1 file added'), str(result))
        self.assertEqual(sorted(upload['name'] for upload in self.uploads()), [path.name for path in paths])

    def test_no_bus_is_started(self):
        """An address that nobody listens at is as good as none."""
        self.environment['DBUS_SESSION_BUS_ADDRESS'] = f'unix:path={self.scratch}/nobody'
        self.fill(1)
        self.assertEqual(self.states(), {1: 'waiting'})


class TestApart(cases.PeerTest):
    """Without --queue the command line has nothing to do with the desktop's queue."""

    peer = programs.Receiver

    def test_upload(self):
        state = self.source.parent / 'state'
        environment = {'XDG_STATE_HOME': str(state)}
        waiting, sent = self.sample('waiting.bin'), self.sample('sent.bin')
        self.assert_succeeded(self.send(sent, environment=environment))
        self.assertFalse(state.exists())

        # Paused, so that what is in the queue would show if it were touched.
        for command in (['add', self.server.address, waiting], ['pause']):
            self.assertEqual(cli.run('--queue', *command, environment=environment).status, 0)
        database = state / 'galileosend/queue.db'
        before = database.read_bytes()
        other = self.sample('other.bin')
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute('PRAGMA locking_mode = EXCLUSIVE')
            connection.execute('BEGIN EXCLUSIVE')
            self.assert_succeeded(self.send(other, environment=environment))
            connection.execute('ROLLBACK')
        self.assertEqual(database.read_bytes(), before)
        self.assert_stored('sent.bin', 'other.bin')


if __name__ == '__main__':
    tap.main()
