# SPDX-License-Identifier: LGPL-2.1-or-later
"""A proxy that does harm to connections, or makes a long or slow line of loopback."""

import urllib.parse

from kit import programs


class ChaosProxy(programs.Server):
    """chaos-proxy before a server's ws:// or wss:// address; its own is the same with another port.

    A rule is ACTION[:up|down[:OFFSET[:CONNECTION]]], as tests/faults/chaos-proxy.h tells. `delay` is in seconds one
    way, `rate` in bytes per second each way, `queue` the bytes that wait for the line.
    """

    name = 'proxy'

    def __init__(self, address, *rules, delay=0, rate=0, queue=0):
        self.target = urllib.parse.urlsplit(address)
        super().__init__([
            str(programs.build_dir() / 'tests/faults/chaos-proxy'), f'--delay={round(delay * 1000)}', f'--rate={rate}',
            f'--queue={queue}', *(f'--rule={rule}' for rule in rules), f'127.0.0.1:{self.target.port}'])

    def __enter__(self):
        try:
            line = self.wait_line(lambda line: True, 'the line "Listening on …"')
            self.port = int(line.removeprefix('Listening on 127.0.0.1:'))
        except (AssertionError, ValueError):
            self.kill()
            raise
        self.address = self.target._replace(netloc=f'{self.target.hostname}:{self.port}').geturl()
        return self
