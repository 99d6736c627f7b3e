#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connections that break between galileosend-cli and galileosend-receiver: tried again, and nothing false is stored."""

from kit import cases, files, programs, proxy, tap

SIZE = 1500000

# Where a connection breaks: around the metadata, in the file, and in the signals of the receiver.
PLACES = ['up:300', 'up:300000', 'up:1400000', 'down:150']


class BrokenConnection(cases.PeerTest):
    peer = programs.Receiver

    def setUp(self):
        super().setUp()
        self.path = self.sample(size=SIZE)

    def clear(self):
        for path in files.tree(self.target).values():
            path.unlink()

    def send_through(self, *rules, options=('--retries=2',), **link):
        with proxy.ChaosProxy(self.server.address, *rules, **link) as self.proxy:
            result = self.send(self.path, *options, address=self.proxy.address)
            self.connections = len(self.proxy.named('open'))
            self.fired = len(self.proxy.named('fired'))
        return result

    def assert_nothing_false(self):
        """Whatever is there under a final name is the file."""
        for path in files.tree(self.target).values():
            self.assertTrue(files.same_file(self.path, path), f'{path.name} has other bytes than were sent')

    def test_broken_once(self):
        for action in ('fin', 'reset', 'half-close'):
            for place in PLACES:
                with self.subTest(action=action, place=place):
                    result = self.send_through(f'{action}:{place}:1', options=('--retries=2', '--timeout=1'))
                    self.assert_succeeded(result)
                    self.assertEqual((self.fired, self.connections), (1, 2), str(result))
                    self.assertEqual(len(result.named('retry')), 1, str(result))
                    self.assert_arrived(self.path)
                    self.clear()

    def test_broken_each_time(self):
        for action, reason in (('fin', 'cut'), ('reset', 'reset')):
            with self.subTest(action=action):
                result = self.send_through(f'{action}:up:300', options=('--retries=1',))
                self.assertRegex(self.assert_failed(result), reason)
                self.assertEqual((self.fired, self.connections), (2, 2), str(result))
                self.assert_stored()

    def test_broken_each_time_after_some_more(self):
        """What gets something new through each time is tried again for as long as it does."""
        for action in ('fin', 'reset'):
            with self.subTest(action=action):
                result = self.send_through(f'{action}:up:600000', options=('--retries=1',))
                self.assert_succeeded(result)
                self.assertGreater(len(result.named('retry')), 1, str(result))
                self.assert_arrived(self.path)
                self.clear()

    def test_site_that_resets_is_not_asked_again(self):
        result = self.send_through('refuse')
        self.assertRegex(self.assert_failed(result, status=3), 'reset')
        self.assertEqual(self.connections, 1)

    def test_handshake_of_second_file_is_broken(self):
        second = self.sample('second.bin')
        for action in ('fin', 'reset', 'half-close'):
            for place in ('up:0', 'up:10', 'down:0'):
                with (self.subTest(action=action, place=place),
                      proxy.ChaosProxy(self.server.address, f'{action}:{place}:2') as line):
                    result = self.send([self.path, second], '--jobs=1', '--retries=1', address=line.address)
                    self.assert_succeeded(result, 2)
                    self.assertEqual(len(result.named('retry')), 1, str(result))
                    self.assert_arrived(self.path)
                    self.assert_arrived(second)
                    self.clear()

    def test_stalled_once(self):
        result = self.send_through('stall-both:up:700000:1', options=('--retries=1', '--timeout=1'))
        self.assert_succeeded(result)
        self.assertIn('Nothing moved for 1 second', result.named('retry')[0]['reason'])
        self.assert_arrived(self.path)

    def test_confirmation_lost(self):
        # The end of the receiver's last words: the file is stored, but the client cannot know.
        self.assert_succeeded(self.send_through(options=()))
        self.clear()
        down = self.proxy.named('closed')[0]['down'] - 8
        result = self.send_through(f'fin:down:{down}', options=())
        self.assertRegex(self.assert_failed(result), 'may or may not be there')
        self.assert_nothing_false()

    def test_wrong_bit(self):
        for offset in (1000, 400000, 1499000):
            with self.subTest(offset=offset):
                result = self.send_through(f'flip:up:{offset}', options=())
                self.assert_failed(result)
                self.assertEqual(self.fired, 1)
                self.assert_stored()

    def test_wrong_bit_in_a_message_of_the_receiver(self):
        # Behind the handshake come the signals: none of these bits may make a success of nothing.
        for offset in range(130, 200, 9):
            with self.subTest(offset=offset):
                result = self.send_through(f'flip:down:{offset}:1', options=('--retries=1', '--timeout=1'))
                self.assertEqual(self.fired, 1)
                self.assert_nothing_false()
                if result.status == 0:
                    self.assert_arrived(self.path)
                self.clear()

    def test_long_slow_line(self):
        self.assert_succeeded(self.send_through(options=(), delay=0.05, rate=2000000))
        self.assert_arrived(self.path)
        self.assertEqual(self.connections, 1)


if __name__ == '__main__':
    tap.main()
