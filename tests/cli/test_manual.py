#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Manual pages and completions: well-formed, and about the options that there are."""

import re
import shlex
import subprocess
import unittest

from kit import files, programs, tap
from test_output import SCHEMA

MAN = programs.SOURCE_DIR / 'data/man'
COMPLETIONS = programs.SOURCE_DIR / 'data/completions'
PROGRAMS = {
    'galileosend-cli': programs.cli(),
    'galileosend-receiver': programs.receiver(),
    'galileosend': programs.uploader(),
}
COMPLETED = ['galileosend-cli', 'galileosend-receiver']


def run(*command, directory=None):
    """Standard output of a program that says nothing on standard error."""
    done = subprocess.run([str(part) for part in command], cwd=directory, env=programs.clean_environment(),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == '', f'{command}: {done.returncode}\n{done.stdout}\n{done.stderr}'
    return done.stdout


def built():
    """The programs of this build: the window may be left out."""
    return [name for name, path in PROGRAMS.items() if path.exists()]


def options_of_help(program):
    """{long option: (short option or '', whether it takes a value)}"""
    found = {}
    for short, name, value in re.findall(r'^  (?:-(\w), )?--([a-z-]+)(=\S)?', run(PROGRAMS[program], '--help'), re.M):
        # GLib's own for every program.
        if not name.startswith('help-'):
            found[name] = (short, bool(value))
    return found


def options_of_manual(program):
    found = {}
    for line in re.findall(r'^\.It (.*Fl Fl .*)$', (MAN / f'{program}.1').read_text(), re.M):
        name = re.search(r'Fl Fl ([a-z-]+)', line)[1]
        short = re.match(r'Fl (\w)\b', line)
        found[name] = (short[1] if short else '', f'Fl Fl {name} Ns = Ns' in line)
    return found


def options_of_bash(program):
    words = re.search(r"options='([^']*)'", (COMPLETIONS / f'{program}.bash').read_text())[1].split()
    shorts = [word[1] for word in words if re.fullmatch(r'-\w', word)]
    names = {word[2:].rstrip('='): word.endswith('=') for word in words if word.startswith('--')}
    return names, shorts


def options_of_zsh(program):
    found = {}
    for line in (COMPLETIONS / f'_{program}').read_text().splitlines():
        # '(-j --jobs)'{-j+,--jobs=}'[what it does]:…' or '--null[what it does]'
        head = line.split('[')[0]
        name = re.search(r'--([a-z-]+)(=?)(?:}\'|$)', head)
        if name:
            short = re.search(r'{-(\w)\+?,', head)
            found[name[1]] = (short[1] if short else '', bool(name[2]))
    return found


def options_of_fish(program):
    found = {}
    for line in (COMPLETIONS / f'{program}.fish').read_text().splitlines():
        words = shlex.split(line, comments=True)
        if '-l' in words:
            short = words[words.index('-s') + 1] if '-s' in words else ''
            found[words[words.index('-l') + 1]] = (short, '-x' in words or '-r' in words)
    return found


class Manual(unittest.TestCase):
    def test_well_formed(self):
        for page in sorted(MAN.glob('*.1')):
            with self.subTest(page=page.name):
                self.assertEqual(run('mandoc', '-T', 'lint', '-W', 'warning', page), '')
                self.assertIn(page.stem, run('mandoc', '-T', 'utf8', page))

    def test_options(self):
        for program in built():
            with self.subTest(program=program):
                self.assertEqual(options_of_manual(program), options_of_help(program))

    def test_json_events(self):
        page = (MAN / 'galileosend-cli.1').read_text()
        section = page.split('.Sh JSON EVENTS')[1].split('.Sh ')[0]
        described = {}
        for item in section.split('.It Cm ')[1:]:
            event, text = item.split('\n', 1)
            described[event] = set(re.findall(r'^\.Va (\w+)', text, re.M))
        # What an error that was made here consists of.
        described['failure'] -= {'error', 'fatal', 'local'}
        expected = {event: set(keys) - {'event'} for event, keys in SCHEMA.items()}
        expected['would-send'] = {'file', 'name', 'size'}
        self.assertEqual(described, expected)

    def test_exit_statuses(self):
        page = (MAN / 'galileosend-cli.1').read_text()
        section = page.split('.Sh EXIT STATUS')[1].split('.Sh ')[0]
        self.assertEqual(re.findall(r'^\.It (\d+)$', section, re.M), ['0', '1', '2', '3', '130'])


class Completions(unittest.TestCase):
    def test_parsed_by_their_shells(self):
        for program in COMPLETED:
            run('bash', '-n', COMPLETIONS / f'{program}.bash')
            run('zsh', '-n', COMPLETIONS / f'_{program}')
            run('fish', '-n', COMPLETIONS / f'{program}.fish')

    def test_options(self):
        for program in COMPLETED:
            with self.subTest(program=program):
                options = options_of_help(program)
                self.assertEqual(options_of_zsh(program), options)
                self.assertEqual(options_of_fish(program), options)
                names, shorts = options_of_bash(program)
                self.assertEqual(names, {name: value for name, (_, value) in options.items()})
                self.assertEqual(sorted(shorts), sorted(short for short, _ in options.values() if short))


class Bash(unittest.TestCase):
    """What bash offers, for a command line that it has split into words as it does at each “=”."""

    def complete(self, *words, directory=None):
        script = ('source "$1"; shift; function=$(complete -p "$1"); function=${function#*-F }; '
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ${function% *}; '
                  'for reply in "${COMPREPLY[@]}"; do printf "%s\\n" "$reply"; done')
        return run('bash', '-c', script, 'bash', COMPLETIONS / f'{words[0]}.bash', *words,
                   directory=directory).splitlines()

    def folder(self):
        folder = self.enterContext(files.scratch())
        (folder / 'Album').mkdir()
        (folder / 'a b.jpg').touch()
        (folder / '-x.jpg').touch()
        return folder

    def test_options(self):
        for words, replies in {
            ('--li',): ['--limit-rate='],
            ('--nu',): ['--null'],
            ('--h',): ['--hash=', '--header=', '--help'],
            ('wss://x/', 'a', '--js'): ['--json'],
            ('--hash', ''): ['none', 'sha1', 'sha256', 'sha512'],
            ('--hash', '='): ['none', 'sha1', 'sha256', 'sha512'],
            ('--hash', '=', 'sha2'): ['sha256'],
            ('--hash=sha5',): ['--hash=sha512'],
            ('--jobs', '=', ''): [],
            ('-j', ''): [],
            ('--pin', ''): [],
            ('--same-name', '=', 're'): ['rename', 'replace'],
            ('--queue', 're'): ['resume', 'retry-failed', 'remove'],
            ('--queue', '--json', 'sh'): ['show'],
            ('--queue', 'move', ''): ['top', 'up', 'down', 'bottom'],
            ('--queue', 'move', 'top', ''): [],
            ('--queue', 'pause', ''): [],
            ('sh',): [],
            ('--zz',): [],
        }.items():
            with self.subTest(words=words):
                self.assertEqual(self.complete('galileosend-cli', *words), replies)

    def test_every_option_is_offered(self):
        for program in COMPLETED:
            offered = {word.rstrip('=') for word in self.complete(program, '-')}
            for name, (short, _) in options_of_help(program).items():
                self.assertIn(f'--{name}', offered)
                if short:
                    self.assertIn(f'-{short}', offered)

    def test_files(self):
        folder = self.folder()
        for words, replies in {
            ('wss', ':', '//x/', ''): ['-x.jpg', 'Album', 'a b.jpg'],
            ('wss', ':', '//x/', 'a'): ['a b.jpg'],
            ('-j', '3', 'x.example', 'Al'): ['Album'],
            ('--jobs', '=', '3', 'x.example', 'Al'): ['Album'],
            ('x.example', '--', '-'): ['-x.jpg'],
            ('--files-from', '=', 'a'): ['a b.jpg'],
            ('--token-file', 'a'): ['a b.jpg'],
            ('--ca-file=a',): ['--ca-file=a b.jpg'],
            ('--queue', 'add', 'wss', ':', '//x/', 'a'): ['a b.jpg'],
            ('--queue', 'add', 'x.example', 'Al'): ['Album'],
            ('--queue', 'add', 'A'): [],
            ('--queue', 'history', 'A'): [],
            # The address comes first, and is no file.
            ('a',): [],
            ('--json', 'a'): [],
            ('--jobs', '=', '3', 'a'): [],
            ('--jobs', '3', 'a'): [],
            ('--name', 'a'): [],
        }.items():
            with self.subTest(words=words):
                self.assertEqual(sorted(self.complete('galileosend-cli', *words, directory=folder)), replies)

    def test_receiver(self):
        folder = self.folder()
        for words, replies in {
            ('--max-s',): ['--max-size='],
            ('--directory', '=', 'A'): ['Album'],
            ('-d', 'a'): [],
            ('--port', ''): [],
            ('--tls-key', '=', 'a'): ['a b.jpg'],
        }.items():
            with self.subTest(words=words):
                self.assertEqual(self.complete('galileosend-receiver', *words, directory=folder), replies)


class Fish(unittest.TestCase):
    def complete(self, program, line, directory=None):
        script = f'source {COMPLETIONS}/{program}.fish; complete -C {shlex.quote(line)}'
        offered = run('fish', '--no-config', '-c', script, directory=directory)
        return [entry.split('\t')[0] for entry in offered.splitlines()]

    def test_options(self):
        for line, replies in {
            'galileosend-cli --hash=sha': ['--hash=sha1', '--hash=sha256', '--hash=sha512'],
            'galileosend-cli --lim': ['--limit-rate'],
            'galileosend-cli --nu': ['--null'],
            'galileosend-cli --queue ca': ['cancel'],
            'galileosend-cli --queue move b': ['bottom'],
            'galileosend-cli --same-name=sk': ['--same-name=skip'],
            'galileosend-receiver --max-s': ['--max-size'],
        }.items():
            with self.subTest(line=line):
                self.assertEqual(self.complete(line.split()[0], line), replies)

    def test_files(self):
        folder = self.enterContext(files.scratch())
        (folder / 'list.txt').touch()
        self.assertEqual(self.complete('galileosend-cli', 'galileosend-cli wss://x/ li', folder), ['list.txt'])
        self.assertEqual(self.complete('galileosend-cli', 'galileosend-cli --token-file li', folder), ['list.txt'])
        self.assertEqual(self.complete('galileosend-receiver', 'galileosend-receiver li', folder), [])


if __name__ == '__main__':
    tap.main()
