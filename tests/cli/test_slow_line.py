#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A slow line is no stall, and a dead one is: with a server that takes a chunk little by little."""

import base64
import hashlib
import socket
import threading
import time
import unittest

from kit import cli, files, tap

SIZE = 200000
TIMEOUT = 1


class TricklingServer:
    """Takes one upload of one chunk at `rate` bytes a second; after `limit` bytes it takes nothing more."""

    def __init__(self, rate, limit):
        self.rate = rate
        self.limit = limit
        self.taken = 0
        self.done = threading.Event()
        # Little room in the kernel, or it would take the whole chunk for the server.
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(1)
        self.address = f'ws://127.0.0.1:{self.listener.getsockname()[1]}/upload'
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def shake_hands(self, connection):
        request = b''
        while b'\r\n\r\n' not in request:
            request += connection.recv(4096)
        key = next(line for line in request.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key:'))
        digest = hashlib.sha1(key.split(b':')[1].strip() + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest()
        connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                           b'Sec-WebSocket-Accept: ' + base64.b64encode(digest) + b'\r\n\r\n')

    @staticmethod
    def say(connection, text):
        connection.sendall(bytes([0x81, len(text)]) + text)

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            self.shake_hands(connection)
            connection.recv(4096)
            self.say(connection, b'{"ready":true}')
            while self.taken < self.limit:
                self.taken += len(connection.recv(4000))
                # The pace of the line, not a wait for something.
                time.sleep(4000 / self.rate)
            if self.limit < SIZE:
                self.done.wait()
                return
            self.say(connection, b'{"ready":true}')
            connection.recv(4096)
            self.say(connection, b'{"close":true}')
            connection.recv(4096)


class SlowLine(unittest.TestCase):
    def send(self, rate, limit):
        path = files.random_file(self.enterContext(files.scratch()) / 'slow.bin', SIZE)
        server = TricklingServer(rate, limit)
        self.addCleanup(server.listener.close)
        self.addCleanup(server.done.set)
        start = time.monotonic()
        result = cli.run_json(f'--timeout={TIMEOUT}', '--retries=0', server.address, path)
        return result, server, time.monotonic() - start

    def test_slow_is_no_stall(self):
        result, server, seconds = self.send(rate=40000, limit=SIZE)
        self.assertEqual(result.status, 0, result)
        self.assertGreaterEqual(server.taken, SIZE)
        # Otherwise this shows nothing.
        self.assertGreater(seconds, 3 * TIMEOUT)

    def test_dead_is_one(self):
        result, server, _ = self.send(rate=200000, limit=SIZE // 2)
        self.assertEqual(result.status, 1, result)
        self.assertLess(server.taken, SIZE)
        self.assertIn(f'{TIMEOUT} second', result.named('failure')[0]['reason'])


if __name__ == '__main__':
    tap.main()
