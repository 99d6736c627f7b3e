#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many items a kept queue takes in a second, on the disk where the build is.

    queue_rates.py QUEUE_RATES [--rounds=N] [--directory=DIR]
"""

import statistics
import subprocess

import measure
from kit import programs

COUNT = 50000


def main():
    bench = measure.Bench(__doc__, rounds=3, arguments=['queue_rates'])
    bench.arguments.directory = bench.arguments.directory or programs.build_dir()
    figures = {}
    with bench.scratch() as directory:
        for number in range(bench.rounds):
            done = subprocess.run([bench.arguments.queue_rates, directory / f'{number}.db', str(COUNT)],
                                  check=True, capture_output=True, text=True)
            for line in done.stdout.splitlines():
                name, value = line.split()
                figures.setdefault(name, []).append(float(value))

    median = {name: statistics.median(values) for name, values in figures.items()}
    bench.at_most(median['first'] * 1000, 100, 'until the first of them are listed', ' ms')
    bench.at_least(COUNT / median['added'], 20000, f'{COUNT} items, each on the disk before it is listed', ' a second')
    bench.at_most(median['again'], 1, 'until they are listed by the next run', ' s')
    bench.at_most(median['bytes'], 2048, 'of memory for an item', ' bytes')
    bench.at_most(median['busy'], 16, 'the longest that the main loop was busy meanwhile', ' ms')
    bench.finish()


if __name__ == '__main__':
    main()
