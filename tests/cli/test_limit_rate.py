#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""--limit-rate: what the site receives, over time."""

from kit import cases, files, peer, tap

KIB = 1024


class LimitRate(cases.PeerTest):
    starts_peer = False

    def measure(self, count, size, limit, *options, window=1, certificate=None):
        """Sends files, and returns the most bytes that came in any second, and the bytes a second of it all."""
        paths = [self.sample(f'{count}-{number}.bin', size) for number in range(count)]
        with peer.Peer(certificate, window=window) as server:
            result = self.send(paths, f'--limit-rate={limit}', f'--jobs={count}', *options, address=server.address)
        self.assert_succeeded(result, count)
        arrivals = sorted(arrival for upload in server.uploads for arrival in upload.arrivals)
        most, first, in_second = 0, 0, 0
        for time, length in arrivals:
            in_second += length
            while arrivals[first][0] <= time - 1:
                in_second -= arrivals[first][1]
                first += 1
            most = max(most, in_second)
        seconds = arrivals[-1][0] - arrivals[0][0]
        rate = count * size / seconds
        print(f'# {count} x {size} at {limit}, window {window}: {rate / KIB:.0f} KiB/s, '
              f'most {most / KIB:.0f} KiB in a second', flush=True)
        return most, rate

    def assert_held(self, limit, measured):
        most, rate = measured
        self.assertLessEqual(most, 2 * limit)
        self.assertLessEqual(rate, 1.3 * limit)
        self.assertGreaterEqual(rate, 0.7 * limit)

    def test_one_upload(self):
        self.assert_held(200 * KIB, self.measure(1, 600 * KIB, '200K'))

    def test_chunks_ahead(self):
        self.assert_held(200 * KIB, self.measure(1, 600 * KIB, '200K', window=16))

    def test_all_together(self):
        self.assert_held(300 * KIB, self.measure(3, 300 * KIB, '300K', window=4))

    def test_chunks_larger_than_a_second(self):
        self.assert_held(100 * KIB, self.measure(1, 300 * KIB, '100K', '--chunk-size=8M'))

    def test_with_tls(self):
        folder = self.enterContext(files.scratch())
        certificate = peer.Certificate(folder, 'site')
        self.assert_held(200 * KIB, self.measure(1, 600 * KIB, '200K', f'--pin={certificate.fingerprint()}', window=4,
                                                 certificate=certificate))

    def test_smallest(self):
        self.assert_held(KIB, self.measure(1, 4 * KIB, '1K'))

    def test_slow_is_no_stall(self):
        self.assert_held(20 * KIB, self.measure(1, 60 * KIB, '20K', '--timeout=1'))


if __name__ == '__main__':
    tap.main()
