#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A queue and a network that goes and comes: real interfaces, in network namespaces that this test makes for itself."""

import os
import subprocess
import sys
import unittest

from kit import files, programs, tap

RUNNER = sys.argv[1]
INSIDE = 'GALILEO_TEST_NAMESPACE'


def enter_namespace():
    """Starts this program again where it has a network of its own."""
    if INSIDE in os.environ:
        return
    user = [] if os.geteuid() == 0 else ['--user', '--map-root-user']
    os.execvpe('unshare', ['unshare', *user, '--net', sys.executable, *sys.argv], {**os.environ, INSIDE: '1'})


def ip(*arguments, prefix=()):
    subprocess.run([*prefix, 'ip', *arguments], check=True)


class Network(unittest.TestCase):
    """A cable from here to a site at 10.9.0.2; there is no way to anywhere else."""

    def setUp(self):
        scratch = files.scratch()
        self.directory = scratch.__enter__()
        self.addCleanup(scratch.__exit__, None, None, None)
        self.received = self.directory / 'received'
        self.received.mkdir()

        there = programs.Process(['sleep', 'infinity'], prefix=['unshare', '--net'])
        self.addCleanup(there.wait)
        self.addCleanup(there.signal, 9)
        own = os.stat('/proc/self/ns/net').st_ino
        programs.wait_until(lambda: os.stat(f'/proc/{there.pid}/ns/net').st_ino != own, 'the other namespace')
        self.there = ['nsenter', '--target', str(there.pid), '--net']
        ip('link', 'set', 'lo', 'up')
        ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there', 'netns', str(there.pid))
        self.addCleanup(ip, 'link', 'delete', 'here')
        ip('address', 'add', '10.9.0.2/24', 'dev', 'there', prefix=self.there)
        ip('link', 'set', 'there', 'up', prefix=self.there)

    def plug_in(self):
        ip('address', 'replace', '10.9.0.1/24', 'dev', 'here')
        ip('link', 'set', 'here', 'up')

    @staticmethod
    def unplug():
        ip('address', 'flush', 'dev', 'here')
        ip('link', 'set', 'here', 'down')

    def receiver(self):
        return programs.Receiver(self.received, '--address=10.9.0.2', prefix=self.there)

    def run_queue(self, receiver, *paths):
        # Whoever runs this test may have a system bus with a network of its own to tell of.
        return programs.Process([RUNNER, str(self.directory / 'queue.db'), receiver.address, *map(str, paths)],
                                environment={'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def assert_all_done(self, queue, *paths):
        self.assertEqual(queue.wait(), 0, queue.stderr)
        self.assertEqual(sorted(line for line in queue.lines if line.startswith('done ')),
                         sorted(f'done {path.name}' for path in paths))
        received = files.tree(self.received)
        self.assertEqual(sorted(received), sorted(path.name for path in paths))
        for path in paths:
            self.assertTrue(files.same_file(path, received[path.name]), path)

    def samples(self, count=5):
        return [files.random_file(self.directory / f'{number}.bin', 100_000) for number in range(count)]

    def test_nearby(self):
        """A network without a way to everywhere is good enough for a site that is in it."""
        paths = self.samples()
        self.plug_in()
        with self.receiver() as receiver:
            self.assert_all_done(self.run_queue(receiver, *paths), *paths)

    def test_not_there_yet(self):
        """Nothing is tried while the cable is out, and all goes at once when it is in."""
        paths = self.samples()
        with self.receiver() as receiver:
            queue = self.run_queue(receiver, *paths)
            queue.wait_line(lambda line: line == 'waiting for the network', 'the queue noticed')
            self.assertFalse([line for line in queue.lines if line.split()[0] in ('started', 'failed', 'done')])
            self.plug_in()
            self.assert_all_done(queue, *paths)
            self.assertEqual(len([line for line in queue.lines if line.startswith('started ')]), len(paths))

    def test_pulled_out(self):
        """In the middle of a file: it goes on, and everything arrives."""
        path = self.directory / 'big.bin'
        with path.open('wb') as file:
            file.truncate(2 << 30)
        self.plug_in()
        with self.receiver() as receiver:
            queue = self.run_queue(receiver, path)
            queue.wait_line(lambda line: line == 'moving big.bin', 'the first bytes')
            self.unplug()
            queue.wait_line(lambda line: line == 'the network is gone', 'the queue noticed')
            self.assertNotIn('done big.bin', queue.lines)
            self.plug_in()
            self.assert_all_done(queue, path)


if __name__ == '__main__':
    enter_namespace()
    sys.argv.pop(1)
    tap.main()
