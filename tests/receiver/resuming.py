# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that goes on where it was cut, as far as the receiver says that it can."""

import hashlib

from kit import websocket
from receiving import ReceiverTest

CHUNK = 250000


class Refusal(Exception):
    """A fatal error signal."""

    def __init__(self, signal):
        super().__init__(signal)
        self.signal = signal


def metadata(data, name='file.bin', upload='id-1', **more):
    """The metadata of a file with those bytes. What is None is left out."""
    keys = {'name': name, 'size': len(data), 'upload': upload, 'modified': '2026-01-02T03:04:05Z', **more}
    return {key: value for key, value in keys.items() if value is not None}


def receive_ready(connection):
    signal = connection.receive_json()
    if 'error' in signal:
        raise Refusal(signal)
    return signal


def wait_arrived(connection):
    """Until all that was sent is at the receiver, which answers a ping after that. A socket closed earlier may lose it."""
    connection.send_frame(True, websocket.PING)
    while connection.receive_frame()[1] != websocket.PONG:
        pass


def attempt(address, data, stop=None, kind='sha1', value=None, **more):
    """Uploads from where the receiver says. Returns that offset, and the close signal or None if it stopped at a byte."""
    with websocket.WebSocket(address) as connection:
        connection.send_json(metadata(data, **more))
        ready = receive_ready(connection)
        offset = sent = ready.get('offset', 0)
        end = len(data) if stop is None else min(stop, len(data))
        while sent < end:
            chunk = data[sent:min(sent + CHUNK, end)]
            connection.send_binary(chunk)
            sent += len(chunk)
            receive_ready(connection)
        if stop is not None:
            wait_arrived(connection)
            return offset, None
        finished = {'finished': True}
        if kind:
            finished['hash'] = {'type': kind, 'value': value or hashlib.new(kind, data).hexdigest()}
        connection.send_json(finished)
        while True:
            signal = receive_ready(connection)
            if signal.get('close'):
                return offset, signal


class ResumeTest(ReceiverTest):
    def attempt(self, data, **more):
        return attempt(self.server.address, data, **more)

    def leave(self, data, stop, **more):
        """An upload that is cut at that byte; returns where it began."""
        before = len(self.server.named('cut'))
        offset, _ = self.attempt(data, stop=stop, **more)
        while len(self.server.named('cut')) == before:
            self.server.next_event('cut')
        return offset

    def begin_resumable(self, data, **more):
        """A websocket with the metadata sent, and the first ready."""
        connection = self.connect()
        connection.send_json(metadata(data, **more))
        return connection, receive_ready(connection)

    def assert_verified(self, result, offset):
        self.assertEqual(result, (offset, {'close': True, 'verified': True}))

    def assert_mismatch(self, call, *arguments, **more):
        with self.assertRaises(Refusal) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.signal['code'], 'hash-mismatch')
