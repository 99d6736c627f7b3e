#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who gets a websocket and who does not, and what else may be said over HTTP."""

import socket
import time

from kit import programs, tap, websocket
from receiving import ReceiverTest

UPGRADE = (b'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
           b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')


def read_all(connection):
    data = b''
    try:
        while block := connection.recv(65536):
            data += block
    except ConnectionResetError:
        pass
    return data


class Handshakes(ReceiverTest):
    def assert_status(self, status, path='/upload', headers=()):
        with self.assertRaises(websocket.Refused) as caught:
            self.connect(path, headers=headers)
        self.assertEqual(caught.exception.status, status)
        self.assertGreater(len(caught.exception.body), 10)
        return caught.exception

    def assert_uploads(self, **options):
        self.send(self.begin(size=3, **options), b'abc')

    def test_paths(self):
        for path in ('/upload', '/', '/upload?a=b', '/?', '/upload?x=/../..'):
            with self.subTest(path=path):
                self.assert_uploads(path=path)
        for path in ('/uploads', '/upload/', '/upload/x', '/x', '/x/upload', '/Upload', '/%75pload/'):
            with self.subTest(path=path):
                self.assert_status(404, path)

    def test_own_origin(self):
        for host in ('127.0.0.1', 'localhost', '[::1]'):
            host = f'{host}:{self.server.port}'
            with self.subTest(host=host):
                self.assert_uploads(headers=[('Host', host), ('Origin', f'http://{host}')])

    def test_foreign_origin(self):
        for origin in ('http://evil.example', f'http://evil.example:{self.server.port}', 'null', 'file://', '*',
                       f'http://127.0.0.1:{self.server.port + 1}', f'http://127.0.0.1.evil.example:{self.server.port}',
                       f'http://localhost:{self.server.port}'):
            with self.subTest(origin=origin):
                self.assert_status(403, headers=[('Origin', origin)])
        own = f'http://127.0.0.1:{self.server.port}'
        self.assert_status(403, headers=[('Origin', own), ('Origin', 'http://evil.example')])
        self.assert_status(403, headers=[('Origin', 'http://evil.example'), ('Origin', own)])

    def test_host(self):
        """A program may use any name that leads here; a page's must be beyond doubt."""
        for host in ('127.0.0.1', '10.1.2.3:80', '[::1]:8642', 'localhost', 'LOCALHOST:1', 'nas.local:8642'):
            with self.subTest(host=host):
                self.assert_uploads(headers=[('Host', host)])
        for host in ('evil.example', f'evil.example:{self.server.port}', '127.0.0.1.evil.example', 'x@127.0.0.1', ''):
            with self.subTest(host=host):
                self.assert_status(403, headers=[('Host', host), ('Origin', f'http://{host}')])

    def test_rebound_name(self):
        """The page and the socket agree on a name, which its owner made to point here."""
        host = f'evil.example:{self.server.port}'
        self.assert_status(403, headers=[('Host', host), ('Origin', f'http://{host}')])

    def test_two_hosts(self):
        own = f'127.0.0.1:{self.server.port}'
        self.assert_status(403, headers=[('Host', own), ('Host', 'evil.example')])
        self.assert_status(403, headers=[('Host', 'evil.example'), ('Host', own)])

    def test_no_host(self):
        connection = self.connect_raw()
        connection.sendall(b'GET /upload HTTP/1.1\r\n' + UPGRADE + b'\r\n')
        self.assertTrue(read_all(connection).startswith(b'HTTP/1.1 403 '))

    def test_version(self):
        for version in ('8', '0', '14', 'x'):
            with self.subTest(version=version):
                refused = self.assert_status(426, headers=[('Sec-WebSocket-Version', version)])
                self.assertEqual(refused.headers['sec-websocket-version'], '13')

    def test_no_extensions_and_no_subprotocols(self):
        connection = self.connect(headers=[
            ('Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame')])
        self.assertNotIn('sec-websocket-extensions', connection.headers)
        self.assert_status(400, headers=[('Sec-WebSocket-Protocol', 'galileosend')])
        self.assert_status(400, headers=[('Sec-WebSocket-Protocol', 'x' * 200)])

    def test_other_upgrades(self):
        self.assert_status(400, headers=[('Upgrade', 'h2c'), ('HTTP2-Settings', 'AAMAAABkAAQCAAAAAAIAAAAA')])
        for what in (b'Upgrade: tls/1.0\r\nConnection: Upgrade\r\n', b'Upgrade: websocket\r\n'):
            with self.subTest(what=what):
                connection = self.connect_raw()
                connection.sendall(b'GET /upload HTTP/1.1\r\nHost: localhost\r\n' + what + b'\r\n')
                self.assertNotIn(b' 101 ', read_all(connection))
        self.assert_uploads()


class Http(ReceiverTest):
    def ask(self, request):
        """Returns the status, or 0 for none, and the body of what comes for a request."""
        connection = self.connect_raw()
        try:
            connection.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        head, _, body = read_all(connection).partition(b'\r\n\r\n')
        return int(head.split()[1]) if head.startswith(b'HTTP/1.1 ') else 0, body

    def request(self, method, path, headers=b'', body=b''):
        return self.ask(method + b' ' + path + b' HTTP/1.1\r\nHost: localhost\r\n' + headers + b'\r\n' + body)

    def test_page(self):
        status, body = self.request(b'GET', b'/')
        self.assertEqual(status, 200)
        self.assertIn(b'galileosend-receiver', body)
        self.assertEqual(self.request(b'HEAD', b'/'), (200, b''))
        self.assertEqual(self.request(b'GET', b'/upload')[0], 426)
        self.assertEqual(self.request(b'GET', b'/favicon.ico')[0], 404)
        self.assertEqual(self.request(b'GET', b'/../../etc/passwd')[0], 404)

    def test_other_methods(self):
        for method in (b'POST', b'PUT', b'OPTIONS', b'DELETE', b'PATCH'):
            with self.subTest(method=method):
                # The library knows some of them and hangs up on the others.
                self.assertIn(self.request(method, b'/upload')[0], (405, 0))
        self.assertEqual(self.request(b'POST', b'/upload', UPGRADE)[0], 404)
        self.assertEqual(self.ask(b'CONNECT example.org:80 HTTP/1.1\r\nHost: example.org\r\n\r\nhello')[1], b'')

    def test_bodies_are_not_kept(self):
        block = b'x' * (1 << 20)
        for headers in (b'Content-Length: 1000000000\r\n', b'Transfer-Encoding: chunked\r\n'):
            connection = self.connect_raw()
            try:
                connection.sendall(b'POST /upload HTTP/1.1\r\nHost: localhost\r\n' + headers + b'\r\n')
                for _ in range(100):
                    connection.sendall(block)
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.assert_serves()
        self.server.stop()
        self.assertLess(self.server.peak_kb, 60000)

    def test_garbage(self):
        for request in (b'\r\n\r\n', b'\0' * 100, b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n',
                        b'\x16\x03\x01\x02\x00\x01', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + bytes(9),
                        b'GET / HTTP/1.1\r\n: \r\n\r\n',
                        b'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
                        b'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n',
                        b'GET /upload%00 HTTP/1.1\r\nHost: localhost\r\n' + UPGRADE + b'\r\n', b'\xff\xfe\xfd\r\n\r\n'):
            with self.subTest(request=request):
                connection = self.connect_raw()
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                self.assertNotIn(b' 101 ', read_all(connection))
        self.assert_serves()

    def test_long_headers(self):
        for request in (b'GET /' + b'x' * 100000 + b' HTTP/1.1\r\n', b'GET / HTTP/1.1\r\nX-Long: ' + b'x' * 100000,
                        b'GET / HTTP/1.1\r\n' + b'X-Many: 1\r\n' * 10000,
                        b'GET /upload HTTP/1.1\r\nHost: localhost' + b'x' * 1000 + b'\r\n' + UPGRADE + b'\r\n',
                        b'GET /upload HTTP/1.1\r\nHost: localhost\r\nOrigin: http://' + b'x' * 1000 + b'\r\n' +
                        UPGRADE + b'\r\n'):
            with self.subTest(request=request[:40]):
                connection = self.connect_raw()
                try:
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                except (BrokenPipeError, ConnectionResetError, OSError):
                    pass
                self.assertNotIn(b' 101 ', read_all(connection))
        self.assert_serves()


class Deadlines(ReceiverTest):
    # Milliseconds for a handshake and for a silence.
    environment = {'GALILEOSEND_RECEIVER_DEADLINES': '300,600'}

    def test_silent_handshakes(self):
        for said in (b'', b'GET /upl', b'GET /upload HTTP/1.1\r\nHost: localhost\r\n', b'POST / HTTP/1.1\r\n'):
            with self.subTest(said=said):
                connection = self.connect_raw()
                connection.sendall(said)
                self.assertEqual(connection.recv(1000), b'')

    def test_drop_by_drop(self):
        """Each byte comes in time, the handshake never."""
        connection = self.connect_raw()
        connection.sendall(b'GET /upload HTTP/1.1\r\n')
        connection.settimeout(0.05)
        start = time.monotonic()

        def is_closed():
            try:
                connection.sendall(b'X')
                return connection.recv(1000) == b''
            except TimeoutError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True

        programs.wait_until(is_closed, 'the handshake is cut off')
        self.assertLess(time.monotonic() - start, 5)

    def test_no_metadata(self):
        """Pings are no excuse before there is an upload."""
        connection = self.connect()
        connection.socket.settimeout(0.1)

        def is_closed():
            try:
                connection.send_frame(True, 9)
                connection.receive()
            except TimeoutError:
                return False
            except (websocket.Closed, BrokenPipeError):
                return True

        programs.wait_until(is_closed, 'the idle websocket is closed')

    def test_silence_in_the_middle_of_a_file(self):
        connection = self.begin_data(b'x' * 1000)
        connection.receive_end()
        self.wait_empty()
        event = self.server.wait_event('cut')
        self.assertEqual((event['name'], event['received']), ('file.bin', 1000))
        self.assertIn('silent', event['reason'])

    def test_paused_client_that_pings_is_kept(self):
        connection = self.begin_data(b'x' * 1000)
        # One that it did not need for its first chunk, and nine for the rest in such chunks.
        for _ in range(10):
            self.assertTrue(connection.receive_json()['ready'])
        start = time.monotonic()
        while time.monotonic() - start < 2:
            connection.send_frame(True, 9)
            self.assertTrue(connection.says_nothing_for(0.2))
        connection.send_binary(b'x' * 9000)
        connection.send_json({'finished': True})
        while not connection.receive_json().get('close'):
            pass

    def test_client_that_does_not_close(self):
        connection = self.begin(size=0)
        self.send(connection, b'')
        connection.receive_end()
        self.assert_stored(**{'file.bin': b''})


class Limits(ReceiverTest):
    options = ('--max-uploads=2',)

    def test_too_many(self):
        first = self.begin('1', 10)
        first.receive_json()
        second = self.begin('2', 10)
        second.receive_json()
        with self.assertRaises(websocket.Refused) as caught:
            self.connect()
        self.assertEqual(caught.exception.status, 503)
        self.assertIn('retry-after', caught.exception.headers)
        first.close()

        def try_again():
            try:
                return self.connect()
            except websocket.Refused:
                return None

        third = programs.wait_until(try_again, 'a place becomes free')
        third.send_json({'name': '3', 'size': 3})
        self.send(third, b'abc')


class Crowds(ReceiverTest):
    options = ('--max-uploads=1100',)

    def test_a_thousand_that_say_nothing(self):
        for _ in range(1000):
            self.connect_raw()
        self.assert_serves()

    def test_a_thousand_idle_websockets(self):
        connections = [self.connect() for _ in range(1000)]
        data = b'x' * (10 << 20)
        self.upload('large.bin', data)
        self.assertEqual((self.folder / 'large.bin').read_bytes(), data)
        connections[500].send_json({'name': 'one of them', 'size': 3})
        self.send(connections[500], b'abc')


class Addresses(ReceiverTest):
    def test_others(self):
        for address, shown in (('127.0.0.2', '127.0.0.2'), ('::1', '[::1]'), ('0.0.0.0', '0.0.0.0'),
                               ('localhost', None)):
            with self.subTest(address=address):
                with programs.Receiver(self.folder, f'--address={address}') as server:
                    if shown:
                        self.assertEqual(server.address, f'ws://{shown}:{server.port}/upload')
                    with websocket.WebSocket(server.address) as connection:
                        connection.send_json({'name': 'a', 'size': 0})
                        self.assertTrue(connection.receive_json()['ready'])


if __name__ == '__main__':
    tap.main()
