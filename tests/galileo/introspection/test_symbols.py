# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library shows what its headers declare and nothing else; bindings get all of it, and each symbol is documented."""

import re
import unittest

import library
from kit import programs, tap
from library import C, CORE, GLIB

# Elements of the introspection that have to have a documentation of their own.
DOCUMENTED = ['alias', 'bitfield', 'callback', 'class', 'constant', 'constructor', 'enumeration', 'function',
              'function-macro', 'instance-parameter', 'interface', 'member', 'method', 'parameter', 'property', 'record',
              'return-value', 'virtual-method']


def exported():
    """The symbols that the library gives to programs."""
    lines = library.run(['nm', '-D', '--defined-only', library.built() / 'libgalileosend-1.so']).splitlines()
    return {line.split()[-1] for line in lines}


def installed_headers():
    """All headers that are installed, but for the umbrella and the one with the mark."""
    umbrella = (library.SOURCES / 'galileo.h').read_text()
    names = re.findall('#include <galileo/(.*)>', umbrella)
    return [path for name in names for path in (library.SOURCES / name, library.built() / name) if path.is_file()]


def declared():
    """The functions that the installed headers declare for programs."""
    names = set()
    for path in installed_headers():
        text = path.read_text()
        names.update(re.findall(r'GALILEO_API\s+(?!G_DECLARE)[^;(]*?\b(\w+) *\(', text))
        names.update(name + '_get_type' for name in re.findall(r'GALILEO_API\s+G_DECLARE_FINAL_TYPE *\(\w+, *(\w+)', text))
    return names


def introspected():
    """The functions that bindings know, those by which types are registered among them."""
    namespace = library.namespace()
    names = {element.get(C + 'identifier') for element in namespace.iter()
             if element.tag in [CORE + kind for kind in ('function', 'method', 'constructor')]}
    names.update(element.get(GLIB + 'get-type') for element in namespace.iter() if element.get(GLIB + 'get-type'))
    return names


class Symbols(unittest.TestCase):
    def test_library_shows_what_headers_declare(self):
        self.assertGreater(len(declared()), 80)
        self.assertEqual(exported(), declared())

    def test_bindings_have_what_headers_declare(self):
        self.assertEqual(introspected(), declared())

    def test_everything_is_introspectable(self):
        """Nothing has a form that bindings can't use, and nothing was left out for it."""
        for element in library.namespace().iter():
            if element.tag != CORE + 'function-macro':
                self.assertNotEqual(element.get('introspectable'), '0', element.attrib)

    def test_headers_declare_nothing_without_the_mark(self):
        for path in installed_headers():
            for line in re.findall(r'(?<!GALILEO_API\n)^\w[\w *]*\bgalileo_\w+ +\(.*', path.read_text(), re.M):
                self.fail(f'{path.name}: {line}')

    def test_version(self):
        name = re.search(r'SONAME\s+(\S+)', library.run(['objdump', '-p', library.built() / 'libgalileosend-1.so']))[1]
        self.assertEqual(name, 'libgalileosend-1.so.0')
        self.assertEqual((library.namespace().get('name'), library.namespace().get('version')), ('Galileo', '1'))

    def test_programs_have_the_library_in_themselves(self):
        for program in (programs.cli(), programs.receiver()):
            self.assertNotIn('libgalileosend-1', library.run(['objdump', '-p', program]))


class Documentation(unittest.TestCase):
    def test_every_symbol(self):
        namespace = library.namespace()
        undocumented = []
        count = 0

        def look(element, path):
            nonlocal count
            kind = element.tag.rpartition('}')[2]
            path = f'{path}.{element.get("name", kind)}'
            if kind in DOCUMENTED or element.tag == GLIB + 'signal':
                count += 1
                if self.needs_words(element, kind) and not self.words(element):
                    undocumented.append(f'{kind} {path}')
            for child in element:
                look(child, path)

        for element in namespace:
            look(element, '')
        self.assertEqual(undocumented, [])
        self.assertGreater(count, 350)

    @staticmethod
    def needs_words(element, kind):
        """What returns nothing has nothing to say of it, and nobody uses the record behind a class."""
        if kind == 'return-value':
            return element.find(CORE + 'type') is None or element.find(CORE + 'type').get('name') != 'none'
        if kind == 'record':
            return element.get(GLIB + 'is-gtype-struct-for') is None
        return True

    @staticmethod
    def words(element):
        text = element.find(CORE + 'doc')
        return text is not None and bool(text.text.strip())

    def test_errors_and_states_one_by_one(self):
        for name, count in (('Error', 20), ('UploadState', 10), ('HashType', 4), ('SignalKind', 4)):
            members = library.namespace().find(f'{CORE}enumeration[@name="{name}"]').findall(CORE + 'member')
            self.assertEqual(len(members), count)
            self.assertTrue(all(self.words(member) for member in members))

    def test_check_of_the_generator(self):
        library.run(['gi-docgen', 'check', '--quiet', '--fatal-warnings',
                     f'--config={library.built()}/doc/galileosend.toml', library.built() / 'Galileo-1.gir'])

    def test_links(self):
        """Every link inside of the documentation leads to a page that is there, and to an anchor on it."""
        pages = {path.name: path.read_text() for path in (library.built() / 'doc/Galileo-1').glob('*.html')}
        self.assertLess({'index.html', 'overview.html', 'protocol.html', 'threads.html', 'class.Upload.html'}, set(pages))
        count = 0
        for name, text in pages.items():
            self.assertNotRegex(text, r'\[(class|ctor|const|enum|error|func|method|property|signal|struct)@')
            for target in re.findall('href="([^"]+)"', text):
                page, _, anchor = target.partition('#')
                if ':' in page or not (page or name).endswith('.html') or (page and not page.endswith('.html')):
                    continue
                count += 1
                self.assertIn(page or name, pages, f'{name}: {target}')
                if anchor:
                    self.assertRegex(pages[page or name], f'(id|name)="{re.escape(anchor)}"', f'{name}: {target}')
        self.assertGreater(count, 1000)


if __name__ == '__main__':
    tap.main()
