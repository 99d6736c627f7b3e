#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The hash that comes at the end, and what the receiver makes of it."""

import os
import threading

from kit import tap
from receiving import wait_for_bytes
from resuming import Refusal, ResumeTest

# Hashed at the end, and while it arrives.
SIZES = (0, 1, 1000, 256 * 1024 - 1, 256 * 1024, (1 << 20) + 1, 10000001)
KINDS = ('sha1', 'sha256', 'sha512')


class Hashes(ResumeTest):
    def test_verified(self):
        for size in SIZES:
            data = os.urandom(size)
            for kind in KINDS:
                for announced in (None, kind, 'sha256', 'md5', 5):
                    with self.subTest(size=size, kind=kind, announced=announced):
                        result = self.attempt(data, kind=kind, hash=announced, upload=None)
                        self.assert_verified(result, 0)
                        path = self.folder / 'file.bin'
                        self.assertEqual(path.read_bytes(), data)
                        path.unlink()

    def test_mismatch(self):
        for size in SIZES:
            data = os.urandom(size)
            for announced in (None, 'sha1'):
                with self.subTest(size=size, announced=announced):
                    self.assert_mismatch(self.attempt, data, value='0' * 40, hash=announced, upload=None)
                    self.assert_empty()
        event = self.server.wait_event('refused')
        self.assertIn('sha1', event['reason'])
        self.assert_serves()

    def test_one_bit(self):
        """It is the file on the disk that is compared, not what came in."""
        data = os.urandom(5000000)
        connection, _ = self.begin_resumable(data, hash='sha1')
        connection.send_binary(data[:1000])
        partial = wait_for_bytes(self.folder, 1000)
        connection.close()
        self.server.wait_event('cut')
        with open(partial, 'r+b') as file:
            file.seek(500)
            file.write(bytes([data[500] ^ 1]))
        self.assert_mismatch(self.attempt, data, hash='sha1')
        # The next attempt does not go on with it.
        self.assert_empty()
        self.assert_verified(self.attempt(data, hash='sha1'), 0)

    def test_no_hash(self):
        data = os.urandom(1000)
        for kind in (None, 'md5'):
            with self.subTest(kind=kind):
                _, close = self.attempt(data, kind=kind, hash='sha1')
                self.assertEqual(close, {'close': True})

    def test_resumed(self):
        """What an earlier attempt left is hashed again, whatever that one announced."""
        data = os.urandom(20000001)
        for first in (None, 'sha1', 'sha512'):
            for second in (None, 'sha1'):
                with self.subTest(first=first, second=second):
                    self.leave(data, 10000000, hash=first)
                    self.assert_verified(self.attempt(data, hash=second), 10000000)
                    (self.folder / 'file.bin').unlink()

    def test_many_at_once(self):
        contents = {f'{number}.bin': os.urandom(3000000 + number) for number in range(16)}
        results = {}

        def work(name):
            try:
                results[name] = self.attempt(contents[name], name=name, hash='sha1')
            except Refusal as refusal:
                results[name] = refusal

        threads = [threading.Thread(target=work, args=(name,)) for name in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in contents:
            self.assert_verified(results[name], 0)
        self.assert_stored(**contents)


if __name__ == '__main__':
    tap.main()
