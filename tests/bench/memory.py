#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much memory galileosend-cli takes: for a large file, for several at once, and from a server that floods it.

    memory.py [--directory=DIR]
"""

import base64
import hashlib
import socket
import threading

import measure
from kit import cli, files, programs

GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
READY = b'{"ready":true}'
READIES = 100000
TIMEOUT = 3


class FloodingServer:
    """Asks for a hundred thousand chunks at once, and then takes nothing more."""

    def __enter__(self):
        self.done = threading.Event()
        self.asked = False
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = f'ws://127.0.0.1:{self.listener.getsockname()[1]}/upload'
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()
        self.listener.close()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            request = b''
            while b'\r\n\r\n' not in request:
                request += connection.recv(4096)
            key = next(line for line in request.split(b'\r\n') if line.lower().startswith(b'sec-websocket-key:'))
            accept = base64.b64encode(hashlib.sha1(key.split(b':')[1].strip() + GUID).digest())
            connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                               b'Sec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
            connection.recv(4096)
            connection.sendall((bytes([0x81, len(READY)]) + READY) * READIES)
            self.asked = True
            self.done.wait()


def peak_mb(result, status=0):
    if result.status != status:
        raise SystemExit(f'galileosend-cli: {result}')
    return result.peak_kb * 1024 / 1e6


def send(bench, paths, *options):
    target = bench.folder('ours')
    with programs.Receiver(target, '--quiet') as ours:
        result = cli.run_json(*options, ours.address, *paths, limit=600)
    for path in paths:
        if not files.same_file(path, target / path.name):
            raise SystemExit(f'{path.name} did not arrive as it is')
        (target / path.name).unlink()
    target.rmdir()
    return peak_mb(result)


def main():
    bench = measure.Bench(__doc__, rounds=1)
    with bench.scratch() as directory:
        big = files.sparse_file(directory / 'big.bin', 5 * files.GIB)
        bench.at_most(send(bench, [big]), 40, 'one file of 5 GiB', ' MB')

        several = [files.sparse_file(directory / f'{number}.bin', files.GIB // 2) for number in range(8)]
        bench.at_most(send(bench, several, '--jobs=8'), 64, 'eight files at once', ' MB')

        with FloodingServer() as server:
            result = cli.run_json('--retries=0', f'--timeout={TIMEOUT}', server.address, big, limit=60)
            if not server.asked or 'Nothing moved' not in result.named('failure')[0]['reason']:
                raise SystemExit(f'The flood ended otherwise: {result}')
        bench.at_most(peak_mb(result, 1), 40, f'a server that asks {READIES} times and stops reading', ' MB')
    bench.finish()


if __name__ == '__main__':
    main()
