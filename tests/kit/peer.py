# SPDX-License-Identifier: LGPL-2.1-or-later
"""A site that takes uploads and remembers how they came, with or without TLS; certificates for it; and a proxy."""

import base64
import contextlib
import hashlib
import json
import socket
import ssl
import struct
import subprocess
import threading
import time

GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class _Server:
    """Accepts connections on a free port and serves each in a thread, for a `with` block."""

    def __init__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self._connections = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        # shutdown() wakes a thread that waits in accept() or recv(), close() alone does not.
        for opened in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        # A client that goes away is what some tests are about.
        with contextlib.suppress(OSError, EOFError), connection:
            self.serve(connection)


class _Reader:
    """Reads exactly so many bytes, and keeps when how many came."""

    def __init__(self, connection):
        self._connection = connection
        self._buffer = bytearray()
        self.arrivals = []

    def _fill(self):
        data = self._connection.recv(1 << 16)
        if not data:
            raise EOFError
        self._buffer += data
        self.arrivals.append((time.monotonic(), len(data)))

    def take(self, count):
        while len(self._buffer) < count:
            self._fill()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def take_head(self):
        """The lines of an HTTP request."""
        while b'\r\n\r\n' not in self._buffer:
            self._fill()
        head = self.take(self._buffer.index(b'\r\n\r\n') + 4)
        return head.split(b'\r\n')[:-2]

    def take_frame(self):
        first, second = self.take(2)
        length = second & 0x7f
        if length == 126:
            length, = struct.unpack('>H', self.take(2))
        elif length == 127:
            length, = struct.unpack('>Q', self.take(8))
        key = self.take(4)
        payload = self.take(length)
        stream = (key * (length // 4 + 1))[:length]
        plain = int.from_bytes(payload, 'big') ^ int.from_bytes(stream, 'big')
        return first & 0x0f, plain.to_bytes(length, 'big')


class Upload:
    """What one handshake and what followed it held."""

    def __init__(self, lines):
        self.request = lines[0].decode()
        self.headers = [tuple(part.strip() for part in line.split(b':', 1)) for line in lines[1:]]
        self.metadata = None
        self.data = bytearray()
        self.finished = None
        self.arrivals = []

    def header(self, name):
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower().encode()]


class Peer(_Server):
    """Asks for `window` chunks ahead and confirms what came whole. `certificate` is a Certificate for TLS."""

    def __init__(self, certificate=None, window=1):
        super().__init__()
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.path, certificate.key)
        self._window = window
        self.uploads = []
        self.address = f'{"wss" if certificate else "ws"}://127.0.0.1:{self.port}/upload'

    def serve(self, connection):
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        reader = _Reader(connection)
        upload = Upload(reader.take_head())
        self.uploads.append(upload)
        key, = upload.header('Sec-WebSocket-Key')
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                           b'Sec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
        upload.arrivals = reader.arrivals
        while self._answer(connection, upload, *reader.take_frame()):
            pass

    def _answer(self, connection, upload, opcode, payload):
        if opcode == CLOSE:
            _send(connection, CLOSE, payload)
            return False
        if opcode == PING:
            _send(connection, PONG, payload)
        elif opcode == BINARY:
            upload.data += payload
            _send(connection, TEXT, b'{"ready":true}')
        elif upload.metadata is None:
            upload.metadata = json.loads(payload)
            for _ in range(self._window):
                _send(connection, TEXT, b'{"ready":true}')
        else:
            upload.finished = json.loads(payload)
            whole = len(upload.data) == upload.metadata['size']
            _send(connection, TEXT, b'{"close":true}' if whole else b'{"error":"It came short","fatal":true}')
        return True


class Redirector(_Server):
    """Sends everybody to `target`."""

    def __init__(self, target):
        super().__init__()
        self.address = f'ws://127.0.0.1:{self.port}/upload'
        self._answer = f'HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n'

    def serve(self, connection):
        _Reader(connection).take_head()
        connection.sendall(self._answer.encode())


class ConnectProxy(_Server):
    """A proxy that knows the method CONNECT, and may want `credentials` (user:password). `requests`: what it was asked."""

    def __init__(self, credentials=None):
        super().__init__()
        self.requests = []
        self._credentials = credentials and base64.b64encode(credentials.encode()).decode()
        self.address = f'http://127.0.0.1:{self.port}'

    def serve(self, connection):
        lines = _Reader(connection).take_head()
        self.requests.append(b'\n'.join(lines).decode())
        method, target, _ = lines[0].decode().split()
        if method != 'CONNECT':
            connection.sendall(b'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n')
            return
        if self._credentials and f'Proxy-Authorization: Basic {self._credentials}' not in self.requests[-1]:
            connection.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n'
                               b'Proxy-Authenticate: Basic realm="proxy"\r\n\r\n')
            return
        host, port = target.rsplit(':', 1)
        with socket.create_connection((host, int(port))) as far:
            self._connections.append(far)
            connection.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            back = threading.Thread(target=_pump, args=(far, connection), daemon=True)
            back.start()
            _pump(connection, far)
            back.join()


def _pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _send(connection, opcode, payload):
    assert len(payload) < 126
    connection.sendall(bytes([0x80 | opcode, len(payload)]) + payload)


class Certificate:
    """A certificate made by openssl in a folder; signed by `authority`, or by itself."""

    def __init__(self, folder, name, host='127.0.0.1', authority=None, days=None):
        self.path = folder / f'{name}.pem'
        self.key = folder / f'{name}.key'
        request = folder / f'{name}.csr'
        extensions = folder / f'{name}.ext'
        kind = 'DNS' if host[0].isalpha() else 'IP'
        extensions.write_text(f'subjectAltName={kind}:{host}\n' if authority else 'basicConstraints=critical,CA:TRUE\n')
        _openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                 '-subj', f'/CN={name}', '-keyout', self.key, '-out', request)
        signer = ['-signkey', self.key]
        if authority:
            signer = ['-CA', authority.path, '-CAkey', authority.key, '-CAcreateserial']
        # A negative number of days makes one that has expired.
        _openssl('x509', '-req', '-in', request, '-extfile', extensions, '-out', self.path, '-days', days or 2, *signer)

    def fingerprint(self):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.path.read_text())).hexdigest()


def _openssl(*arguments):
    done = subprocess.run(['openssl', *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
