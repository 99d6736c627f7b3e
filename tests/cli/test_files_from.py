#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of files: --files-from, from a file and from standard input, with and without --null."""

import os
import signal
import subprocess
import time

from kit import cases, cli, files, programs, tap

# About 500 bytes for each name, and what the program takes by itself.
MEMORY_KB = int(os.environ.get('GALILEO_CLI_MEMORY_KB', 100_000))


class Lists(cases.PeerTest):
    peer = programs.Receiver

    def names_in(self, data, name='list'):
        path = self.source.parent / name
        path.write_bytes(data)
        return path

    def send_list(self, data, *options, paths=(), **more):
        return self.send(list(paths), f'--files-from={self.names_in(data)}', *options, **more)

    def test_one_a_line(self):
        paths = [self.sample('one.bin'), self.sample('two words.bin'), self.sample('Ünïcödé 写.bin')]
        data = '\n'.join(map(str, paths)).encode()
        for end in (b'', b'\n', b'\n\n\n'):
            with self.subTest(end=end):
                result = self.send_list(data + end, '--dry-run')
                self.assertEqual([event['name'] for event in result.named('would-send')], [path.name for path in paths])
        self.assert_succeeded(self.send_list(data), 3)
        for path in paths:
            self.assert_arrived(path)

    def test_relative_to_the_current_folder(self):
        path = self.sample('relative.bin')
        self.assert_succeeded(self.send_list(b'relative.bin\n./../source/relative.bin\n', directory=self.source))
        self.assert_arrived(path)

    def test_with_files_beside_it(self):
        paths = [self.sample(f'{number}.bin') for number in range(4)]
        result = self.send_list(f'{paths[2]}\n{paths[3]}\n'.encode(), '--jobs=1', paths=paths[:2])
        self.assert_succeeded(result, 4)
        self.assertEqual([event['name'] for event in result.named('start')], [path.name for path in paths])

    def test_folders(self):
        (self.source / 'folder').mkdir()
        inside = self.sample('folder/inside.bin')
        self.assertIn('--recursive', self.assert_failed(self.send_list(f'{self.source}/folder\n'.encode())))
        self.assert_succeeded(self.send_list(f'{self.source}/folder\n'.encode(), '--recursive'))
        self.assert_arrived(inside)

    def test_names_are_taken_as_they_are(self):
        names = [b'-rf', b'--help', b'-', b' space', b'#no comment', b'"quoted"', b'caf\xe9.bin', b'star*.bin',
                 b'back\\slash']
        for name in names:
            (self.source / os.fsdecode(name)).write_bytes(name)
        result = self.send_list(b'\n'.join(names), '--dry-run', directory=self.source)
        self.assertEqual(result.named('failure')[0]['file'], 'back\\slash')
        self.assertEqual([event['file'] for event in result.named('would-send')],
                         [name.decode('utf-8', 'replace') for name in names[:-1]])
        result = self.send_list(b'\n'.join(names[:-1]), directory=self.source)
        self.assert_succeeded(result, len(names) - 1)
        self.assertEqual((self.target / '-rf').read_bytes(), b'-rf')

    def test_carriage_return_belongs_to_the_name(self):
        self.sample('plain.bin')
        failure, = self.send_list(b'plain.bin\r\n', directory=self.source).named('failure')
        self.assertEqual(failure['file'], 'plain.bin\r')

    def test_null(self):
        paths = [self.sample('two\nlines.bin'), self.sample('-x.bin'), self.sample('\n')]
        data = b''.join(os.fsencode(path) + b'\0' for path in paths)
        result = self.send_list(data, '--null', '--dry-run')
        self.assertEqual([event['file'] for event in result.named('would-send')], [str(paths[1])])
        # No site may be sent a line end in a name, so these have to get another one.
        self.assertEqual([event['file'] for event in result.named('failure')], [str(paths[0]), str(paths[2])])
        self.assert_succeeded(self.send_list(os.fsencode(paths[0]) + b'\0', '--null', '--name=lines.bin'))
        self.assert_arrived(paths[0], 'lines.bin')

    def test_missing_one_fails_alone(self):
        path = self.sample('there.bin')
        result = self.send_list(f'{path}\n{self.source}/missing.bin\n'.encode())
        self.assertEqual(result.status, 1, str(result))
        self.assertEqual([event['file'] for event in result.named('failure')], [f'{self.source}/missing.bin'])
        self.assert_arrived(path)

    def test_name_goes_with_one(self):
        path = self.sample('one.bin')
        self.assert_succeeded(self.send_list(f'{path}\n'.encode(), '--name=other.bin'))
        self.assert_arrived(path, 'other.bin')
        for data, paths in ((f'{path}\n{path}2\n', []), ('', []), (f'{path}\n', [path])):
            with self.subTest(data=data):
                options = ['--name=x', f'--files-from={self.names_in(data.encode())}', self.server.address]
                result = cli.run(*options, *paths)
                self.assertEqual(result.status, 2, str(result))
                self.assertIn('--name', result.stderr)

    def test_nothing_to_send_is_no_failure(self):
        for data in (b'', b'\n\n'):
            result = self.send_list(data)
            self.assertEqual(result.status, 0, str(result))
            self.assertEqual(result.named('summary')[0]['succeeded'], 0)
        self.assert_stored()

    def test_lists_that_can_not_be_read(self):
        secret = self.names_in(b'x\n', 'secret')
        secret.chmod(0)
        for path, word in ((self.source / 'missing', 'missing'), (self.source, 'directory'), (secret, 'denied'),
                           ('/dev/zero', '--null')):
            with self.subTest(path=path):
                result = cli.run(f'--files-from={path}', self.server.address, prefix=programs.unprivileged())
                self.assertEqual(result.status, 2, str(result))
                self.assertIn(str(path), result.stderr)
                self.assertIn(word, result.stderr)
        self.assert_stored()


