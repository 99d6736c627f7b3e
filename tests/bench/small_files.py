#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many small files a second go to galileosend-receiver over loopback.

    small_files.py [--rounds=N] [--directory=DIR]
"""

import statistics

import measure
from kit import files, programs

COUNT = 10000
SIZE = 4096
JOBS = 16


def main():
    bench = measure.Bench(__doc__, rounds=3)
    with bench.scratch():
        folder = bench.folder('samples')
        samples = {f'{number:05}.bin': files.random_file(folder / f'{number:05}.bin', SIZE) for number in range(COUNT)}
        with programs.Receiver(bench.folder('ours'), '--quiet') as ours:
            sender = measure.Sender('galileosend-cli',
                                    [programs.cli(), f'--jobs={JOBS}', '--quiet', '--recursive', ours.address, folder],
                                    ours.directory)
            bench.measure([sender], samples)

    cpu = statistics.median(sender.cpu)
    print(f'{COUNT} files of {SIZE} bytes, {JOBS} at once: {statistics.median(sender.seconds):.2f} s, '
          f'{cpu * 1e6 / COUNT:.0f} µs of processor time a file in galileosend-cli')
    bench.at_least(COUNT / statistics.median(sender.seconds), 2000, 'small files', ' a second')
    bench.finish()


if __name__ == '__main__':
    main()
