#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A queue that is killed again and again: nothing is lost, nothing is there twice, nothing confirmed is sent again."""

import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import unittest

from kit import files, programs, tap

RUNNER = pathlib.Path(sys.argv.pop(1))
KILLS = int(os.environ.get('GALILEO_KILLS', '100'))
SEED = int(os.environ.get('GALILEO_SEED', random.randrange(1 << 32)))
N_FILES = 24


class Survival(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.kills = 0
        print(f'# seed: GALILEO_SEED={SEED}', flush=True)

    def samples(self, folder):
        folder.mkdir()
        for number in range(N_FILES):
            (folder / f'{number}.bin').write_bytes(self.random.randbytes(self.random.choice((0, 1, 5000, 400000))))
        return sorted(folder.iterdir())

    def start(self, database, address, samples):
        return subprocess.Popen([RUNNER, database, address, *samples], stdout=subprocess.PIPE, text=True,
                                env=programs.clean_environment())

    def run_once(self, process):
        """Kills it after some of its lines, or lets it come to its end. Returns (lines, whether it did)."""
        lines = []
        if self.kills < KILLS:
            for _ in range(self.random.randrange(2 * N_FILES)):
                line = process.stdout.readline()
                if not line:
                    break
                lines.append(line.split())
            # At any point of what comes next.
            with_delay = self.random.choice((0, 0, 0.0005, 0.002, 0.01))
            try:
                process.wait(with_delay)
            except subprocess.TimeoutExpired:
                process.kill()
                self.kills += 1
        lines += [line.split() for line in process.stdout if line.endswith('\n')]
        process.stdout.close()
        self.assertIn(process.wait(60), (0, -9))
        return lines, process.returncode == 0

    def check_database(self, path, names, listed):
        with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as database:
            self.assertEqual(database.execute('PRAGMA integrity_check').fetchall(), [('ok',)])
            # It may have been killed before it made its tables.
            is_made = database.execute('PRAGMA user_version').fetchone() != (0,)
            there = [name for name, in database.execute('SELECT name FROM items')] if is_made else []
        database.close()
        self.assertEqual(len(there), len(set(there)))
        self.assertTrue(not there or set(there) == names, 'all files were added together')
        if listed:
            self.assertEqual(set(there), names)

    def one_queue(self, number, folder, receiver):
        samples = self.samples(folder / f'samples-{number}')
        names = {sample.name for sample in samples}
        database = folder / f'{number}.db'
        listed, done = set(), set()
        finished = False
        while not finished:
            lines, finished = self.run_once(self.start(database, receiver.address, samples))
            for what, name in lines:
                if what == 'started':
                    self.assertNotIn(name, done, 'what was shown as done was sent again')
                self.assertNotIn(what, ('failed', 'aside'), name)
                {'listed': listed, 'done': done}.get(what, set()).add(name)
            if database.exists():
                self.check_database(database, names, listed)

        with sqlite3.connect(database) as connection:
            states = connection.execute('SELECT name, state FROM items').fetchall()
        connection.close()
        self.assertEqual(dict(states), dict.fromkeys(names, 'done'))
        stored = {path.name: path for path in receiver.directory.iterdir() if path.is_file()}
        self.assertEqual(set(stored), names, 'each file is there once')
        for sample in samples:
            self.assertTrue(files.same_file(sample, stored[sample.name]), sample.name)
            stored[sample.name].unlink()

    def test_killed(self):
        number = 0
        with files.scratch() as folder:
            while self.kills < KILLS:
                received = folder / f'received-{number}'
                received.mkdir()
                with programs.Receiver(received, '--quiet') as receiver:
                    self.one_queue(number, folder, receiver)
                number += 1
        print(f'# {self.kills} kills of {number} queues', flush=True)


if __name__ == '__main__':
    tap.main()
