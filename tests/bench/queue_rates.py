#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a kept queue costs, on the disk where the build is: adding, starting again, and a storm of progress.

    queue_rates.py QUEUE_RATES [--rounds=N] [--directory=DIR]
"""

import statistics
import subprocess

import measure
from kit import files, programs

COUNT = 50000
MANY = 100000
STORM = 16
STORM_SIZE = 256 * 1024 * 1024


class Figures(dict):
    def run(self, *command):
        done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            name, value = line.split()
            self.setdefault(name, []).append(float(value))

    def median(self, name):
        return statistics.median(self[name])


def fill(folder, count):
    folder.mkdir()
    for number in range(count):
        (folder / f'Picture {number:06}.jpg').touch()


def main():
    bench = measure.Bench(__doc__, rounds=3, arguments=['queue_rates'])
    bench.arguments.directory = bench.arguments.directory or programs.build_dir()
    figures, many = Figures(), Figures()
    program = bench.arguments.queue_rates
    with bench.scratch() as directory:
        folder = directory / 'files'
        fill(folder, COUNT)
        big = files.random_file(directory / 'big', STORM_SIZE)
        for number in range(bench.rounds):
            figures.run(program, 'items', directory / f'items-{number}.db', COUNT)
            figures.run(program, 'folder', directory / f'folder-{number}.db', folder, COUNT)
            received = directory / f'received-{number}'
            received.mkdir()
            with programs.Receiver(received, '--quiet') as receiver:
                figures.run(program, 'storm', directory / f'storm-{number}.db', receiver.address, big, STORM)
            for path in received.iterdir():
                path.unlink()
        many.run(program, 'items', directory / 'many.db', MANY)

    median = figures.median
    bench.at_most(median('first') * 1000, 100, 'until the first files of a folder are listed', ' ms')
    bench.at_most(median('added'), 3, f'until all {COUNT} of them are listed', ' s')
    bench.at_most(median('add-busy'), 16, 'the longest that the main loop was busy meanwhile', ' ms')
    bench.at_least(COUNT / median('appended'), 20000, f'{COUNT} items, each on the disk before it is listed', ' a second')
    bench.at_most(median('append-busy'), 16, 'the longest that the main loop was busy meanwhile', ' ms')
    bench.at_most(median('bytes'), 2048, 'of memory for an item', ' bytes')
    bench.at_most(median('again'), 1, 'until they are listed by the next run', ' s')
    bench.at_most(median('again-busy'), 16, 'the longest that the main loop was busy meanwhile', ' ms')
    bench.at_most(many.median('appended'), 6, f'for {MANY} items', ' s')
    bench.at_most(median('storm-core') * 100, 5, f'of a core for the main thread with {STORM} uploads at once', ' %')
    bench.finish()


if __name__ == '__main__':
    main()
