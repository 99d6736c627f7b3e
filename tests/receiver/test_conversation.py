#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the receiver makes of signals and chunks, good ones and bad ones."""

import os
import pathlib
import re
import threading

from kit import files, programs, tap
from receiving import CHUNK, ReceiverTest

BAD_NAMES = [
    '', '.', '..', '...', '/', '../escape', '../../escape', '..\\escape', '/etc/passwd', 'folder/file', 'C:\\file',
    'a\0b', 'a\nb', 'a\x1b[2J', 'a\x7f', 'a\x85', 'CON', 'nul.txt', 'COM1', '.htaccess', '.galileo-x.part', 'a ', 'a.',
    'x' * 256, 'ü' * 128, '\ud800',
]

BAD_SIZES = ['null', '-1', '1.5', '1e3', '"1000"', '[1000]', '{}', 'true', '9223372036854775807',
             '9223372036854775808', '18446744073709551616', '99999999999999999999999999']


class Files(ReceiverTest):
    def test_sizes_around_the_chunk(self):
        for size in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7):
            with self.subTest(size=size):
                data = os.urandom(size)
                self.assertEqual(self.upload(f'{size}.bin', data), f'{size}.bin')
                self.assertEqual((self.folder / f'{size}.bin').read_bytes(), data)

    def test_smaller_chunks_than_asked_for(self):
        data = os.urandom(2 * CHUNK + 5)
        for most in (250000, CHUNK // 2, CHUNK - 1):
            with self.subTest(most=most):
                self.upload(f'{most}.bin', data, most)
                self.assertEqual((self.folder / f'{most}.bin').read_bytes(), data)

    def test_names(self):
        for name in files.NAMES:
            with self.subTest(name=name):
                self.assertEqual(self.upload(name, name.encode()), name)
        self.assert_stored(**{name: name.encode() for name in files.NAMES})

    def test_longest_name(self):
        name = 'x' * 251 + '.jpg'
        self.assertEqual(self.upload(name, b'1'), name)
        self.assertEqual(self.upload(name, b'2'), 'x' * 247 + ' (1).jpg')

    def test_log(self):
        self.upload('log.bin', b'12345')
        start = self.server.wait_event('start')
        stored = self.server.wait_event('stored')
        self.assertEqual(set(start), {'event', 'upload', 'name', 'size'})
        self.assertEqual((start['name'], start['size']), ('log.bin', 5))
        self.assertEqual(set(stored), {'event', 'upload', 'name', 'stored_as', 'size', 'seconds'})
        self.assertEqual((stored['upload'], stored['stored_as'], stored['size']), (start['upload'], 'log.bin', 5))
        self.assertGreaterEqual(stored['seconds'], 0)

    def test_client_closes_not_the_receiver(self):
        connection = self.begin(size=0)
        self.send(connection, b'')
        self.assertTrue(connection.says_nothing_for(0.2))
        connection.send_close()
        self.assertEqual(connection.receive_end().code, 1000)

    def test_permissions(self):
        self.upload('mode.bin', b'')
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual((self.folder / 'mode.bin').stat().st_mode & 0o7777, 0o666 & ~mask)


class Credits(ReceiverTest):
    options = ('--chunk-size=1000', '--window=4')

    def count_readies(self, connection):
        """Nothing says that no more will come, so a ping is sent, whose answer comes after them."""
        connection.send_frame(True, 9, b'so far')
        count = 0
        while True:
            _, opcode, payload = connection.receive_frame()
            if opcode == 10:
                return count
            self.assertEqual(payload, b'{"ready":true,"chunksize":1000,"offset":0}')
            count += 1

    def test_no_more_than_the_file_needs(self):
        for size, count in ((0, 1), (1, 2), (1000, 2), (1001, 3), (2000, 3), (2001, 4), (3000, 4), (10 ** 6, 4)):
            with self.subTest(size=size):
                connection = self.begin(f'{size}.bin', size)
                first = connection.receive_json()
                self.assertEqual(first, {'ready': True, 'chunksize': 1000})
                programs.wait_until(lambda: self.count_one(connection, count - 1), f'{count} readies')
                self.assertEqual(self.count_readies(connection), 0)

    def count_one(self, connection, missing):
        """A pong may overtake readies, so they are counted until they are complete."""
        self.seen = getattr(self, 'seen', 0) + self.count_readies(connection)
        if self.seen < missing:
            return False
        self.assertEqual(self.seen, missing)
        self.seen = 0
        return True

    def test_whole_window_at_once(self):
        """A client that uses all its credits before it looks for more."""
        data = os.urandom(9500)
        connection = self.begin(size=len(data))
        for start in range(0, 4000, 1000):
            self.assertTrue(connection.receive_json()['ready'])
        for start in range(0, 4000, 1000):
            connection.send_binary(data[start:start + 1000])
        for start in range(4000, 9500, 1000):
            self.assertTrue(connection.receive_json()['ready'])
            connection.send_binary(data[start:start + 1000])
        self.assertTrue(connection.receive_json()['ready'])
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'file.bin': data})


