#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What galileosend-cli sends arrives byte for byte, at our receiver and at a Mojolicious site."""

import hashlib
import os

from kit import cases, cli, files, programs, tap

# Around the chunk (250000) and around the largest message that Mojolicious takes (262144).
SIZES = [0, 1, 249999, 250000, 250001, 262143, 262144, 262145, 500000, 500001]

# What the command line may have in memory at most, whatever the file's size.
MEMORY_KB = int(os.environ.get('GALILEO_CLI_MEMORY_KB', 40 * 1024))

# No server may hold a file in memory. How little it could do with is the concern of its own tests.
SERVER_MEMORY_KB = max(MEMORY_KB, 100 * 1024)


class Arrival:
    """The cases that hold at any peer."""

    def test_sizes_around_the_limits(self):
        paths = [self.sample(f'{size}.bin', size) for size in SIZES]
        result = self.send(paths)
        self.assert_succeeded(result, len(SIZES))
        for path, size in zip(paths, SIZES):
            self.assertEqual(path.stat().st_size, size)
            self.assert_arrived(path)
        self.assert_stored(*[path.name for path in paths])

    def test_hundred_megabytes(self):
        path = self.sample('large.bin', 100 * files.MB)
        self.assert_succeeded(self.send(path))
        self.assert_arrived(path)

    def test_five_gibibytes_in_little_memory(self):
        path = files.sparse_file(self.source / 'huge.bin', 5 * files.GIB)
        result = self.send(path, limit=110)
        self.assert_succeeded(result)
        self.assertEqual(result.named('success')[0]['size'], 5 * files.GIB)
        self.assertLess(result.peak_kb, MEMORY_KB)
        self.assert_arrived(path)
        self.server.stop()
        self.assertLess(self.server.peak_kb, SERVER_MEMORY_KB)

    def test_five_hundred_small_files_in_folders(self):
        sent = {}
        for number in range(500):
            folder = self.source / f'album {number % 7}' / f'day {number % 3}'
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f'picture {number}.jpg'
            path.write_bytes(b'%d\n' % number * (number % 50))
            sent[path.name] = path
        result = self.send(self.source, '--recursive')
        self.assert_succeeded(result, 500)
        # A site may keep the folders, so only the base names are sure.
        arrived = {path.name: path for path in files.tree(self.target).values()}
        self.assertEqual(sorted(arrived), sorted(sent))
        for name, path in sent.items():
            self.assertEqual(arrived[name].read_bytes(), path.read_bytes(), name)

    def test_recursive_takes_files_too(self):
        (self.source / 'folder').mkdir()
        inside, outside = self.sample('folder/inside.bin'), self.sample('outside.bin')
        self.assert_succeeded(self.send([self.source / 'folder', outside], '-r'), 2)
        arrived = {path.name: path for path in files.tree(self.target).values()}
        self.assertTrue(files.same_file(inside, arrived['inside.bin']))
        self.assertTrue(files.same_file(outside, arrived['outside.bin']))

    def test_names_in_many_scripts(self):
        paths = [self.sample(name, 100 + number) for number, name in enumerate(files.NAMES)]
        result = self.send(paths)
        self.assert_succeeded(result, len(paths))
        self.assertEqual(sorted(event['name'] for event in result.named('start')), sorted(files.NAMES))
        self.assert_stored(*files.NAMES)
        for path in paths:
            self.assert_arrived(path)

    def test_leading_dash_from_the_folder_itself(self):
        dashes = ['-rf', '--help', '-']
        for name in dashes:
            self.sample(name)
        result = cli.run_json('--', self.server.address, *dashes, directory=self.source)
        self.assert_succeeded(result, len(dashes))
        for name in dashes:
            self.assert_arrived(self.source / name)

    def test_names_of_255_bytes(self):
        paths = [self.sample('n' * 251 + '.bin', 10), self.sample('写' * 85, 11)]
        self.assert_succeeded(self.send(paths), 2)
        for path in paths:
            self.assertEqual(len(os.fsencode(path.name)), 255)
            self.assert_arrived(path)

    def test_name_that_is_not_utf8_goes_by_a_readable_one(self):
        path = os.fsencode(self.source) + b'/caf\xe9.txt'
        files.random_file(path, 300000)
        result = self.send(path)
        self.assert_succeeded(result)
        # Strict: what is said about it must be UTF-8 as well.
        result.stdout.encode('utf-8')
        name, = files.tree(self.target)
        name.encode('utf-8')
        self.assertRegex(name, r'^caf.*\.txt')
        self.assertTrue(files.same_file(path, self.target / name))

    def test_name_0(self):
        path = self.sample('0')
        self.assert_succeeded(self.send(path))
        self.assert_stored(self.name_of_0)
        self.assert_arrived(path, self.name_of_0)

    def test_names_that_can_not_be_sent(self):
        good = self.sample('good.bin')
        bad = ['two\nlines', 'tab\there', 'escape\x1b[2J', 'delete\x7f', 'next\u0085line', 'back\\slash']
        result = self.send([*[self.sample(name) for name in bad], good])
        self.assertEqual(result.status, 1, str(result))
        self.assert_stored('good.bin')
        self.assert_arrived(good)
        reasons = [event['reason'] for event in result.named('failure')]
        self.assertEqual(len(reasons), len(bad), str(result))
        for reason in reasons:
            self.assertRegex(reason, '(?i)name')

    def test_one_name_from_two_folders_loses_neither(self):
        # Most sites replace silently, so the second would be the end of the first.
        (self.source / 'again').mkdir()
        first, second = self.sample('same.bin', 400000), self.sample('again/same.bin', 300000)
        result = self.send([first, second])
        self.assertEqual(result.status, 1, str(result))
        self.assert_stored('same.bin')
        self.assert_arrived(first)
        failure, = result.named('failure')
        self.assertEqual(failure['file'], str(second))
        self.assertRegex(failure['reason'], 'same name')

    def test_http_stands_for_ws(self):
        path = self.sample()
        self.assert_succeeded(self.send(path, address=self.server.address.replace('ws://', 'http://')))
        self.assert_arrived(path)

    def test_links_to_files_are_followed(self):
        path = self.sample('file.bin')
        link = self.source / 'link.bin'
        link.symlink_to('file.bin')
        self.assert_succeeded(self.send(link))
        self.assert_arrived(path, 'link.bin')

    def test_chunks_as_large_as_the_command_line_says(self):
        path = self.sample(size=300001)
        for size in ('1', '1K', '100000', '1M', '8M'):
            if size == '1':
                # 300001 messages of one byte prove no more than these.
                path = self.sample('tiny.bin', 300)
            else:
                path = self.sample(f'{size}.bin', 300001)
            with self.subTest(size=size):
                self.assert_succeeded(self.send(path, f'--chunk-size={size}'))
                self.assert_arrived(path)

    def test_many_at_once(self):
        paths = [self.sample(f'{number}.bin', 200000 + 7919 * number) for number in range(40)]
        self.assert_succeeded(self.send(paths, '--jobs=16'), len(paths))
        for path in paths:
            self.assert_arrived(path)


