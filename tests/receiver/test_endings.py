#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts, ends, crashes and full disks: what stays in the folder, and what the receiver says."""

import os
import pathlib
import resource
import signal
import socket
import threading

from kit import files, programs, tap, websocket
from receiving import ReceiverTest, partials, wait_for_bytes


def run(*arguments, prefix=()):
    """Runs the receiver to its end; returns its status, standard output and standard error."""
    process = programs.Process([str(programs.receiver()), *arguments], prefix=prefix)
    status = process.wait()
    return status, process.stdout, process.stderr


def own_mounts():
    """Arguments that start a program where it can mount and nobody else sees it."""
    if os.geteuid() == 0:
        return ['unshare', '--mount']
    return ['unshare', '--user', '--map-root-user', '--mount']


class Ends(ReceiverTest):
    def test_kill_in_the_middle(self):
        self.begin_data(b'x' * 100000)
        self.server.kill()
        self.assertEqual(len(partials(self.folder)), 1)
        (self.folder / 'mine.txt').write_bytes(b'mine')
        with programs.Receiver(self.folder):
            self.assert_stored(**{'mine.txt': b'mine'})

    def test_kill_beside_another_receiver(self):
        """The one that starts removes what the dead one left, and nothing of the living one's."""
        data = b'y' * 100000
        with programs.Receiver(self.folder) as living, websocket.WebSocket(living.address) as connection:
            connection.send_json({'name': 'living.bin', 'size': len(data)})
            self.assertTrue(connection.receive_json()['ready'])
            connection.send_binary(data[:50000])
            wait_for_bytes(self.folder, 50000)
            self.begin_data(b'x' * 100000)
            self.server.kill()
            self.assertEqual(len(partials(self.folder)), 2)
            with programs.Receiver(self.folder):
                self.assertEqual(len(partials(self.folder)), 1)
            connection.send_binary(data[50000:])
            connection.send_json({'finished': True})
            while not connection.receive_json().get('close'):
                pass
        self.assert_stored(**{'living.bin': data})

    def test_signals_in_the_middle(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number), programs.Receiver(self.folder) as server:
                connection = self.enterContext(websocket.WebSocket(server.address))
                connection.send_json({'name': 'a', 'size': 100000})
                connection.receive_json()
                connection.send_binary(b'x' * 1000)
                wait_for_bytes(self.folder, 1000)
                server._expect_running = False
                server.signal(number)
                self.assertEqual(server.wait(), 0)
                self.assert_empty()
                connection.receive_end()
                event = server.wait_event('cut')
                self.assertEqual((event['name'], event['received']), ('a', 1000))
                self.assertIn('stopped', event['reason'])

    def test_signal_while_idle(self):
        self.enterContext(websocket.WebSocket(self.server.address))
        self.connect_raw()
        self.assertEqual(self.server.stop(), 0)

    def test_signal_at_the_end_of_an_upload(self):
        """A file that was said to be finished is stored and confirmed, or else it is gone."""
        for number in range(20):
            with programs.Receiver(self.folder) as server, websocket.WebSocket(server.address) as connection:
                connection.send_json({'name': f'{number}', 'size': 5})
                connection.receive_json()
                connection.send_binary(b'12345')
                connection.send_json({'finished': True})
                if number % 2:
                    connection.receive_json()
                self.assertEqual(server.stop(), 0)
                confirmed = False
                try:
                    while True:
                        confirmed = connection.receive_json().get('close', confirmed)
                except websocket.Closed:
                    pass
                self.assertEqual(confirmed, (self.folder / f'{number}').exists())
        self.assertEqual(partials(self.folder), [])

    def test_cut_connections(self):
        for end in ('close', 'reset', 'half_close'):
            with self.subTest(end=end):
                connection = self.begin_data(b'x' * 1000, name=end)
                getattr(connection, end)()
                self.wait_empty()
                event = self.server.wait_event('cut', lambda event, name=end: event['name'] == name)
                self.assertEqual(event['received'], 1000)

    def test_client_that_is_gone_when_its_file_is_finished(self):
        """It said that the file is complete, and so it is."""
        connection = self.begin('a', 5)
        connection.receive_json()
        connection.send_binary(b'12345')
        connection.send_json({'finished': True})
        connection.close()
        self.server.wait_event('stored')
        self.assert_stored(a=b'12345')

    def test_confirmed_file_outlives_a_kill(self):
        connection = self.begin('a', 5)
        self.send(connection, b'12345')
        self.server.kill()
        with programs.Receiver(self.folder):
            self.assert_stored(a=b'12345')


