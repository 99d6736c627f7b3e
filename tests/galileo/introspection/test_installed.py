# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed of the library is enough for programs of others: in C, C++ and Vala, and those of the documentation."""

import hashlib
import pathlib
import re
import subprocess
import unittest

import library
from kit import files, programs, tap

HERE = pathlib.Path(__file__).parent
SIZE = 600_001


class InstalledTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = cls.enterClassContext(files.scratch())
        cls.installation = library.Installation(cls.scratch / 'root')
        cls.path = files.random_file(cls.scratch / 'sample.bin', SIZE)
        cls.contents = cls.path.read_bytes()

    def setUp(self):
        self.folder = self.enterContext(files.scratch())

    def start(self, command, *arguments):
        return subprocess.run([*map(str, command), *map(str, arguments)], env=self.installation.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=programs.PATIENCE, check=False)

    def upload(self, *command):
        """Runs a program with an address and a file; the file has to arrive. Returns what it printed."""
        with programs.Receiver(self.folder) as receiver:
            done = self.start(command, receiver.address, self.path)
        self.assertEqual((done.returncode, done.stderr), (0, ''), done.stdout)
        self.assertEqual((self.folder / self.path.name).read_bytes(), self.contents)
        (self.folder / self.path.name).unlink()
        return done.stdout


class Programs(InstalledTest):
    def test_c_and_cpp(self):
        for compiler, *options in (['gcc', '-std=c11'], ['g++', '-x', 'c++', '-std=c++14']):
            with self.subTest(compiler=compiler):
                program = self.installation.compile(compiler, HERE / 'client.c', self.folder / 'client',
                                                    *options, *library.STRICT)
                self.assertRegex(self.upload(program), r'^\d+\.\d+\.\d+ succeeded\n$')

    def test_each_header_by_itself(self):
        for header in sorted(self.installation.headers.glob('*.h')):
            for compiler, language in (('gcc', 'c'), ('g++', 'c++')):
                with self.subTest(header=header.name, compiler=compiler):
                    source = self.folder / 'header.c'
                    source.write_text(f'#include <galileo/{header.name}>\nint main (void) {{ return 0; }}\n')
                    library.run([compiler, '-x', language, '-fsyntax-only', *library.STRICT, source,
                                 *self.installation.flags('--cflags')], env=self.installation.environment())

    def test_vala(self):
        program = self.installation.compile_vala(HERE / 'client.vala', self.folder / 'client')
        self.assertEqual(self.upload(program).strip(), hashlib.sha512(self.contents).hexdigest())


class Examples(InstalledTest):
    """The programs in the documentation and in README.md."""

    @staticmethod
    def blocks(language):
        for path in sorted((library.SOURCES / 'doc').glob('*.md')) + [programs.SOURCE_DIR / 'README.md']:
            for number, code in enumerate(re.findall(rf'^```{language}\n(.*?)^```', path.read_text(), re.M | re.S)):
                yield f'{path.stem}-{number}', code

    def try_each(self, language, suffix, count, command):
        blocks = list(self.blocks(language))
        self.assertEqual(len(blocks), count)
        for name, code in blocks:
            with self.subTest(example=name):
                source = self.folder / f'{name}.{suffix}'
                source.write_text(code)
                arguments = command(source)
                self.upload(*arguments)

                # And if it goes wrong they say so.
                with programs.Receiver(self.folder, '--max-size=1K') as receiver:
                    done = self.start(arguments, receiver.address, self.path)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn('The site refused it', done.stderr)

    def test_c(self):
        self.try_each('c', 'c', 2, lambda source: [
            self.installation.compile('gcc', source, source.with_suffix(''), *library.STRICT, '-Wno-unused-parameter')])

    def test_python(self):
        self.try_each('python', 'py', 3, lambda source: ['/usr/bin/python3', source])

    def test_javascript(self):
        self.try_each('js', 'js', 1, lambda source: ['gjs', source])

    def test_vala(self):
        self.try_each('vala', 'vala', 1, lambda source: [
            self.installation.compile_vala(source, source.with_suffix(''))])


class Files(InstalledTest):
    def test_headers(self):
        """All that the umbrella names and the mark, and nothing private."""
        umbrella = (self.installation.headers / 'galileo.h').read_text()
        named = set(re.findall('#include <galileo/(.*)>', umbrella))
        self.assertEqual({path.name for path in self.installation.headers.iterdir()}, named | {'galileo.h', 'galileo-api.h'})

    def test_the_rest(self):
        prefix, libraries = self.installation.prefix, self.installation.libraries
        for path in (libraries / 'libgalileosend-1.so', libraries / 'libgalileosend-1.so.0',
                     libraries / 'girepository-1.0/Galileo-1.typelib', prefix / 'share/gir-1.0/Galileo-1.gir',
                     prefix / 'share/vala/vapi/galileosend-1.vapi', prefix / 'share/vala/vapi/galileosend-1.deps',
                     prefix / 'share/doc/Galileo-1/index.html', prefix / 'share/doc/Galileo-1/Galileo-1.devhelp2'):
            self.assertTrue(path.is_file(), path)
        self.assertEqual(list(self.installation.folder.rglob('*.a')), [])

    def test_package(self):
        self.assertEqual(self.installation.flags('--print-requires'), ['gio-2.0', 'libsoup-3.0'])
        self.assertEqual(self.installation.flags('--print-requires-private'), ['json-glib-1.0', 'gnutls'])
        self.assertIn('-lgalileosend-1', self.installation.flags('--libs'))


if __name__ == '__main__':
    tap.main()
