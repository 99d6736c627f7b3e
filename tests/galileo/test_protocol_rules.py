# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing in the protocol document is without a test: protocol-rules.txt says which, and is compared with both."""

import ast
import functools
import pathlib
import re
import subprocess
import unittest

from kit import programs, tap

TESTS = programs.SOURCE_DIR / 'tests'
DOCUMENT = programs.SOURCE_DIR / 'src/galileo/doc/protocol.md'
RULES = pathlib.Path(__file__).with_name('protocol-rules.txt')

# What of the document is no rule, or not one that a test here can hold, each with the reason.
EXCEPTIONS = {
    'For those who write a client or a server. GalileoSend was made for the Galileo CMS, whose specification is '
    'short and leaves holes. This page says what the specification says, how this project fills the holes, and '
    'which keys it adds. Observed marks what the first implementations do: the browser client and the Mojolicious '
    'plugin of 2013, the latter run on Mojolicious 9.':
        'says what the page is',
    'client server':
        'the head of a drawing',
    'The key lets nobody read anything, but it is a claim to a part, so a server with several users keys by user too.':
        'advice to servers with users; the receiver knows none',
    '| browser client, 2013 (observed) | | one chunk for each ready | ignored | none | no | no timer | |':
        'of a client that is no part of this project',
}

# Where Python's tests are, by what their names in Meson begin with.
PYTHON = {'cli-': 'cli', 'receiver-': 'receiver', 'peer-': 'peers'}


def normal(text):
    """One line without emphasis, so that neither breaks nor marks count."""
    return ' '.join(text.replace('*', '').split())


def read_document():
    """The document as one line, without headings, the heads of tables and the marks of lists."""
    text = DOCUMENT.read_text()
    text = text[text.index('\n# '):]
    # The head of a table is what stands above its line.
    text = re.sub(r'^\|.*\n\|[-|]+\|$', '', text, flags=re.MULTILINE)
    return normal(re.sub('^(#+ .*|- |[0-9]+[.] )', '', text, flags=re.MULTILINE))


def read_rules():
    """Pairs of the words of a rule and its tests, each of these the name of a test and what it is in there."""
    rules = []
    for block in re.split(r'\n\n+', re.sub('^#.*\n', '', RULES.read_text(), flags=re.MULTILINE).strip('\n')):
        lines = block.splitlines()
        words = normal(' '.join(line for line in lines if not line.startswith(' ')))
        rules.append((words, [line.split(maxsplit=1) for line in lines if line.startswith(' ')]))
    return rules


def left_over(document, quotes):
    """What of the document no quote holds."""
    held = bytearray(len(document))
    for quote in quotes:
        start = document.find(quote)
        while start >= 0:
            held[start:start + len(quote)] = b'\1' * len(quote)
            start = document.find(quote, start + 1)
    rest = ''.join('\n' if mark else letter for letter, mark in zip(document, held))
    return [line.strip() for line in rest.splitlines() if re.search(r'\w', line)]


@functools.cache
def paths_of(name):
    """The cases of a test program in C."""
    found = list((programs.build_dir() / 'tests').glob(f'*/test-{name}'))
    if len(found) != 1:
        raise AssertionError(f'{len(found)} programs test-{name} were built')
    output = subprocess.run([found[0], '-l'], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return [line for line in output.stdout.splitlines() if line.startswith('/')]


@functools.cache
def methods_of(name):
    """The tests in a file in Python as Class.method, those that a class has from another in the file among them."""
    if name == 'connection-faults-cli':
        path = TESTS / 'faults/test_connection_faults.py'
    else:
        start = next((start for start in PYTHON if name.startswith(start)), '')
        file_name = f'test_{name.removeprefix(start).replace("-", "_")}.py'
        path = TESTS / PYTHON.get(start, '') / file_name
    classes = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}

    def methods(node):
        names = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in classes:
                names |= methods(classes[base.id])
        return names

    return {f'{node.name}.{method}' for node in classes.values() for method in methods(node)}


def exists(name, case):
    if not case.startswith('/'):
        return case.partition('.')[2].startswith('test_') and case in methods_of(name)
    if case.endswith('/*'):
        return any(path.startswith(case[:-1]) for path in paths_of(name))
    return case in paths_of(name)


class ProtocolRules(unittest.TestCase):
    maxDiff = None

    def test_rules_stand_in_the_document(self):
        document = read_document()
        rules = read_rules()
        self.assertGreater(len(rules), 100)
        quotes = [words for words, _ in rules]
        self.assertEqual([words for words in [*quotes, *EXCEPTIONS] if words not in document], [])
        self.assertEqual(len(quotes), len(set(quotes)), 'a rule stands there twice')

    def test_each_rule_has_tests_that_exist(self):
        missing = []
        for words, tests in read_rules():
            self.assertTrue(tests, f'no test holds: {words}')
            for test in tests:
                self.assertEqual(len(test), 2, f'{test} is no test, below: {words}')
                if not exists(*test):
                    missing.append(' '.join(test))
        self.assertEqual(missing, [])

    def test_document_has_nothing_without_a_rule(self):
        document = read_document()
        quotes = [words for words, _ in read_rules()] + list(EXCEPTIONS)
        self.assertGreater(len(document), 10000)
        self.assertEqual(left_over(document, quotes), [])


if __name__ == '__main__':
    tap.main()
