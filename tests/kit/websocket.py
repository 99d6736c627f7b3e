# SPDX-License-Identifier: LGPL-2.1-or-later
"""A raw websocket client (RFC 6455) that does what it is told, also what is forbidden."""

import base64
import json
import os
import socket
import struct
import urllib.parse

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Closed(Exception):
    """The websocket ended: by a close frame (code, reason), or without one (code None)."""

    def __init__(self, code=None, reason=''):
        super().__init__(f'closed with code {code} {reason}')
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, status, headers, body):
        super().__init__(f'handshake refused with status {status}')
        self.status = status
        self.headers = headers
        self.body = body


class WebSocket:
    """Connects to a ws:// address. Every wait ends after `timeout` seconds with TimeoutError."""

    def __init__(self, address, headers=(), timeout=20, handshake=True):
        self._url = urllib.parse.urlsplit(address)
        self._buffer = b''
        self.socket = socket.create_connection((self._url.hostname, self._url.port or 80), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if handshake:
            self.handshake(headers)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def handshake(self, headers=()):
        """Sends the upgrade request; `headers` are (name, value) pairs that replace those of the same name."""
        path = self._url.path or '/'
        if self._url.query:
            path += '?' + self._url.query
        standard = [
            ('Host', self._url.netloc),
            ('Upgrade', 'websocket'),
            ('Connection', 'Upgrade'),
            ('Sec-WebSocket-Version', '13'),
            ('Sec-WebSocket-Key', base64.b64encode(os.urandom(16)).decode()),
        ]
        replaced = {name.lower() for name, _ in headers}
        lines = [f'GET {path} HTTP/1.1']
        lines += [f'{name}: {value}' for name, value in standard if name.lower() not in replaced]
        lines += [f'{name}: {value}' for name, value in headers]
        self.send_raw('\r\n'.join([*lines, '', '']).encode())
        status, answer, body = self._read_response()
        if status != 101:
            raise Refused(status, answer, body)
        self.headers = answer

    def _read_response(self):
        while b'\r\n\r\n' not in self._buffer:
            self._fill()
        head, self._buffer = self._buffer.split(b'\r\n\r\n', 1)
        first, *lines = head.decode('latin-1').split('\r\n')
        headers = {}
        for line in lines:
            name, value = line.split(':', 1)
            headers[name.lower()] = value.strip()
        status = int(first.split()[1])
        body = b''
        if status != 101:
            body = self._take(int(headers.get('content-length', 0)))
        return status, headers, body

    # Sending

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, fin, opcode, payload=b'', masked=True, length=None, reserved=0):
        """One frame; `length` is what the header says if it shall lie."""
        length = len(payload) if length is None else length
        mask_bit = 0x80 if masked else 0
        head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
        if length < 126:
            head += bytes([mask_bit | length])
        elif length < 1 << 16:
            head += bytes([mask_bit | 126]) + struct.pack('>H', length)
        else:
            head += bytes([mask_bit | 127]) + struct.pack('>Q', length)
        if masked:
            key = os.urandom(4)
            head += key
            payload = _mask(payload, key)
        self.send_raw(head + payload)

    def send_text(self, text):
        self.send_frame(True, TEXT, text.encode())

    def send_json(self, value):
        self.send_text(json.dumps(value))

    def send_binary(self, data):
        self.send_frame(True, BINARY, data)

    def send_close(self, code=1000, reason=''):
        self.send_frame(True, CLOSE, struct.pack('>H', code) + reason.encode())

    # Receiving

    def receive_frame(self):
        """Returns (fin, opcode, payload); an end of the connection raises Closed."""
        first, second = self._take(2)
        length = second & 0x7f
        if length == 126:
            length, = struct.unpack('>H', self._take(2))
        elif length == 127:
            length, = struct.unpack('>Q', self._take(8))
        assert not second & 0x80, 'a server must not mask'
        return bool(first & 0x80), first & 0x0f, self._take(length)

    def receive(self):
        """Returns the next message, text or bytes. Answers pings; a close frame raises Closed."""
        message, kind = b'', None
        while True:
            fin, opcode, payload = self.receive_frame()
            if opcode == CLOSE:
                code = struct.unpack('>H', payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode())
            if opcode == PING:
                self.send_frame(True, PONG, payload)
            elif opcode != PONG:
                kind = kind or opcode
                message += payload
                if fin:
                    return message.decode() if kind == TEXT else message

    def receive_json(self):
        return json.loads(self.receive())

    def receive_end(self):
        """Reads until the websocket ends and returns the Closed that tells how; messages before are dropped."""
        try:
            while True:
                self.receive()
        except Closed as closed:
            return closed

    def says_nothing_for(self, seconds):
        """Whether the server is silent that long, still connected."""
        timeout = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self.receive()
            return False
        except TimeoutError:
            return True
        except Closed:
            return False
        finally:
            self.socket.settimeout(timeout)

    def _take(self, count):
        while len(self._buffer) < count:
            self._fill()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _fill(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b''
        if not data:
            raise Closed()
        self._buffer += data

    # Ending

    def half_close(self):
        """Says that no more will come, and goes on listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()


def _mask(payload, key):
    length = len(payload)
    stream = (key * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, 'big') ^ int.from_bytes(stream, 'big')).to_bytes(length, 'big')