class Window(ReceiverTest):
    """16 MiB may be under way, in chunks of whatever size."""

    def take_readies(self, connection, count):
        for _ in range(count):
            self.assertEqual(connection.receive_json()['chunksize'], CHUNK)

    def test_in_small_chunks(self):
        for size, count in ((CHUNK, 16), (250000, 68), (65536, 256), (1, 4096)):
            with self.subTest(size=size):
                chunk = bytes(size)
                connection = self.begin(size=1 << 30)
                self.take_readies(connection, 16)
                connection.send_binary(chunk)
                self.take_readies(connection, count - 15)
                # All of them are used before the next is looked at, and then there is one for each.
                for _ in range(count):
                    connection.send_binary(chunk)
                self.take_readies(connection, count)
                connection.close()
        status = pathlib.Path(f'/proc/{self.server.pid}/status').read_text()
        self.assertLess(int(re.search(r'VmHWM:\s+(\d+) kB', status)[1]), 60000)


class Refusals(ReceiverTest):
    options = ('--max-size=1M', '--chunk-size=1000')

    def tearDown(self):
        self.assert_empty()
        self.assert_serves()

    def test_names(self):
        for name in BAD_NAMES:
            with self.subTest(name=name):
                # A NUL or half a character is no valid text in the first place.
                code = 'protocol' if '\0' in name or '\ud800' in name else 'name'
                self.assert_refused(self.begin(name), code)
        self.assertFalse((self.folder.parent / 'escape').exists())

    def test_name_of_another_kind(self):
        for name in ('null', '1', '["a"]', '{}', 'true'):
            with self.subTest(name=name):
                connection = self.connect()
                connection.send_text('{"name":%s,"size":1}' % name)
                self.assert_refused(connection, 'name')
        connection = self.connect()
        connection.send_json({'size': 1})
        self.assert_refused(connection, 'name')

    def test_sizes(self):
        for size in BAD_SIZES:
            with self.subTest(size=size):
                connection = self.connect()
                connection.send_text('{"name":"a","size":%s}' % size)
                self.assert_refused(connection, 'size')
        connection = self.connect()
        connection.send_json({'name': 'a'})
        self.assert_refused(connection, 'size')

    def test_too_big(self):
        message = self.assert_refused(self.begin(size=(1 << 20) + 1), 'too-big')
        self.assertIn('1048576', message)
        self.assert_refused(self.begin(size=(1 << 63) - 2), 'too-big')

    def test_fewer_bytes(self):
        connection = self.begin(size=1000)
        connection.send_binary(b'x' * 999)
        connection.send_json({'finished': True})
        message = self.assert_refused(connection, 'size')
        self.assertIn('999 of 1000', message)
        event = self.server.wait_event('refused')
        self.assertEqual((event['name'], event['received'], event['reason']), ('file.bin', 999, message))

    def test_more_bytes(self):
        connection = self.begin(size=1000)
        connection.send_binary(b'x' * 1000)
        connection.send_binary(b'x')
        self.assert_refused(connection, 'size')
        connection = self.begin(size=10)
        connection.send_binary(b'x' * 11)
        self.assert_refused(connection, 'size')
        connection = self.begin(size=0)
        connection.send_binary(b'x')
        self.assert_refused(connection, 'size')

    def test_chunk_too_big(self):
        connection = self.begin(size=5000)
        connection.send_binary(b'x' * 1001)
        self.assert_refused(connection, 'protocol')

    def test_wrong_moment(self):
        metadata, finished, data = {'name': 'a', 'size': 5}, {'finished': True}, b'12345'
        for messages in ([data], [b''], [finished], [metadata, metadata], [metadata, data, metadata],
                         [metadata, data, finished, finished], [metadata, data, finished, b''],
                         [metadata, {'ready': True}], [metadata, {'finished': False}], [metadata, []]):
            with self.subTest(messages=messages):
                connection = self.connect()
                for message in messages:
                    if isinstance(message, bytes):
                        connection.send_binary(message)
                    else:
                        connection.send_json(message)
                # The file may have been published before the second `finished` came, and then it stays.
                signal = connection.receive_json()
                while 'error' not in signal:
                    signal = connection.receive_json()
                self.assertEqual((signal['code'], signal['fatal']), ('protocol', True))
                self.assertEqual(connection.receive_end().code, 1000)
                for path in self.folder.glob('a*'):
                    path.unlink()
                self.wait_empty()

    def test_finished_again_after_close(self):
        connection = self.begin(size=0)
        self.send(connection, b'')
        connection.send_json({'finished': True})
        self.assert_refused(connection, 'protocol')
        self.assert_stored(**{'file.bin': b''})
        (self.folder / 'file.bin').unlink()

    def test_text_that_is_no_signal(self):
        for text in ('', 'hello', '[]', '1', 'null', '{"name":"a"', '{}{}', '{"a":NaN}', "{'name':'a'}",
                     '[' * 100000, '{"a":' * 1000):
            with self.subTest(text=text[:20]):
                connection = self.connect()
                connection.send_text(text)
                self.assert_refused(connection, 'protocol')

    def test_text_that_is_not_utf_8(self):
        connection = self.connect()
        connection.send_frame(True, 1, b'{"name":"\xff\xfe","size":1}')
        self.assert_refused(connection, 'protocol')

    def test_long_text(self):
        connection = self.connect()
        connection.send_text('{"name":"' + 'x' * (1 << 20) + '"}')
        self.assert_refused(connection, 'protocol')

    def test_error_gets_through_while_the_client_sends(self):
        """More than any buffer holds is on its way when the error comes."""
        connection = self.begin(size=1000)
        data = b'x' * (32 << 20)
        thread = threading.Thread(target=connection.send_binary, args=(data,))
        thread.start()
        self.assert_refused(connection, 'protocol')
        thread.join()


