#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A connection that breaks in the middle of a file: where the site can, only the rest is sent again."""

import os

from kit import cases, cli, files, programs, tap

# At this rate there is time to break something, and the file still takes only seconds.
RATE = '--limit-rate=8M'
SIZE = 12 * files.MB


class GoingOn(cases.PeerTest):
    peer = programs.Receiver

    def start(self, *options):
        """Starts an upload, and returns when a good part of it has arrived."""
        self.path = self.sample(size=SIZE)
        client = cli.Cli('--json', RATE, *options, self.server.address, self.path)
        self.addCleanup(client.kill)
        client.wait_event('progress', lambda event: event['sent'] > SIZE / 4)
        return client

    def start_again(self):
        return self.enterContext(self.peer(self.target, port=self.server.port))

    def finish(self, client):
        result = client.result(limit=40)
        self.assert_succeeded(result)
        self.assert_stored(self.path.name)
        self.assert_arrived(self.path)
        self.assertEqual(len(result.named('start')), 2, str(result))
        success, = result.named('success')
        return success

    def test_receiver_killed(self):
        client = self.start()
        self.server.kill()
        again = self.start_again()
        success = self.finish(client)
        self.assertGreaterEqual(success['offset'], SIZE / 8)
        self.assertLess(success['offset'], SIZE)
        self.assertTrue(success['verified'])
        # What the second receiver got over its connection is the rest, and nothing more.
        stored, = again.named('stored')
        self.assertEqual(stored['size'], SIZE)

    def test_receiver_stopped(self):
        client = self.start()
        self.server.stop()
        self.start_again()
        self.assertGreater(self.finish(client)['offset'], 0)

    def test_every_hash(self):
        for kind in 'none', 'sha256', 'sha512':
            with self.subTest(kind=kind):
                client = self.start(f'--hash={kind}')
                self.server.kill()
                self.server = self.start_again()
                success = self.finish(client)
                self.assertGreater(success['offset'], 0)
                self.assertEqual(success['verified'], kind != 'none')
                self.server.stop()
                (self.target / self.path.name).unlink()
                self.server = self.start_again()

    def test_file_changed_in_between(self):
        client = self.start()
        self.server.kill()
        os.utime(self.path, (1, 1))
        self.start_again()
        result = client.result(limit=40)
        # What was being read when the connection broke is not what is there now; that is for its owner to judge, or,
        # if the change fell between the attempts, another file to begin anew.
        if result.status == 0:
            self.assertEqual(result.named('success')[0]['offset'], 0)
            self.assert_arrived(self.path)
        else:
            self.assertIn('changed', self.assert_failed(result))
            self.assert_stored()

    def test_nothing_kept(self):
        self.server.stop()
        self.server = self.enterContext(self.peer(self.target, '--keep-partial=0', port=self.server.port))
        client = self.start()
        self.server.kill()
        self.enterContext(self.peer(self.target, '--keep-partial=0', port=self.server.port))
        self.assertEqual(self.finish(client)['offset'], 0)


class FromTheStart(GoingOn):
    """A site that knows nothing of offsets gets everything again."""

    peer = programs.GalileoSite
    test_every_hash = test_file_changed_in_between = test_nothing_kept = None

    def test_receiver_killed(self):
        client = self.start()
        self.server.kill()
        self.start_again()
        success = self.finish(client)
        self.assertEqual(success['offset'], 0)
        self.assertFalse(success['verified'])

    def test_receiver_stopped(self):
        client = self.start()
        self.server.stop()
        self.start_again()
        self.assertEqual(self.finish(client)['offset'], 0)


if __name__ == '__main__':
    tap.main()
