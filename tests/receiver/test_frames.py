#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Websocket frames as no friendly client sends them."""

import os
import struct

from kit import programs, tap, websocket
from receiving import ReceiverTest

BINARY, TEXT, CONTINUATION, CLOSE, PING, PONG = (
    websocket.BINARY, websocket.TEXT, websocket.CONTINUATION, websocket.CLOSE, websocket.PING, websocket.PONG)


class Fragments(ReceiverTest):
    options = ('--chunk-size=1000',)

    def finish(self, connection, data):
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'file.bin': data})

    def test_chunk_in_fragments(self):
        data = os.urandom(1000)
        connection = self.begin(size=1000)
        connection.send_frame(False, BINARY, data[:300])
        connection.send_frame(False, CONTINUATION, data[300:600])
        connection.send_frame(True, CONTINUATION, data[600:])
        self.finish(connection, data)

    def test_chunk_in_single_bytes(self):
        data = os.urandom(1000)
        connection = self.begin(size=1000)
        connection.send_frame(False, BINARY, data[:1])
        for byte in data[1:999]:
            connection.send_frame(False, CONTINUATION, bytes([byte]))
        connection.send_frame(True, CONTINUATION, data[999:])
        self.finish(connection, data)

    def test_empty_fragments(self):
        data = os.urandom(1000)
        connection = self.begin(size=1000)
        connection.send_frame(False, BINARY)
        connection.send_frame(False, CONTINUATION, data)
        for _ in range(1000):
            connection.send_frame(False, CONTINUATION)
        connection.send_frame(True, CONTINUATION)
        self.finish(connection, data)

    def test_control_frames_between_fragments(self):
        data = os.urandom(900)
        connection = self.begin(size=900)
        connection.send_frame(False, BINARY, data[:300])
        connection.send_frame(True, PING, b'are you there?')
        connection.send_frame(False, CONTINUATION, data[300:600])
        connection.send_frame(True, PONG, b'unasked')
        connection.send_frame(True, PONG)
        connection.send_frame(True, CONTINUATION, data[600:])
        self.finish(connection, data)

    def test_text_in_fragments(self):
        connection = self.connect()
        for byte in b'{"name":"file.bin",':
            connection.send_frame(False, TEXT if byte == ord('{') else CONTINUATION, bytes([byte]))
        connection.send_frame(True, PING)
        connection.send_frame(True, CONTINUATION, b'"size":3}')
        connection.send_binary(b'abc')
        self.finish(connection, b'abc')

    def test_fragments_of_more_than_a_chunk(self):
        connection = self.begin(size=5000)
        connection.send_frame(False, BINARY, b'x' * 600)
        connection.send_frame(False, CONTINUATION, b'x' * 400)
        connection.send_frame(False, CONTINUATION, b'x')
        self.assert_refused(connection, 'protocol')
        self.assert_empty()

    def test_endless_text_in_fragments(self):
        connection = self.connect()
        connection.send_frame(False, TEXT, b'{"name":"')
        for _ in range(17):
            connection.send_frame(False, CONTINUATION, b'x' * 65536)
        self.assert_refused(connection, 'protocol')

    def test_many_messages_in_one_packet(self):
        data = os.urandom(50)
        key = bytes(4)
        packet = b''
        for payload, opcode in [(b'{"name":"file.bin","size":50}', TEXT), *((bytes([byte]), BINARY) for byte in data),
                                (b'{"finished":true}', TEXT)]:
            packet += bytes([0x80 | opcode, 0x80 | len(payload)]) + key + payload
        connection = self.connect()
        connection.send_raw(packet)
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'file.bin': data})

    def test_one_byte_in_a_packet(self):
        connection = self.connect()
        message = b'{"name":"file.bin","size":0}'
        for byte in bytes([0x81, 0x80 | len(message)]) + bytes(4) + message:
            connection.send_raw(bytes([byte]))
        connection.receive_json()
        self.finish(connection, b'')