class AtReceiver(Arrival, cases.PeerTest):
    peer = programs.Receiver
    name_of_0 = '0'

    def test_a_name_that_is_taken_keeps_both(self):
        (self.source / 'again').mkdir()
        for name in ('same.bin', 'n' * 251 + '.bin'):
            first, second = self.sample(name, 5000), self.sample(f'again/{name}', 6000)
            with self.subTest(name=name):
                self.assert_succeeded(self.send(first))
                self.assert_succeeded(self.send(second))
                self.assert_arrived(first)
                sizes = sorted(path.stat().st_size for path in files.tree(self.target).values())
                self.assertEqual(sizes, [5000, 6000])
                for path in files.tree(self.target).values():
                    self.assertTrue(files.same_file(path, first) or files.same_file(path, second))
                    path.unlink()

    def test_each_hash(self):
        path = self.sample(size=300000)
        for kind in ('sha1', 'sha256', 'sha512'):
            with self.subTest(kind=kind):
                success, = self.send(path, f'--hash={kind}', f'--name={kind}.bin').named('success')
                self.assertEqual(success['hash'], hashlib.new(kind, path.read_bytes()).hexdigest())
                self.assert_arrived(path, f'{kind}.bin')

    def test_no_hash(self):
        path = self.sample()
        success, = self.send(path, '--hash=none').named('success')
        self.assertEqual((success['hash'], success['verified']), (None, False))
        self.assert_arrived(path)


class AtSite(Arrival, cases.PeerTest):
    name_of_0 = 'unknown'

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)
        # Whatever was sent, Mojolicious takes no larger message.
        for event in self.server.named('stored'):
            self.assertLessEqual(event['largest_message'], 262144)

    def test_chunk_of_250000_by_default(self):
        self.assert_succeeded(self.send(self.sample(size=600000)))
        self.assertEqual(self.server.next_event('stored')['largest_message'], 250000)

    def test_smaller_chunks_after_1009_without_counting_an_attempt(self):
        # The site asks for more than it takes: whoever wrote it did not know of Mojolicious' limit.
        path = self.sample(size=3000000)
        result = self.send(path, '--chunk-size=1M', address=self.server.url(chunksize='1000000'))
        self.assert_succeeded(result)
        self.assertEqual([event['attempt'] for event in result.named('start')], [1])
        self.assert_arrived(path)
        self.server.wait_event('ended', lambda event: event['code'] == 1009)

    def test_never_says_verified(self):
        success, = self.send(self.sample()).named('success')
        self.assertIs(success['verified'], False)

    def test_last_one_wins(self):
        (self.source / 'again').mkdir()
        for path in (self.sample('same.bin', 400000), self.sample('again/same.bin', 300000)):
            self.assert_succeeded(self.send(path))
            self.assert_stored('same.bin')
            self.assert_arrived(path)


if __name__ == '__main__':
    tap.main()
