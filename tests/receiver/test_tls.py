#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same over TLS, and the certificates that it takes."""

import contextlib
import hashlib
import os
import pathlib
import socket
import ssl
import subprocess
import threading
import time
import warnings

from kit import files, programs, tap, websocket
from receiving import CHUNK, ReceiverTest, partials, wait_for_bytes

KEYS = contextlib.ExitStack()


def openssl(*arguments):
    subprocess.run(['openssl', *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def setUpModule():
    """Makes the certificates that all the tests use."""
    global FOLDER
    FOLDER = KEYS.enter_context(files.scratch())
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
            '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
            '-keyout', FOLDER / 'key.pem', '-out', FOLDER / 'certificate.pem')
    openssl('genrsa', '-out', FOLDER / 'other.pem', '2048')
    openssl('ecparam', '-genkey', '-name', 'prime256v1', '-out', FOLDER / 'ec.pem')
    openssl('genrsa', '-aes128', '-passout', 'pass:secret', '-out', FOLDER / 'locked.pem', '2048')
    (FOLDER / 'empty.pem').write_bytes(b'')


def tearDownModule():
    KEYS.close()


class TlsWebSocket(websocket.WebSocket):
    """Checks the certificate as a browser does."""

    def __init__(self, address, headers=(), timeout=20):
        super().__init__(address, timeout=timeout, handshake=False)
        self.context = ssl.create_default_context(cafile=FOLDER / 'certificate.pem')
        self.context.set_alpn_protocols(['h2', 'http/1.1'])
        self.socket = self.context.wrap_socket(self.socket, server_hostname=self._url.hostname)
        self.handshake(headers)


class HeldBack:
    """A connection with TLS whose records can be held back, and sent in pieces of any size."""

    def __init__(self, connection):
        self._socket = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=FOLDER / 'certificate.pem')
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname='127.0.0.1')
        self.is_held = False
        self._call(self._tls.do_handshake)

    def _call(self, function, *arguments):
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                return function(*arguments)
            self.release()
            self._incoming.write(self._socket.recv(65536))

    def sendall(self, data):
        self._tls.write(data)
        if not self.is_held:
            self.release()

    def recv(self, size):
        return self._call(self._tls.read, size)

    def recv_into(self, buffer):
        data = self.recv(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def release(self, size=-1):
        """Sends what was held back: all of it, or so many bytes."""
        self._socket.sendall(self._outgoing.read(size))

    def is_read(self):
        """Whether the other side has read all that was sent: what the kernel holds for it, in its table."""
        own, other = (f':{address[1]:04X}' for address in (self._socket.getsockname(), self._socket.getpeername()))
        for line in pathlib.Path('/proc/net/tcp').read_text().splitlines():
            columns = line.split()
            if columns[1].endswith(other) and columns[2].endswith(own):
                return columns[4].endswith(':00000000')
        return False

    def close(self):
        self._socket.close()


class HeldBackWebSocket(websocket.WebSocket):
    def __init__(self, address, timeout=20):
        super().__init__(address, timeout=timeout, handshake=False)
        self.socket = HeldBack(self.socket)
        self.handshake()


class TlsTest(ReceiverTest):
    def setUp(self):
        self.options = (*self.options, f'--tls-certificate={FOLDER}/certificate.pem', f'--tls-key={FOLDER}/key.pem')
        super().setUp()

    def connect(self, path='/upload', **options):
        return self.enterContext(TlsWebSocket(self.server.address.removesuffix('/upload') + path, **options))

    def ask(self, data):
        """What comes for bytes that are sent without TLS."""
        connection = self.connect_raw()
        connection.sendall(data)
        received = b''
        with contextlib.suppress(ConnectionResetError):
            while block := connection.recv(65536):
                received += block
        return received


class Uploads(TlsTest):
    def test_address(self):
        self.assertEqual(self.server.address, f'wss://127.0.0.1:{self.server.port}/upload')

    def test_sizes(self):
        for size in (0, 1, 16383, 16384, 16385, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7):
            for most in (None, 250000):
                with self.subTest(size=size, most=most):
                    data = os.urandom(size)
                    path = self.folder / self.upload(f'{size}-{most}', data, most)
                    self.assertEqual(path.read_bytes(), data)
                    path.unlink()

    def test_whole_window_at_once(self):
        """All that may be under way, with the end behind it: nothing of it is left lying in between."""
        data = os.urandom(15 * CHUNK)
        for _ in range(5):
            connection = self.begin(size=len(data))
            for _ in range(16):
                self.assertTrue(connection.receive_json()['ready'])
            for start in range(0, len(data), CHUNK):
                connection.send_binary(data[start:start + CHUNK])
            connection.send_json({'finished': True, 'hash': {'type': 'sha1', 'value': hashlib.sha1(data).hexdigest()}})
            while not (signal := connection.receive_json()).get('close'):
                pass
            self.assertEqual(signal, {'close': True, 'verified': True})

    def test_odd_records(self):
        """Frames that begin and end anywhere in a record, and pings between them."""
        data = os.urandom(300000)
        connection = self.begin(size=len(data))
        sent = 0
        while sent < len(data):
            connection.receive_json()
            connection.send_frame(True, websocket.PING, b'x')
            connection.send_frame(False, websocket.BINARY, data[sent:sent + 1])
            connection.send_frame(False, websocket.CONTINUATION, data[sent + 1:sent + 16384])
            connection.send_frame(True, websocket.CONTINUATION, data[sent + 16384:sent + 40001])
            sent += 40001
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass
        self.assert_stored(**{'file.bin': data})

    def test_pieces_of_records(self):
        """A record that is cut anywhere, with more behind its second part: nobody polls for what has come already."""
        data = os.urandom(50000)
        for cut in (1, 4, 5, 6, 100, 16384, 16411, 20000, 49999):
            with self.subTest(cut=cut):
                connection = self.enterContext(HeldBackWebSocket(self.server.address))
                connection.send_json({'name': f'{cut}.bin', 'size': len(data)})
                self.assertTrue(connection.receive_json()['ready'])
                connection.socket.is_held = True
                connection.send_binary(data)
                connection.send_frame(True, websocket.PING, b'x')
                connection.send_json({'finished': True})
                connection.socket.release(cut)
                programs.wait_until(connection.socket.is_read, 'the first part to be read')
                connection.socket.release()
                connection.socket.is_held = False
                while not connection.receive_json().get('close'):
                    pass
                self.assertEqual((self.folder / f'{cut}.bin').read_bytes(), data)

    def test_many_at_once(self):
        contents = {f'{number}.bin': os.urandom(2000000 + number) for number in range(8)}

        def work(name):
            connection = self.begin(name, len(contents[name]))
            self.send(connection, contents[name])

        threads = [threading.Thread(target=work, args=(name,)) for name in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assert_stored(**contents)

    def test_goes_on(self):
        data = os.urandom(1000000)
        for end in ('close', 'reset'):
            connection = self.connect()
            keys = {'name': end, 'size': len(data), 'upload': 'id-1', 'hash': 'sha256'}
            connection.send_json(keys)
            self.assertEqual(connection.receive_json()['offset'], 0)
            connection.send_binary(data[:400000])
            wait_for_bytes(self.folder, 400000)
            getattr(connection, end)()
            self.server.wait_event('cut', lambda event, name=end: event['name'] == name)
            connection = self.connect()
            connection.send_json(keys)
            self.assertEqual(connection.receive_json()['offset'], 400000)
            connection.send_binary(data[400000:])
            connection.send_json({'finished': True,
                                  'hash': {'type': 'sha256', 'value': hashlib.sha256(data).hexdigest()}})
            while not (signal := connection.receive_json()).get('close'):
                pass
            self.assertTrue(signal['verified'])
            self.assertEqual((self.folder / end).read_bytes(), data)

    def test_errors_get_through_while_the_client_sends(self):
        connection = self.begin(size=1000)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            connection.send_binary(b'x' * (8 << 20))
        self.assert_refused(connection, 'size')

    def test_origins(self):
        own = self.server.address.removesuffix('/upload').replace('wss', 'https')
        self.send(self.begin(size=3, headers=[('Origin', own)]), b'abc')
        with self.assertRaises(websocket.Refused) as caught:
            self.connect(headers=[('Origin', 'https://evil.example')])
        self.assertEqual(caught.exception.status, 403)

    def test_protocol_of_the_web(self):
        """Websockets need HTTP/1.1, also of a client that would rather speak HTTP/2."""
        self.assertEqual(self.connect().socket.selected_alpn_protocol(), 'http/1.1')

    def test_page(self):
        context = ssl.create_default_context(cafile=FOLDER / 'certificate.pem')
        with context.wrap_socket(self.connect_raw(), server_hostname='localhost') as connection:
            connection.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
            received = b''
            while block := connection.recv(65536):
                received += block
        self.assertTrue(received.startswith(b'HTTP/1.1 200 OK'), received)
        self.assertIn(b'galileosend-receiver', received)

    def test_without_tls(self):
        for data in (b'GET /upload HTTP/1.1\r\nHost: localhost\r\n\r\n', b'\0' * 1000,
                     b'\x16\x03\x01\xff\xff' + b'x' * 70000):
            with self.subTest(data=data[:10]):
                self.assertNotIn(b'HTTP', self.ask(data))
        self.assert_serves()

    def test_old_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers('ALL:@SECLEVEL=0')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        self.assertRaisesRegex(ssl.SSLError, 'ALERT_PROTOCOL_VERSION', context.wrap_socket, self.connect_raw())


class Deadlines(TlsTest):
    # Milliseconds for a handshake and for a silence.
    environment = {'GALILEOSEND_RECEIVER_DEADLINES': '500,700'}

    def test_handshake_that_never_ends(self):
        for said in (b'', b'\x16\x03\x01', b'\x16\x03\x01\x02\x00' + b'x' * 100):
            with self.subTest(said=said):
                start = time.monotonic()
                self.assertNotIn(b'HTTP', self.ask(said))
                self.assertLess(time.monotonic() - start, 5)

    def test_drop_by_drop(self):
        """Each byte of what would be a TLS handshake comes in time."""
        connection = self.connect_raw()
        connection.settimeout(0.05)
        connection.sendall(b'\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03')
        start = time.monotonic()

        def is_closed():
            try:
                connection.sendall(b'x')
                return connection.recv(1000) == b''
            except TimeoutError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True

        programs.wait_until(is_closed, 'the handshake is cut off')
        self.assertLess(time.monotonic() - start, 5)

    def test_no_request(self):
        """TLS is there, and then nothing."""
        context = ssl.create_default_context(cafile=FOLDER / 'certificate.pem')
        connection = context.wrap_socket(self.connect_raw(), server_hostname='localhost')
        self.assertEqual(connection.recv(1000), b'')

    def test_silence_in_the_middle_of_a_file(self):
        connection = self.begin_data(b'x' * 1000)
        connection.receive_end()
        self.wait_empty()
        self.assertIn('silent', self.server.wait_event('cut')['reason'])

    def test_paused_client_that_pings_is_kept(self):
        connection = self.begin_data(b'x' * 1000)
        start = time.monotonic()
        while time.monotonic() - start < 2:
            connection.send_frame(True, websocket.PING)
            while connection.receive_frame()[1] != websocket.PONG:
                pass
        connection.send_binary(b'x' * 9000)
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass


class Crowds(TlsTest):
    def test_many_that_say_nothing(self):
        for _ in range(500):
            self.connect_raw()
        self.assert_serves()

    def test_kill_and_stop(self):
        self.begin_data(b'x' * 1000)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(partials(self.folder), [])


class Certificates(ReceiverTest):
    def assert_fails(self, certificate, key, *words):
        process = programs.Process([str(programs.receiver()), f'--directory={self.folder}', '--port=0',
                                    f'--tls-certificate={certificate}', f'--tls-key={key}'])
        self.assertEqual(process.wait(), 1)
        self.assertEqual((process.stdout, process.stderr.count('\n')), ('', 0))
        for word in words:
            self.assertIn(str(word), process.stderr)

    def test_bad_files(self):
        good, key, missing = FOLDER / 'certificate.pem', FOLDER / 'key.pem', FOLDER / 'missing.pem'
        self.assert_fails(missing, key, missing, 'No such file')
        self.assert_fails(good, missing, missing, 'No such file')
        self.assert_fails(FOLDER, key, FOLDER, 'Is a directory')
        self.assert_fails(FOLDER / 'empty.pem', key, FOLDER / 'empty.pem', 'no certificate')
        self.assert_fails(key, key, key, 'no certificate')
        self.assert_fails(good, FOLDER / 'empty.pem', FOLDER / 'empty.pem', 'no private key')
        self.assert_fails(good, good, good, 'no private key')
        self.assert_fails(good, FOLDER / 'other.pem', FOLDER / 'other.pem', 'not the key of the certificate')
        self.assert_fails(good, FOLDER / 'ec.pem', FOLDER / 'ec.pem', 'not the key of the certificate')
        self.assert_fails(good, FOLDER / 'locked.pem', FOLDER / 'locked.pem', 'password')


if __name__ == '__main__':
    tap.main()