class FullDisk(ReceiverTest):
    """A receiver with a file system of 10 MiB of its own."""

    def setUp(self):
        self.mount_point = self.enterContext(files.scratch())
        mount = [*own_mounts(),
                 'sh', '-c', 'mount -t tmpfs -o size=10m tmpfs "$0" && exec "$@"']
        self.server = self.enterContext(programs.Receiver(self.mount_point, prefix=[*mount, str(self.mount_point)]))
        # Only the receiver sees it; this is the way in from outside.
        self.folder = pathlib.Path(f'/proc/{self.server.pid}/root{self.mount_point}')

    def test_file_that_does_not_fit(self):
        connection = self.begin(size=11 << 20)
        # No ready comes before the error.
        self.assertEqual(connection.receive_json()['code'], 'storage')
        self.assert_empty()
        self.assert_serves()

    def test_files_that_do_not_fit_together(self):
        first = self.begin('1', 6 << 20)
        self.assertTrue(first.receive_json()['ready'])
        second = self.begin('2', 6 << 20)
        self.assertEqual(second.receive_json()['code'], 'storage')
        self.send_rest(first, 6)
        self.assertEqual(os.listdir(self.folder), ['1'])

    def send_rest(self, connection, megabytes):
        for _ in range(megabytes):
            connection.send_binary(bytes(1 << 20))
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass

    def test_disk_that_fills_up_meanwhile(self):
        connection = self.begin(size=8 << 20)
        connection.receive_json()
        (self.folder / 'theirs').write_bytes(bytes(5 << 20))
        for _ in range(8):
            connection.send_binary(bytes(1 << 20))
        message = self.assert_refused(connection, 'storage')
        self.assertIn('No space left on device', message)
        self.assertEqual(os.listdir(self.folder), ['theirs'])
        self.assertIn('No space left on device', self.server.stderr)
        self.assert_serves()

    def test_no_room_for_another_name(self):
        (self.folder / 'theirs').write_bytes(bytes(10 << 20))
        connection = self.begin(size=1)
        self.assertEqual(connection.receive_json()['code'], 'storage')


class FileTooLarge(ReceiverTest):
    """The system says no in the middle of a write."""

    def setUp(self):
        self.folder = self.enterContext(files.scratch())
        self.server = self.enterContext(programs.Receiver(self.folder, prefix=['prlimit', '--fsize=500000']))

    def test_write(self):
        connection = self.begin(size=900000)
        connection.send_binary(bytes(900000))
        self.assertIn('File too large', self.assert_refused(connection, 'storage'))
        self.assert_empty()
        self.assert_serves()


