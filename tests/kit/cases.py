# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test cases that send files with galileosend-cli to a running peer."""

import unittest

from kit import cli, files, programs


class PeerTest(unittest.TestCase):
    """Runs a peer on an empty folder. `self.source` is a folder for the files to send."""

    peer = programs.GalileoSite
    options = ()
    # False where a test starts its peer in a way of its own.
    starts_peer = True

    def setUp(self):
        scratch = self.enterContext(files.scratch())
        self.source = scratch / 'source'
        self.target = scratch / 'target'
        self.source.mkdir()
        self.target.mkdir()
        if self.starts_peer:
            self.server = self.enterContext(self.peer(self.target, *self.options))

    def sample(self, name='sample.bin', size=1000):
        """A random file to send."""
        return files.random_file(self.source / name, size)

    def send(self, paths, *options, address=None, **more):
        """Sends one file or a list to the peer with --json, and without retries: a test wants the first failure."""
        paths = paths if isinstance(paths, list) else [paths]
        address = self.server.address if address is None else address
        return cli.run_json('--retries=0', *options, address, *paths, **more)

    def assert_arrived(self, path, name=None):
        """The file is in the peer's folder, and all its bytes are."""
        stored = self.target / (name or path.name)
        self.assertTrue(stored.is_file(), f'{stored.name} is not there: {sorted(files.tree(self.target))}')
        self.assertTrue(files.same_file(path, stored), f'{stored.name} has other bytes than were sent')

    def assert_stored(self, *names):
        """These final names are in the peer's folder, and no others."""
        self.assertEqual(sorted(files.tree(self.target)), sorted(names))

    def assert_succeeded(self, result, count=1):
        self.assertEqual(result.status, 0, str(result))
        self.assertEqual(len(result.named('success')), count, str(result))
        self.assertEqual(result.named('failure'), [], str(result))

    def assert_failed(self, result, status=1):
        """It ended with that status and one failure, whose reason is returned."""
        self.assertEqual(result.status, status, str(result))
        self.assertEqual(result.named('success'), [], str(result))
        failures = result.named('failure')
        self.assertEqual(len(failures), 1, str(result))
        return failures[0]['reason']
