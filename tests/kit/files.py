# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sample files, and comparing what arrived with what was sent."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

KB = 1000
MB = 1000 * KB
GIB = 1 << 30

# Base names as people have them. The last two look the same: the first is composed (NFC), the second is not (NFD).
NAMES = [
    'plain.txt',
    'two words.jpg',
    'Ünïcödé.png',
    'Фотография.jpg',
    '写真 一.jpg',
    'صورة.png',
    'तस्वीर.png',
    '🐚 shell.gif',
    '-rf',
    '--help',
    '100%.txt',
    'a+b&c=d.txt',
    '"quoted" \'name\'.txt',
    'caf\u00e9.txt',
    'cafe\u0301.txt',
]


@contextlib.contextmanager
def scratch():
    """A directory below the build directory, gone at the end: /tmp may be small or in memory."""
    build = os.environ['GALILEO_BUILD_DIR']
    path = pathlib.Path(tempfile.mkdtemp(prefix='test-', dir=build))
    # Some tests run a program as another user.
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def random_file(path, size):
    """A file of random bytes: no two chunks of it are alike."""
    with open(path, 'wb') as file:
        while size > 0:
            block = os.urandom(min(size, MB))
            file.write(block)
            size -= len(block)
    return path


def sparse_file(path, size, marks=8):
    """A file of zeros that takes no room, with a few random blocks, the first and the last bytes among them."""
    length = min(4096, size)
    with open(path, 'wb') as file:
        file.truncate(size)
        for mark in range(marks):
            file.seek((size - length) * mark // (marks - 1))
            file.write(os.urandom(length))
    return path


def same_file(a, b):
    """Whether both files have the same bytes; as fast as cmp is."""
    command = subprocess.run(['cmp', '--silent', '--', a, b], check=False)
    if command.returncode > 1:
        raise OSError(f'cmp can not compare {a} with {b}')
    return command.returncode == 0


def tree(directory):
    """All files below a directory by relative path, without a server's own partial files (dot files)."""
    directory = os.fsencode(directory)
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            if not name.startswith(b'.'):
                path = os.path.join(folder, name)
                found[os.fsdecode(os.path.relpath(path, directory))] = pathlib.Path(os.fsdecode(path))
    return found