class StandardInput(cases.PeerTest):
    peer = programs.Receiver

    def start(self, *options, **more):
        command = [str(programs.cli()), '--json', *options, '--files-from=-', self.server.address]
        client = subprocess.Popen(command, cwd=self.source, env=programs.clean_environment(), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.addCleanup(client.kill)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.stderr.close)
        return client

    def test_names_from_a_pipe(self):
        path = self.sample('one.bin')
        client = self.start()
        # In pieces, as they come from a slow program.
        for piece in (b'on', b'e.b', b'in'):
            client.stdin.write(piece)
            client.stdin.flush()
        out, error = client.communicate(b'\n', timeout=programs.PATIENCE)
        self.assertEqual(client.returncode, 0, (out, error))
        self.assert_arrived(path)

    def test_find_print0(self):
        (self.source / 'deep').mkdir()
        paths = [self.sample('a b.bin'), self.sample('deep/-c.bin')]
        found = subprocess.run(['find', '.', '-type', 'f', '-print0'], cwd=self.source, capture_output=True, check=True)
        client = self.start('--null')
        out, error = client.communicate(found.stdout, timeout=programs.PATIENCE)
        self.assertEqual(client.returncode, 0, (out, error))
        for path in paths:
            self.assert_arrived(path)

    def test_interrupt_while_names_are_awaited(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            client = self.start()
            client.stdin.write(b'one.bin\n')
            client.stdin.flush()
            client.send_signal(number)
            self.assertIn(client.wait(programs.PATIENCE), (-number, 130))
            client.stdin.close()
        self.assert_stored()

    def test_not_for_token_and_names(self):
        result = cli.run('--files-from=-', '--token-file=-', self.server.address)
        self.assertEqual(result.status, 2, str(result))
        self.assertIn('standard input', result.stderr)

    def test_null_alone(self):
        result = cli.run('--null', self.server.address, self.sample())
        self.assertEqual(result.status, 2, str(result))
        self.assertIn('--files-from', result.stderr)


class Many(cases.PeerTest):
    """A hundred thousand names, of which a thousand are missing."""

    count = 100_000
    starts_peer = False

    def test_many(self):
        for number in range(self.count):
            if number % 100 != 7:
                (self.source / f'{number:06}.jpg').touch()
        names = self.source.parent / 'names'
        names.write_text(''.join(f'{number:06}.jpg\n' for number in range(self.count)))
        begin = time.monotonic()
        result = cli.run_json('--dry-run', f'--files-from={names}', 'ws://127.0.0.1:1/', directory=self.source)
        seconds = time.monotonic() - begin
        print(f'# {self.count} names: {seconds:.1f} s, {result.peak_kb} kB', flush=True)
        self.assertEqual(result.status, 1)
        self.assertEqual(len(result.named('would-send')), self.count * 99 // 100)
        self.assertEqual(result.named('summary')[0]['failed'], self.count // 100)
        self.assertLess(result.peak_kb, MEMORY_KB)
        self.assertLess(seconds, 30)


class ManyUploads(cases.PeerTest):
    peer = programs.Receiver

    def test_two_thousand_are_sent(self):
        paths = [self.sample(f'{number:04}.bin', 10) for number in range(2000)]
        names = self.source.parent / 'names'
        names.write_text(''.join(f'{path}\n' for path in paths))
        result = cli.run_json('--jobs=8', f'--files-from={names}', self.server.address, limit=120)
        self.assert_succeeded(result, len(paths))
        self.assert_stored(*[path.name for path in paths])


if __name__ == '__main__':
    tap.main()
