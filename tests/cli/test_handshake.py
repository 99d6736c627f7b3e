#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What stands in the handshake: --token-file and --header."""

import os
import subprocess

from kit import cases, cli, files, peer, programs, tap

TOKEN = 'mF_9.B5f-4.1JqM~+/=='


class HandshakeTest(cases.PeerTest):
    starts_peer = False

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(peer.Peer())

    def token_file(self, content=TOKEN + '\n', mode=0o600):
        path = self.source.parent / 'token'
        path.write_text(content)
        path.chmod(mode)
        return path

    def upload(self, *options, **more):
        """Sends a file, and returns what the peer saw of it and the run's result."""
        path = self.sample()
        result = self.send(path, *options, **more)
        self.assert_succeeded(result)
        upload = self.server.uploads[-1]
        self.assertEqual(bytes(upload.data), path.read_bytes())
        return upload, result

    def assert_usage(self, *options, word, secret=TOKEN):
        result = cli.run(*options, self.server.address, self.sample(), limit=15)
        self.assertEqual(result.status, 2, str(result))
        self.assertIn(word, result.stderr)
        self.assertNotIn(secret, result.stderr + result.stdout)
        self.assertEqual(self.server.uploads, [])


class Token(HandshakeTest):
    def test_sent_in_the_handshake(self):
        upload, result = self.upload(f'--token-file={self.token_file()}')
        self.assertEqual(upload.header('Authorization'), [f'Bearer {TOKEN}'.encode()])
        self.assertEqual(result.stderr, '')
        self.assertNotIn(TOKEN, result.stdout)

    def test_first_line_counts(self):
        for content in (TOKEN, f'{TOKEN}\r\n', f'{TOKEN}\nanother\n'):
            upload, _ = self.upload(f'--token-file={self.token_file(content)}')
            self.assertEqual(upload.header('Authorization'), [f'Bearer {TOKEN}'.encode()])

    def test_from_standard_input(self):
        command = [programs.cli(), '--token-file=-', self.server.address, self.sample()]
        done = subprocess.run(command, input=f'{TOKEN}\n', env=programs.clean_environment(), capture_output=True,
                              text=True, timeout=programs.PATIENCE, check=False)
        self.assertEqual((done.returncode, TOKEN in done.stdout + done.stderr), (0, False), done)
        self.assertEqual(self.server.uploads[0].header('Authorization'), [f'Bearer {TOKEN}'.encode()])

    def test_not_sent_without(self):
        upload, _ = self.upload()
        self.assertEqual(upload.header('Authorization'), [])

    def test_for_every_file_and_attempt(self):
        paths = [self.sample(f'{number}.bin') for number in range(3)]
        self.assert_succeeded(self.send(paths, f'--token-file={self.token_file()}'), 3)
        self.assertEqual([upload.header('Authorization') for upload in self.server.uploads],
                         [[f'Bearer {TOKEN}'.encode()]] * 3)

    def test_warns_of_open_permissions(self):
        for mode in (0o640, 0o604, 0o644, 0o666):
            token = self.token_file(mode=mode)
            _, result = self.upload(f'--token-file={token}')
            self.assertIn(str(token), result.stderr)
            self.assertNotIn(TOKEN, result.stderr)
            _, result = self.upload(f'--token-file={token}', '--quiet')
            self.assertEqual(result.stderr, '')

    def test_refused(self):
        for content in ('', '\n', f'\n{TOKEN}\n', f'Bearer {TOKEN}\n', f'{TOKEN} \n', f'{TOKEN}\t', f'{TOKEN}ü',
                        f'"{TOKEN}"', f'{TOKEN}\x01', 'x' * 20000):
            with self.subTest(content=content[:40]):
                self.assert_usage(f'--token-file={self.token_file(content)}', word='--token-file')

    def test_unreadable(self):
        self.assert_usage('--token-file=/nowhere/token', word='/nowhere/token')
        self.assert_usage(f'--token-file={self.source}', word=str(self.source))
        self.assert_usage('--token-file=', word='--token-file')

    def test_never_in_what_a_failure_says(self):
        token = self.token_file()
        for arguments in ([f'--token-file={token}'], ['--json', f'--token-file={token}'],
                          ['--json', f'--header=Authorization: Bearer {TOKEN}']):
            with files.scratch() as target, programs.GalileoSite(target) as site:
                for path in ('/status/401', '/status/302', '/status/500', '/page/home'):
                    result = cli.run('--retries=0', *arguments, site.url(path), self.sample(), limit=20)
                    self.assertEqual(result.status, 3, str(result))
                    self.assertNotIn(TOKEN, result.stdout + result.stderr)

    def test_not_sent_to_where_a_redirect_points(self):
        for target in (self.server.address, self.server.address.replace('ws:', 'http:')):
            with peer.Redirector(target) as redirector:
                result = self.send(self.sample(), f'--token-file={self.token_file()}', address=redirector.address)
            self.assertEqual(result.status, 3, str(result))
        self.assertEqual(self.server.uploads, [])


