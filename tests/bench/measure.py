# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: senders that are timed in turn, what arrived, and bounds that end the program if missed.

Figures of one machine at one moment mean little; the ratios do. Each round runs every sender once, in turn, on the same
file and the same file system, and a ratio is the median over the rounds of that round's two figures.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from kit import files, programs


class DavNginx(programs.Nginx):
    """nginx that stores what is PUT, on the file system of the other receivers."""

    CONFIGURATION = '''
        daemon off;
        worker_processes 1;
        user {user};
        pid {directory}/nginx.pid;
        error_log stderr;
        events {{ }}
        http {{
          access_log off;
          client_body_temp_path {directory}/body;
          server {{
            listen 127.0.0.1:{port}{extra}
            location / {{
              root {directory}/stored;
              dav_methods PUT;
              client_max_body_size 0;
            }}
          }}
        }}
    '''

    def __init__(self, directory, certificate=None):
        for name in ('stored', 'body'):
            (directory / name).mkdir(parents=True)
        extra = ';'
        if certificate:
            extra = f' ssl; ssl_certificate {certificate.path}; ssl_certificate_key {certificate.key};'
        super().__init__(directory, 'ws://unused', extra)
        self.stored = directory / 'stored'
        self.scheme = 'https' if certificate else 'http'

    def curl(self, sample, *options):
        """The command that sends a file there."""
        return ['curl', '-sS', '--fail', *options, '-T', sample, f'{self.scheme}://127.0.0.1:{self.port}/{sample.name}']


class Certificate:
    """One that signs itself, for 127.0.0.1."""

    def __init__(self, directory):
        self.path = directory / 'certificate.pem'
        self.key = directory / 'key.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2',
                        '-keyout', self.key, '-out', self.path], check=True, capture_output=True)


class Sender:
    """A command that sends files, the folder where they arrive, and its figures of each round."""

    def __init__(self, name, command, target):
        self.name = name
        self.command = list(map(str, command))
        self.target = target
        self.seconds = []
        self.cpu = []

    def run(self, samples):
        """Sends once, and sees to it that each of the samples arrived and nothing else did."""
        before = os.times()
        start = time.monotonic()
        done = subprocess.run(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
                              env=programs.clean_environment())
        self.seconds.append(time.monotonic() - start)
        after = os.times()
        if done.returncode != 0:
            sys.exit(f'{self.name}: ended with status {done.returncode}\n{done.stderr}')
        self.cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)

        arrived = {path.name: path for path in self.target.iterdir() if path.is_file()}
        if len(samples) == len(arrived) == 1:
            # Some senders give the file a name of their own.
            arrived = {next(iter(samples)): arrived.popitem()[1]}
        if arrived.keys() != samples.keys():
            sys.exit(f'{self.name}: {len(arrived)} files arrived instead of {len(samples)}')
        for name, sample in samples.items():
            if not same(sample, arrived[name]):
                sys.exit(f'{self.name}: {name} did not arrive as it is')
            arrived[name].unlink()


class Bench:
    """The arguments that all benchmarks know, a directory for the files, and the bounds."""

    def __init__(self, description, rounds=5, size=None, arguments=()):
        parser = argparse.ArgumentParser(description=description)
        for name in arguments:
            parser.add_argument(name)
        parser.add_argument('--rounds', type=int, default=rounds)
        if size:
            parser.add_argument('--size', type=int, default=size, metavar='MIB', help=f'of a file ({size})')
        parser.add_argument('--directory', metavar='DIR',
                            help='where files are read and stored (/dev/shm, so that the disk is not what is measured)')
        self.arguments = parser.parse_args()
        self.size = self.arguments.size << 20 if size else None
        self.rounds = self.arguments.rounds
        self.missed = []
        self.directory = None

    @contextlib.contextmanager
    def scratch(self):
        parent = self.arguments.directory or ('/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='galileosend-bench-', dir=parent))
        size = f'{self.size >> 20} MiB, ' if self.size else ''
        load = os.getloadavg()[0]
        print(f'{size}{self.rounds} rounds in {self.directory.parent}, {os.cpu_count()} processors, '
              f'load before: {load:.1f}', flush=True)
        try:
            yield self.directory
        finally:
            shutil.rmtree(self.directory)

    def folder(self, name):
        path = self.directory / name
        path.mkdir()
        return path

    def measure(self, senders, samples):
        for _ in range(self.rounds):
            for sender in senders:
                sender.run(samples)

    def report(self, senders, size):
        print(f'{"":36}  median MB/s   (lowest – highest)   CPU s a GiB of the sender')
        for sender in senders:
            rates = [size / 1e6 / seconds for seconds in sender.seconds]
            cost = statistics.median(sender.cpu) * files.GIB / size
            print(f'{sender.name:36}  {statistics.median(rates):11.0f}   ({min(rates):.0f} – {max(rates):.0f})'
                  f'{"":10}{cost:.2f}')
        print()

    def at_least(self, value, bound, what, unit=' ×'):
        self._check(value >= bound, f'{value:.2f}{unit} : {what} (at least {bound:g}{unit})')

    def at_most(self, value, bound, what, unit=' ×'):
        self._check(value <= bound, f'{value:.2f}{unit} : {what} (at most {bound:g}{unit})')

    def _check(self, kept, line):
        print(line, flush=True)
        if not kept:
            self.missed.append(line)

    def finish(self):
        if self.missed:
            sys.exit('Missed: ' + '; '.join(self.missed))


def same(a, b):
    # Of thousands of small files cmp would mostly be started.
    small = a.stat().st_size < files.MB
    return a.read_bytes() == b.read_bytes() if small else files.same_file(a, b)


def speed_ratio(sender, other):
    return statistics.median(b / a for a, b in zip(sender.seconds, other.seconds))


def cost_ratio(sender, other):
    return statistics.median(a / b for a, b in zip(sender.cpu, other.cpu))
