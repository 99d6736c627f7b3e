# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test cases that talk to a running receiver byte by byte."""

import contextlib
import os
import socket
import unittest

from kit import files, programs, websocket

CHUNK = 1 << 20


class ReceiverTest(unittest.TestCase):
    """Runs a receiver on an empty folder, `self.folder`."""

    options = ()
    environment = None

    def setUp(self):
        self.folder = self.enterContext(files.scratch())
        self.server = self.enterContext(
            programs.Receiver(self.folder, *self.options, environment=self.environment))

    def connect(self, path='/upload', **options):
        address = self.server.address.removesuffix('/upload') + path
        return self.enterContext(websocket.WebSocket(address, **options))

    def connect_raw(self):
        """A TCP connection on which nothing has been said yet."""
        return self.enterContext(socket.create_connection(('127.0.0.1', self.server.port), 20))

    def begin(self, name='file.bin', size=1000, **options):
        """A websocket on which the metadata was sent."""
        connection = self.connect(**options)
        connection.send_json({'name': name, 'size': size})
        return connection

    def begin_data(self, data, name='file.bin'):
        """A websocket in the middle of a file, of which `data` has arrived."""
        connection = self.begin(name, size=10 * len(data))
        self.assertTrue(connection.receive_json()['ready'])
        connection.send_binary(data)
        wait_for_bytes(self.folder, len(data))
        return connection

    def send(self, connection, data, most=None):
        """Sends the data as the protocol wants it, each chunk after its ready, up to the close signal."""
        sent = finished = 0
        while True:
            signal = connection.receive_json()
            if signal.get('close'):
                self.assertTrue(finished, 'closed before it was finished')
                return
            self.assertEqual(signal.get('ready'), True, signal)
            if sent < len(data):
                chunk = data[sent:sent + min(most or signal['chunksize'], signal['chunksize'])]
                connection.send_binary(chunk)
                sent += len(chunk)
            elif not finished:
                connection.send_json({'finished': True})
                finished = True

    def upload(self, name, data, most=None):
        """Uploads a file; returns the name that it was stored under."""
        before = len(self.stored(name))
        connection = self.begin(name, len(data))
        self.send(connection, data, most)
        connection.send_close()
        self.assertEqual(connection.receive_end().code, 1000)
        programs.wait_until(lambda: len(self.stored(name)) > before, f'{name} is in the log')
        return self.stored(name)[before]['stored_as']

    def stored(self, name):
        """The events of files that were sent under that name."""
        return [event for event in self.server.events if event['event'] == 'stored' and event['name'] == name]

    def assert_refused(self, connection, code):
        """A fatal error signal with that code comes, then the websocket closes. Returns the message."""
        while True:
            signal = connection.receive_json()
            if 'ready' not in signal:
                break
        self.assertEqual((signal.get('code'), signal.get('fatal')), (code, True), signal)
        self.assertNotIn(str(self.folder), signal['error'])
        self.assertRaisesRegex(websocket.Closed, 'code 1000', connection.receive)
        return signal['error']

    def assert_stored(self, **contents):
        """The folder has these files and no others, hidden ones included."""
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, contents)

    def assert_empty(self):
        self.assertEqual(sorted(os.listdir(self.folder)), [])

    def wait_empty(self):
        programs.wait_until(lambda: not os.listdir(self.folder), 'the partial is gone')

    def assert_serves(self):
        """The receiver still does what it is there for."""
        data = os.urandom(1000)
        path = self.folder / self.upload('still there.bin', data)
        self.assertEqual(path.read_bytes(), data)
        path.unlink()


def partials(folder):
    return [path for path in folder.iterdir() if path.name.startswith('.galileo-')]


def wait_for_bytes(folder, count):
    """Waits until a partial of at least that many bytes is in the folder, and returns it."""
    def look():
        with contextlib.suppress(FileNotFoundError):
            return next((path for path in partials(folder) if path.stat().st_size >= count), None)
        return None
    return programs.wait_until(look, f'{count} bytes at the receiver')
