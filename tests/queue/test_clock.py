#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A queue on a computer whose clock is wrong, or is set while it uploads."""

import glob
import pathlib
import sqlite3
import sys
import unittest

from kit import files, programs, tap

RUNNER = pathlib.Path(sys.argv.pop(1))
# Debian has it in a folder of the architecture.
LIBRARY = (glob.glob('/usr/lib*/faketime/libfaketimeMT.so.1') + glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1'))[0]


class Clock(unittest.TestCase):
    def setUp(self):
        scratch = files.scratch()
        self.directory = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.received = self.directory / 'received'
        self.received.mkdir()
        self.database = self.directory / 'queue.db'
        self.clock = self.directory / 'clock'
        self.paths = [files.random_file(self.directory / f'{number}.bin', 300_000) for number in range(12)]

    def set_clock(self, time):
        new = self.clock.with_suffix('.new')
        new.write_text(time + '\n')
        new.replace(self.clock)

    def run_queue(self, receiver):
        # Only the wall clock is set: the others go on, as they do for a real program.
        return programs.Process([RUNNER, str(self.database), receiver.address, *map(str, self.paths)],
                                environment={'LD_PRELOAD': LIBRARY, 'FAKETIME_TIMESTAMP_FILE': str(self.clock),
                                             'FAKETIME_NO_CACHE': '1', 'FAKETIME_DONT_FAKE_MONOTONIC': '1'})

    def rows(self):
        with sqlite3.connect(self.database) as database:
            rows = database.execute('SELECT name, state, finish_time / 1000000 FROM items ORDER BY position').fetchall()
        database.close()
        return rows

    def assert_all_done(self):
        rows = self.rows()
        self.assertEqual([name for name, _, _ in rows], [path.name for path in self.paths])
        self.assertEqual({state for _, state, _ in rows}, {'done'})
        received = files.tree(self.received)
        self.assertEqual(sorted(received), sorted(path.name for path in self.paths))
        for path in self.paths:
            self.assertTrue(files.same_file(path, received[path.name]), path)

    def test_back_after_a_restart(self):
        """The next run is years before the first; it has the same queue, in the same order."""
        self.set_clock('@2035-01-01 00:00:00')
        with programs.Receiver(self.received) as receiver:
            queue = self.run_queue(receiver)
            queue.wait_line(lambda line: line.startswith('done '), 'the first file')
            queue.signal(9)
            queue.wait()
            n_done = len([row for row in self.rows() if row[1] == 'done'])
            self.assertGreater(n_done, 0)
            self.set_clock('@2020-01-01 00:00:00')
            queue = self.run_queue(receiver)
            self.assertEqual(queue.wait(), 0, queue.stderr)
        self.assert_all_done()
        self.assertGreaterEqual(len([time for _, _, time in self.rows() if time > 2_000_000_000]), n_done)

    def test_set_while_a_retry_waits(self):
        """The wait for a retry is by a clock that nobody sets: neither is it over at once, nor does it take years."""
        for year in ('2035', '2001'):
            with self.subTest(year=year):
                self.set_clock('+0')
                with programs.Receiver(self.received) as receiver:
                    queue = self.run_queue(receiver)
                    queue.wait_line(lambda line: line.startswith('done '), 'the first file')
                    receiver.kill()
                    queue.wait_line(lambda line: line.startswith('retry '), 'a retry')
                    self.set_clock(f'@{year}-01-01 00:00:00')
                with programs.Receiver(self.received, port=receiver.port):
                    self.assertEqual(queue.wait(), 0, queue.stderr)
                self.assert_all_done()
                for path in (self.database, *self.received.iterdir()):
                    path.unlink()


if __name__ == '__main__':
    tap.main()