class Lengths(ReceiverTest):
    options = ('--chunk-size=1000',)

    def tearDown(self):
        self.wait_empty()
        self.assert_serves()

    def send_lie(self, length, data, size=5000):
        connection = self.begin(size=size)
        connection.receive_json()
        connection.send_frame(True, BINARY, data, length=length)
        return connection

    def test_64_bits_for_a_small_chunk(self):
        connection = self.begin(size=3)
        connection.send_raw(bytes([0x82, 0xff]) + struct.pack('>Q', 3) + bytes(4) + b'abc')
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'file.bin': b'abc'})
        (self.folder / 'file.bin').unlink()

    def test_longer_than_the_chunk(self):
        for length in (1001, 65536, 1 << 32, (1 << 63) - 1):
            with self.subTest(length=length):
                self.assert_refused(self.send_lie(length, b'x' * 1001), 'protocol')

    def test_longer_than_the_file(self):
        self.assert_refused(self.send_lie(1 << 40, b'x' * 11, size=10), 'size')

    def test_negative(self):
        for length in (1 << 63, (1 << 64) - 1):
            with self.subTest(length=length):
                self.send_lie(length, b'x' * 100).receive_end()

    def test_less_than_it_says(self):
        connection = self.send_lie(900, b'x' * 100)
        connection.half_close()
        connection.receive_end()
        self.assertEqual(self.server.wait_event('cut')['received'], 100)


class Violations(ReceiverTest):
    """Each ends the websocket, and nothing else."""

    def assert_ends(self, connection):
        """With a close frame or without one; no more signals come."""
        try:
            _, opcode, _ = connection.receive_frame()
            self.assertEqual(opcode, CLOSE)
        except websocket.Closed:
            pass
        connection.close()
        self.wait_empty()

    def test_bad_frames(self):
        frames = {
            'opcode 3': (True, 3, b''),
            'opcode 11': (True, 11, b''),
            'opcode 15': (True, 15, b'x'),
            'fragmented ping': (False, PING, b''),
            'fragmented close': (False, CLOSE, b''),
            'long ping': (True, PING, b'x' * 126),
            'continuation of nothing': (True, CONTINUATION, b'x'),
        }
        for what, frame in frames.items():
            with self.subTest(what=what):
                connection = self.connect()
                connection.send_frame(*frame)
                self.assert_ends(connection)
        for reserved in (1, 2, 4, 7):
            with self.subTest(reserved=reserved):
                connection = self.connect()
                connection.send_frame(True, TEXT, b'{}', reserved=reserved)
                self.assert_ends(connection)
        self.assert_serves()

    def test_new_message_inside_another(self):
        connection = self.begin(size=100)
        connection.receive_json()
        connection.receive_json()
        connection.send_frame(False, BINARY, b'x')
        connection.send_frame(True, BINARY, b'x')
        self.assert_ends(connection)
        self.assert_serves()

    def test_closes(self):
        for payload in (b'', b'\x03', b'\x03\xe8', b'\x03\xe8bye', b'\x03\xed', b'\x00\x00', b'\xff\xff',
                        b'\x03\xe8\xff'):
            with self.subTest(payload=payload):
                connection = self.begin(size=100)
                connection.receive_json()
                connection.receive_json()
                connection.send_frame(True, CLOSE, payload)
                self.assert_ends(connection)
        self.assert_serves()

    def test_garbage(self):
        for seed in range(20):
            connection = self.connect()
            connection.send_raw(os.urandom(1 + seed * 100))
            connection.half_close()
            connection.receive_end()
        self.wait_empty()
        self.assert_serves()

    def test_pings(self):
        connection = self.connect()
        for payload in (b'', b'x', b'x' * 125):
            connection.send_frame(True, PING, payload)
            self.assertEqual(connection.receive_frame(), (True, PONG, payload))

    def test_ping_flood(self):
        """Its answers are not read, and no memory may keep them."""
        connection = self.connect()
        frame = bytes([0x80 | PING, 0x80 | 125]) + bytes(4) + b'x' * 125
        for _ in range(100):
            connection.send_raw(frame * 1000)
        self.assert_serves()
        connection.reset()
        self.server.stop()
        self.assertLess(self.server.peak_kb, 60000)


class Memory(ReceiverTest):
    options = ('--chunk-size=1G',)

    def test_chunk_is_not_kept(self):
        size = 300 << 20
        block = bytes(1 << 20)
        connection = self.begin(size=size)
        connection.receive_json()
        connection.send_raw(bytes([0x82, 0xff]) + struct.pack('>Q', size) + bytes(4))
        for _ in range(300):
            connection.send_raw(block)
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assertEqual((self.folder / 'file.bin').stat().st_size, size)
        self.server.stop()
        limit = 60000 if not os.environ.get('ASAN_OPTIONS') else 300000
        self.assertLess(self.server.peak_kb, limit)


if __name__ == '__main__':
    tap.main()
