#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad files, addresses and options get a message and an exit status, and never stop what is good."""

import os
import socket
import threading

from kit import cases, cli, files, programs, tap

# Options of the contract that a later version has. Until then they are refused, never ignored.
LATER = [['--user=ada'], ['--login=http://127.0.0.1/login'], ['--password-file=/dev/null']]

BAD_OPTIONS = [
    ['--no-such-option'], ['-Z'],
    ['--jobs=0'], ['--jobs=-1'], ['--jobs=many'], ['--jobs=17'],
    ['--retries=-1'], ['--retries=often'],
    ['--timeout=0'], ['--timeout=-1'], ['--timeout=soon'],
    ['--chunk-size=0'], ['--chunk-size=-5'], ['--chunk-size=big'], ['--chunk-size=1X'], ['--chunk-size='],
    ['--hash=md5'], ['--hash='],
]


class BadFiles(cases.PeerTest):
    def setUp(self):
        super().setUp()
        os.mkfifo(self.source / 'pipe')
        (self.source / 'dangling').symlink_to('nowhere')
        (self.source / 'loop').symlink_to('loop')
        (self.source / 'folder').mkdir()
        self.sample('folder/inside.bin')
        self.sample('plain.bin')
        # A socket's address is at most 107 bytes, which a build folder's path may exceed.
        listener = self.enterContext(socket.socket(socket.AF_UNIX))
        folder = os.open(self.source, os.O_DIRECTORY)
        listener.bind(f'/proc/self/fd/{folder}/socket')
        os.close(folder)
        self.bad = {
            'missing': self.source / 'missing',
            'folder': self.source / 'folder',
            'pipe': self.source / 'pipe',
            'socket': self.source / 'socket',
            'null': '/dev/null',
            'zero': '/dev/zero',
            'dangling': self.source / 'dangling',
            'loop': self.source / 'loop',
            'below a file': self.source / 'plain.bin' / 'x',
        }

    def test_each_alone(self):
        for what, path in self.bad.items():
            with self.subTest(what=what):
                reason = self.assert_failed(self.send(path, limit=15))
                self.assertGreater(len(reason), 10)
        self.assert_stored()

    def test_each_is_named_for_people(self):
        for what, path in self.bad.items():
            with self.subTest(what=what):
                result = cli.run(self.server.address, path, limit=15)
                self.assertEqual(result.status, 1, str(result))
                self.assertIn(os.path.basename(path), result.stderr)

    def test_the_others_go_on(self):
        first, last = self.sample('first.bin', 400000), self.sample('last.bin')
        result = self.send([first, *self.bad.values(), last], limit=20)
        self.assertEqual(result.status, 1, str(result))
        self.assert_stored('first.bin', 'last.bin')
        self.assert_arrived(first)
        self.assert_arrived(last)
        self.assertEqual(sorted(event['file'] for event in result.named('failure')),
                         sorted(str(path) for path in self.bad.values()))
        summary, = result.named('summary')
        self.assertEqual((summary['succeeded'], summary['failed']), (2, len(self.bad)))

    def test_bad_ones_below_a_folder(self):
        good = self.source / 'plain.bin'
        (self.source / 'folder' / 'up').symlink_to('..')
        result = self.send(self.source, '--recursive', limit=20)
        self.assertEqual(result.status, 1, str(result))
        stored = {path.name: path for path in files.tree(self.target).values()}
        self.assertEqual(sorted(stored), ['inside.bin', 'plain.bin'])
        self.assertTrue(files.same_file(good, stored['plain.bin']))
        self.assertEqual(len(result.named('success')), 2, str(result))
        failed = {os.path.basename(event['file']) for event in result.named('failure')}
        self.assertLessEqual({'pipe', 'socket', 'dangling', 'loop'}, failed)

    def test_folder_is_told_from_file(self):
        reason = self.assert_failed(self.send(self.source / 'folder'))
        self.assertIn('--recursive', reason + cli.run(self.server.address, self.source / 'folder').stderr)

    def test_empty_name(self):
        good = self.sample('good.bin')
        result = cli.run(self.server.address, '', good, limit=15)
        self.assertNotEqual(result.status, 0)
        self.assertNotEqual(result.stderr, '')
        self.assertIn(result.status, (1, 2))
        if result.status == 1:
            self.assert_arrived(good)
        else:
            self.assert_stored()

    def test_unreadable(self):
        secret, good = self.sample('secret.bin'), self.sample('good.bin')
        secret.chmod(0)
        closed = self.source / 'closed'
        closed.mkdir(mode=0o700)
        self.sample('closed/inside.bin')
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o755)
        result = self.send([secret, good, closed / 'inside.bin'], prefix=programs.unprivileged())
        self.assertEqual(result.status, 1, str(result))
        self.assert_stored('good.bin')
        self.assertEqual(sorted(os.path.basename(event['file']) for event in result.named('failure')),
                         ['inside.bin', 'secret.bin'])
        for event in result.named('failure'):
            self.assertRegex(event['reason'], '(?i)permission|denied|allowed|read')

    def test_unreadable_folder_is_not_passed_over(self):
        closed = self.source / 'closed'
        closed.mkdir()
        self.sample('closed/inside.bin')
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o755)
        result = self.send(closed, '--recursive', prefix=programs.unprivileged())
        self.assert_failed(result)

    def test_empty_folder_is_no_success_of_files(self):
        (self.source / 'empty').mkdir()
        result = self.send(self.source / 'empty', '--recursive')
        self.assertEqual(result.named('success'), [], str(result))
        self.assert_stored()


