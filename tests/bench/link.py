#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much of a long line one file uses: 1 Gbit/s and 100 ms there and back, emulated on loopback.

    link.py [--size=MIB] [--rounds=N] [--directory=DIR]
"""

import statistics

import measure
from kit import files, programs, proxy

RATE = 125 * files.MB
ROUND_TRIP = 0.1
CHUNK = 250000

CHUNKS = 100
# Around the chunks: the handshake, the metadata and finished each have one of their own.
ROUND_TRIPS = CHUNKS + 3


def main():
    bench = measure.Bench(__doc__, rounds=3, size=1024)
    line = {'delay': ROUND_TRIP / 2, 'rate': RATE}
    cli = [programs.cli(), '--hash=none']
    with bench.scratch() as directory:
        big = files.random_file(directory / 'big.bin', bench.size)
        small = files.random_file(directory / 'small.bin', CHUNKS * CHUNK)
        with (programs.Receiver(bench.folder('ours')) as ours, proxy.ChaosProxy(ours.address, **line) as to_ours,
              programs.GalileoSite(bench.folder('site')) as site, proxy.ChaosProxy(site.address, **line) as to_site):
            ahead = measure.Sender('galileosend-cli to galileosend-receiver', [*cli, to_ours.address, big],
                                   ours.directory)
            waiting = measure.Sender('galileosend-cli to Mojolicious', [*cli, to_site.address, small], site.directory)
            bench.measure([ahead], {big.name: big})
            bench.measure([waiting], {small.name: small})

    rate = bench.size / statistics.median(ahead.seconds)
    seconds = statistics.median(waiting.seconds)
    print(f'{rate / 1e6:.1f} MB/s to galileosend-receiver, {CHUNKS * CHUNK / seconds / 1e6:.2f} MB/s to Mojolicious '
          f'(a chunk each round trip: {CHUNK / ROUND_TRIP / 1e6:.2f})')
    bench.at_least(rate / RATE, 0.9, 'one file to galileosend-receiver / the line of 1 Gbit/s and 100 ms')
    bench.at_least(ROUND_TRIPS * ROUND_TRIP / seconds, 0.95,
                   'one file to a server that waits / a chunk each round trip')
    bench.finish()


if __name__ == '__main__':
    main()