class Headers(HandshakeTest):
    def test_sent_as_they_are(self):
        upload, result = self.upload('--header=X-One: 1', '--header', 'x-two:two words ', '--header=Cookie: a=b; c="d"',
                                     '--header=X-Empty:', b'--header=X-Bytes: caf\xe9', '--header=User-Agent: mine')
        self.assertEqual(upload.header('X-One'), [b'1'])
        self.assertEqual(upload.header('X-Two'), [b'two words'])
        self.assertEqual(upload.header('Cookie'), [b'a=b; c="d"'])
        self.assertEqual(upload.header('X-Empty'), [b''])
        self.assertEqual(upload.header('X-Bytes'), [b'caf\xe9'])
        self.assertEqual(upload.header('User-Agent'), [b'mine'])
        self.assertEqual(result.stderr, '')
        # The handshake's own are there once each.
        for name in ('Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'):
            self.assertEqual(len(upload.header(name)), 1, name)

    def test_beside_a_token(self):
        upload, _ = self.upload('--header=X-One: 1', f'--token-file={self.token_file()}')
        self.assertEqual(upload.header('X-One'), [b'1'])
        self.assertEqual(upload.header('Authorization'), [f'Bearer {TOKEN}'.encode()])

    def test_refused(self):
        for field, word in {
            f'{TOKEN}': 'colon', f': {TOKEN}': '--header', f'X One: {TOKEN}': 'X One',
            f'X-One: {TOKEN}\r\nX-Two: 2': 'X-One', f'X-One: {TOKEN}\n': 'X-One', f'X-One: {TOKEN}\x7f': 'X-One',
            f'Host: {TOKEN}': 'Host', f'upgrade: {TOKEN}': 'upgrade',
            f'Connection: {TOKEN}': 'Connection', f'Sec-WebSocket-Protocol: {TOKEN}': 'Sec-WebSocket-Protocol',
            f'Content-Length: {TOKEN}': 'Content-Length', f'Transfer-Encoding: {TOKEN}': 'Transfer-Encoding',
        }.items():
            with self.subTest(field=field):
                self.assert_usage(f'--header={field}', word=word)
        self.assert_usage(f'--header=X-One: {TOKEN}', f'--header=x-one: {TOKEN}', word='x-one')

    def test_conflict_with_a_token(self):
        self.assert_usage(f'--token-file={self.token_file()}', '--header=authorization: Basic YTpi',
                          word='Authorization')


class OtherPlace(cases.PeerTest):
    """A token that goes unencrypted to another computer."""

    starts_peer = False

    def test_warned_of(self):
        token = self.source.parent / 'token'
        token.write_text(TOKEN)
        os.chmod(token, 0o600)
        # --dry-run connects to nothing.
        result = cli.run('--dry-run', f'--token-file={token}', 'ws://site.example/upload', self.sample())
        self.assertEqual(result.status, 0)
        self.assertIn('site.example unencrypted', result.stderr)
        self.assertIn('wss://', result.stderr)
        result = cli.run('--dry-run', f'--token-file={token}', 'wss://site.example/upload', self.sample())
        self.assertNotIn('unencrypted', result.stderr)


if __name__ == '__main__':
    tap.main()