class Starts(ReceiverTest):
    def assert_fails(self, status, *arguments, prefix=()):
        """It ends with that status and one line that says why, which is returned."""
        result, out, err = run(*arguments, prefix=prefix)
        self.assertEqual((result, out), (status, ''), err)
        self.assertTrue(err.startswith('galileosend-receiver: '), err)
        self.assertEqual(err.count('\n'), 0, err)
        return err

    def test_help_and_version(self):
        status, out, err = run('--version')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'^galileosend-receiver \d+\.\d+\.\d+$')
        status, out, err = run('--help')
        self.assertEqual((status, err), (0, ''))
        for option in ('--directory', '--address', '--port', '--max-size', '--max-uploads', '--chunk-size', '--window',
                       '--keep-partial', '--tls-certificate', '--tls-key', '--json', '--quiet', '--version'):
            self.assertIn(option, out)

    def test_usage(self):
        for arguments in (['--port=http'], ['--max-size=big'], ['--window=0'], ['--no-such-option'], ['folder'],
                          ['--existing=replace'], ['--token-file=/dev/null'], ['--tls-key=x'], ['--on-complete=true'],
                          ['--origin=http://example.org'], ['--keep-partial=x'], ['--max-uploads=0']):
            with self.subTest(arguments=arguments):
                message = self.assert_fails(2, *arguments)
                self.assertIn(arguments[0].split('=')[0], message)
                self.assertIn('--help', message)

    def test_folder(self):
        file = self.folder / 'file'
        file.write_bytes(b'')
        for folder in (self.folder / 'missing', file, ''):
            with self.subTest(folder=folder):
                message = self.assert_fails(1, f'--directory={folder}', '--port=0')
                self.assertIn(f'“{folder}”', message)

    def test_folder_that_is_read_only(self):
        mount = [*own_mounts(),
                 'sh', '-c', 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"']
        message = self.assert_fails(1, f'--directory={self.folder}', '--port=0', prefix=[*mount, str(self.folder)])
        self.assertIn('Read-only file system', message)
        self.assertIn(str(self.folder), message)

    def test_address(self):
        message = self.assert_fails(1, f'--directory={self.folder}', f'--port={self.server.port}')
        self.assertIn(f'127.0.0.1 port {self.server.port}: Address already in use', message)
        message = self.assert_fails(1, f'--directory={self.folder}', '--address=192.0.2.1')
        self.assertIn('192.0.2.1', message)
        message = self.assert_fails(1, f'--directory={self.folder}', '--address=no such address')
        self.assertIn('no such address', message)

    def test_port_taken_over_from_the_last_one(self):
        connection = self.begin_data(b'x')
        self.server.kill()
        with programs.Receiver(self.folder, port=self.server.port) as again:
            self.assertEqual(again.port, self.server.port)
        connection.close()

    def test_too_many_uploads_for_the_system(self):
        message = self.assert_fails(1, f'--directory={self.folder}', '--port=0', '--max-uploads=500',
                                    prefix=['prlimit', '--nofile=600'])
        self.assertIn('--max-uploads=500', message)

    def test_few_descriptors(self):
        """It takes fewer idle connections, then, and does not stop to accept."""
        with programs.Receiver(self.folder, '--max-uploads=10', prefix=['prlimit', '--nofile=100']) as server:
            crowd = [socket.create_connection(('127.0.0.1', server.port), 20) for _ in range(200)]
            for connection in crowd:
                connection.close()

            def connect():
                try:
                    return websocket.WebSocket(server.address)
                except (websocket.Closed, ConnectionError):
                    return None

            with programs.wait_until(connect, 'a websocket') as connection:
                connection.send_json({'name': 'a', 'size': 3})
                self.send(connection, b'abc')


    def test_descriptors_run_out(self):
        """Then who knocks has to wait, and nobody else is told so a million times a second."""
        limits = resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE)
        descriptors = len(os.listdir(f'/proc/{self.server.pid}/fd'))
        resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE, (descriptors, limits[1]))
        waiting = self.connect_raw()
        waiting.settimeout(0.3)
        waiting.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
        before = self.cpu_seconds()
        self.assertRaises(TimeoutError, waiting.recv, 1)
        self.assertLess(self.cpu_seconds() - before, 0.15)
        resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE, limits)
        waiting.settimeout(20)
        self.assertTrue(waiting.recv(1000).startswith(b'HTTP/1.1 200'))

    def cpu_seconds(self):
        fields = pathlib.Path(f'/proc/{self.server.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Words(ReceiverTest):
    """Without --json: lines for people."""

    options = ()

    def setUp(self):
        self.folder = self.enterContext(files.scratch())

    def start(self, *options):
        self.server = self.enterContext(programs.Server(
            [str(programs.receiver()), f'--directory={self.folder}', '--port=0', *options]))

    def test_lines(self):
        self.start()
        self.send(self.begin('a.txt', 3), b'abc')
        self.send(self.begin('a.txt', 3), b'abc')
        self.assert_refused(self.begin('../a\n\x1b[2J\u202e'), 'name')
        self.begin_data(b'x' * 100, 'cut.bin').close()
        self.wait_partials_gone()
        self.server.stop()
        self.assertEqual(self.server.lines[1:], [
            'Stored a.txt (3 bytes)',
            'Stored a.txt as a (1).txt (3 bytes)',
            'Refused ../a\\u000a\\u001b[2J\\u202e: '
            'The name holds a slash or a backslash: send a name without a folder',
            'Lost cut.bin: The connection ended',
        ])
        self.assertEqual(self.server.stderr, '')

    def wait_partials_gone(self):
        programs.wait_until(lambda: not partials(self.folder), 'the partial is gone')

    def test_quiet(self):
        for options in (['--quiet'], ['-q', '--json']):
            with self.subTest(options=options):
                self.start(*options)
                self.send(self.begin('a.txt', 3), b'abc')
                self.assert_refused(self.begin('..'), 'name')
                self.server.stop()
                self.assertEqual(self.server.lines, [f'Listening on {self.server.address}'])
                self.assertEqual(self.server.stderr, '')


class Load(ReceiverTest):
    def test_five_hundred_small_files(self):
        contents = {f'{number}.txt': os.urandom(number) for number in range(500)}
        names = iter(list(contents))
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    name = next(names, None)
                if name is None:
                    return
                with websocket.WebSocket(self.server.address) as connection:
                    connection.send_json({'name': name, 'size': len(contents[name])})
                    self.send(connection, contents[name])

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assert_stored(**contents)

    def test_slow_client_does_not_hold_up_others(self):
        slow = self.begin('slow', 1000)
        slow.send_raw(bytes([0x82, 0xfe]) + (1000).to_bytes(2, 'big') + bytes(4) + b'x')
        for number in range(20):
            self.upload(f'{number}', os.urandom(1000))
        slow.send_raw(b'x' * 999)
        slow.send_json({'finished': True})
        while not slow.receive_json().get('close'):
            pass


if __name__ == '__main__':
    tap.main()
