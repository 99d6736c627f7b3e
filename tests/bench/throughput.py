#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast a file goes over loopback: galileosend-cli beside curl and beside a bare libsoup sender, in one run.

Figures of one machine at one moment mean little; the ratios do. Each round runs every sender once, in turn, on the same
file and the same file system, and a ratio is the median over the rounds of that round's two figures.

    throughput.py BARE_SENDER [--size=MIB] [--rounds=N] [--directory=DIR]
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from kit import files, programs

BOUND = 0.8


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
            listen 127.0.0.1:{port};
            location / {{
              root {directory}/stored;
              dav_methods PUT;
              client_max_body_size 0;
              {extra}
            }}
          }}
        }}
    '''


def timed(command, size):
    """Runs a sender; returns MB/s and its processor seconds for a GiB."""
    before = os.times()
    start = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                   env=programs.clean_environment())
    seconds = time.monotonic() - start
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return size / 1e6 / seconds, cpu * files.GIB / size


def measure(bare_sender, directory, size, rounds):
    sample = files.random_file(directory / 'sample.bin', size)
    for name in ('ours', 'site', 'nginx', 'nginx/stored', 'nginx/body'):
        (directory / name).mkdir()

    with (programs.Receiver(directory / 'ours') as ours,
          programs.GalileoSite(directory / 'site') as site,
          DavNginx(directory / 'nginx', 'ws://unused') as nginx):
        cli = programs.cli()
        senders = {
            'curl -T to nginx': (directory / 'nginx/stored',
                                 ['curl', '-sS', '--fail', '-T', sample, f'http://127.0.0.1:{nginx.port}/sample.bin']),
            'galileosend-cli --hash=none': (directory / 'ours', [cli, '--hash=none', ours.address, sample]),
            'galileosend-cli (sha1)': (directory / 'ours', [cli, ours.address, sample]),
            'bare libsoup sender': (directory / 'ours', [bare_sender, ours.address, sample, 250000]),
            'galileosend-cli to Mojolicious': (directory / 'site', [cli, '--hash=none', site.address, sample]),
            'bare libsoup sender to Mojolicious': (directory / 'site', [bare_sender, site.address, sample, 250000]),
        }
        rates = {name: [] for name in senders}
        costs = {name: [] for name in senders}
        for _ in range(rounds):
            for name, (target, command) in senders.items():
                rate, cost = timed(command, size)
                rates[name].append(rate)
                costs[name].append(cost)
                arrived = [path for path in target.iterdir() if path.is_file()]
                if len(arrived) != 1 or not files.same_file(sample, arrived[0]):
                    sys.exit(f'{name}: the file did not arrive as it is')
                arrived[0].unlink()
    return rates, costs


def ratio(rates, name, other):
    return statistics.median(a / b for a, b in zip(rates[name], rates[other]))


def report(rates, costs):
    print(f'{"":36}  median MB/s   (lowest – highest)   CPU s a GiB of the sender')
    for name, values in rates.items():
        print(f'{name:36}  {statistics.median(values):11.0f}   ({min(values):.0f} – {max(values):.0f})'
              f'{"":10}{statistics.median(costs[name]):.2f}')
    print()
    for name, other in (('galileosend-cli --hash=none', 'curl -T to nginx'),
                        ('galileosend-cli (sha1)', 'curl -T to nginx'),
                        ('galileosend-cli --hash=none', 'bare libsoup sender'),
                        ('galileosend-cli to Mojolicious', 'bare libsoup sender to Mojolicious')):
        print(f'{ratio(rates, name, other):.2f} × : {name} / {other}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bare_sender')
    parser.add_argument('--size', type=int, default=1024, metavar='MIB')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--directory', metavar='DIR',
                        help='where files are read and stored (/dev/shm, so that the disk is not what is measured)')
    arguments = parser.parse_args()

    parent = arguments.directory or ('/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
    directory = pathlib.Path(tempfile.mkdtemp(prefix='galileosend-bench-', dir=parent))
    try:
        size = arguments.size << 20
        print(f'{arguments.size} MiB from and to {directory.parent}, {arguments.rounds} rounds, {os.cpu_count()} processors',
              flush=True)
        rates, costs = measure(arguments.bare_sender, directory, size, arguments.rounds)
    finally:
        shutil.rmtree(directory)
    report(rates, costs)

    if ratio(rates, 'galileosend-cli --hash=none', 'curl -T to nginx') < BOUND:
        sys.exit(f'galileosend-cli is slower than {BOUND} of curl')


if __name__ == '__main__':
    main()
