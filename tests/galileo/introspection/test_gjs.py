# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads from JavaScript, by the bindings that are made of the introspection."""

import hashlib
import json
import os
import pathlib
import unittest

import library
from kit import files, programs, tap

SIZE = 700_001
REFUSED = 'The site refused it: “no room left”'


class JavaScript(unittest.TestCase):
    def test_uploads(self):
        folder = self.enterContext(files.scratch())
        path = files.random_file(folder / 'sample.bin', SIZE)
        contents = path.read_bytes()
        script = pathlib.Path(__file__).with_name('uploads.js')
        environment = {**programs.clean_environment(), 'GI_TYPELIB_PATH': os.environ['GI_TYPELIB_PATH']}

        with programs.Receiver(folder) as receiver:
            output = library.run(['gjs', script, receiver.address, path], env=environment, timeout=programs.PATIENCE)

        thrown, *events, kept = map(json.loads, output.splitlines())
        self.assertEqual(thrown, {'event': 'thrown', 'address': True})
        self.assertEqual(events, [
            {'event': 'chunk', 'ratio': 250_000 / SIZE},
            {'event': 'chunk', 'ratio': 500_000 / SIZE},
            {'event': 'chunk', 'ratio': 1},
            {'event': 'succeeded', 'hash': hashlib.sha1(contents).hexdigest()},
            {'event': 'closed', 'sent': SIZE, 'state': 7},
            {'event': 'metadata', 'name': 'from JavaScript.bin', 'size': [True, SIZE]},
            {'event': 'chunk', 'ratio': 100_000 / SIZE},
            {'event': 'error-signal', 'message': 'no room left'},
            {'event': 'failed', 'message': REFUSED, 'refused': True, 'transient': False},
            {'event': 'closed', 'sent': 100_000, 'state': 8},
        ])
        # Signals live on without the upload that gave them.
        self.assertEqual(kept, {'event': 'kept', 'codes': ['quota', 'quota'], 'retry': [True, 60]})
        self.assertEqual((folder / 'from JavaScript.bin').read_bytes(), contents)


if __name__ == '__main__':
    tap.main()