class Collisions(ReceiverTest):
    def test_same_name_again(self):
        for number in range(4):
            stored_as = self.upload('a.txt', str(number).encode())
            self.assertEqual(stored_as, f'a ({number}).txt' if number else 'a.txt')
        self.assert_stored(**{'a.txt': b'0', 'a (1).txt': b'1', 'a (2).txt': b'2', 'a (3).txt': b'3'})

    def test_same_name_at_once(self):
        """Both are under way together and finish in the same moment: neither is lost."""
        contents = [bytes([number]) * 100000 for number in range(8)]
        connections = [self.begin('a.bin', len(data)) for data in contents]
        threads = [threading.Thread(target=self.send, args=pair) for pair in zip(connections, contents)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = ['a.bin'] + [f'a ({number}).bin' for number in range(1, 8)]
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(names))
        self.assertEqual(sorted((self.folder / name).read_bytes() for name in names), contents)

    def test_planted_links(self):
        victim = self.folder / 'victim'
        victim.write_bytes(b'precious')
        (self.folder / 'a.txt').symlink_to('victim')
        (self.folder / 'a (1).txt').symlink_to('nowhere')
        (self.folder / 'a (2).txt').mkdir()
        self.assertEqual(self.upload('a.txt', b'new'), 'a (3).txt')
        self.assertEqual(victim.read_bytes(), b'precious')
        self.assertTrue((self.folder / 'a.txt').is_symlink())
        self.assertFalse((self.folder / 'nowhere').exists())

    def test_file_that_appears_meanwhile(self):
        connection = self.begin('a.txt', 3)
        connection.receive_json()
        (self.folder / 'a.txt').write_bytes(b'first')
        connection.send_binary(b'new')
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'a.txt': b'first', 'a (1).txt': b'new'})


if __name__ == '__main__':
    tap.main()