class _DumbServer:
    """Accepts connections and treats each with one function."""

    def __init__(self, treat):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self._connections = []
        self._treat = treat
        self.address = f'ws://127.0.0.1:{self._listener.getsockname()[1]}/upload'
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._treat(connection)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        # shutdown() wakes the thread that waits in accept(), close() alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()


class BadAddresses(cases.PeerTest):
    """No file can be tried: exit status 3, the address is named, and the reason is more than "failed"."""

    def refused_by(self, address, *options, limit=20):
        path = self.sample()
        result = self.send(path, *options, address=address, limit=limit)
        self.assertEqual(result.status, 3, str(result))
        self.assertEqual(result.named('success'), [], str(result))
        self.assertNotEqual(cli.run('--retries=0', *options, address, path, limit=limit).stderr, '')
        return '\n'.join([event['reason'] for event in result.named('failure')] + [result.stderr])

    def test_unknown_scheme(self):
        for address in ('ftp://127.0.0.1/upload', 'file:///tmp', 'gopher://x/', 'javascript://x/'):
            with self.subTest(address=address):
                self.assertIn(address.split(':')[0], self.refused_by(address))

    def test_no_address(self):
        for address in ('', 'ws://', 'ws:///upload', 'ws://127.0.0.1:99999/', 'ws://127.0.0.1:x/', 'ws://a b/'):
            with self.subTest(address=address):
                self.refused_by(address)

    def test_refused_connection(self):
        listener = socket.create_server(('127.0.0.1', 0))
        port = listener.getsockname()[1]
        listener.close()
        said = self.refused_by(f'ws://127.0.0.1:{port}/upload')
        self.assertRegex(said, '(?i)refused')

    def test_unknown_host(self):
        said = self.refused_by('ws://no-such-host.invalid/upload', '--timeout=5', limit=30)
        self.assertIn('no-such-host.invalid', said)

    def test_status_instead_of_a_websocket(self):
        for status in (200, 302, 401, 403, 404, 500, 502, 503):
            with self.subTest(status=status):
                self.assertIn(str(status), self.refused_by(self.server.url(f'/status/{status}')))

    def test_page_instead_of_a_websocket(self):
        self.refused_by(self.server.url('/page/home'))

    def test_author_only(self):
        said = self.refused_by(self.server.url('/author/upload'))
        self.assertRegex(said, '(?i)log.?in|sign.?in|signed|logged')

    def test_tls_where_there_is_none(self):
        self.assertRegex(self.refused_by(self.server.address.replace('ws://', 'wss://')), '(?i)tls')

    def test_no_answer_to_the_handshake(self):
        with _DumbServer(lambda connection: None) as server:
            said = self.refused_by(server.address, '--timeout=1')
        self.assertRegex(said, '(?i)answer|time|respon')

    def test_connection_that_ends_at_once(self):
        with _DumbServer(lambda connection: connection.close()) as server:
            self.refused_by(server.address)

    def test_another_protocol(self):
        with _DumbServer(lambda connection: connection.sendall(b'SSH-2.0-OpenSSH_9.2\r\n')) as server:
            self.refused_by(server.address, '--timeout=2')

    def test_redirect_is_not_followed(self):
        # The page that /status/302 points to would answer 200.
        self.assertIn('302', self.refused_by(self.server.url('/status/302')))

    def test_one_message_and_not_one_for_each_file(self):
        paths = [self.sample(f'{number}.bin') for number in range(5)]
        result = self.send(paths, address=self.server.url('/status/403'))
        self.assertEqual(result.status, 3, str(result))
        self.assertEqual(result.named('success'), [])
        summary, = result.named('summary')
        self.assertEqual((summary['succeeded'], summary['failed']), (0, 5))


class Usage(cases.PeerTest):
    """Exit status 2: nothing was sent, and the message names what was wrong."""

    def assert_usage(self, *arguments, word=''):
        result = cli.run(*arguments, limit=15)
        self.assertEqual(result.status, 2, str(result))
        self.assertIn(word, result.stderr)
        self.assertNotEqual(result.stderr, '')
        self.assertEqual(result.stdout, '')
        self.assert_stored()

    def test_too_few_arguments(self):
        self.assert_usage()
        self.assert_usage(self.server.address)

    def test_unknown_and_bad_options(self):
        path = self.sample()
        for options in BAD_OPTIONS:
            with self.subTest(options=options):
                self.assert_usage(*options, self.server.address, path, word=options[0].split('=')[0].lstrip('-'))

    def test_options_of_a_later_version(self):
        path = self.sample()
        for options in LATER:
            with self.subTest(options=options):
                self.assert_usage(*options, self.server.address, path, word=options[0].split('=')[0])

    def test_one_name_for_two_files(self):
        self.assert_usage('--name=x', self.server.address, self.sample('a'), self.sample('b'), word='name')

    def test_name_that_can_not_be_sent(self):
        path = self.sample()
        for name in ('../x', 'a/b', 'a\\b', '..', '.', '', 'two\nlines', 'n' * 256):
            with self.subTest(name=name):
                result = cli.run(f'--name={name}', self.server.address, path, limit=15)
                self.assertIn(result.status, (1, 2), str(result))
                self.assertRegex(result.stderr, '(?i)name')
                self.assert_stored()


if __name__ == '__main__':
    tap.main()
