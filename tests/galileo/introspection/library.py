# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as others see it: what its headers promise, what it shows, and what is installed of it."""

import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from kit import programs

SOURCES = programs.SOURCE_DIR / 'src/galileo'
CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'

# Options of the compilers under which a program of somebody else must pass.
STRICT = ['-Wall', '-Wextra', '-Werror']


def built():
    return programs.build_dir() / 'src/galileo'


def namespace():
    """The root of what bindings are made of."""
    return ElementTree.parse(built() / 'Galileo-1.gir').getroot().find(CORE + 'namespace')


def run(arguments, **options):
    """Returns the standard output of a program that has to succeed."""
    done = subprocess.run([str(argument) for argument in arguments], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    assert done.returncode == 0, f'{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}'
    return done.stdout


class Installation:
    """What "meson install" puts on a disk, in a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        run([os.environ['MESON'], 'install', '-C', programs.build_dir(), '--no-rebuild', '--quiet',
             '--destdir', self.folder])
        package, = self.folder.rglob('galileosend-1.pc')
        text = package.read_text()
        prefix = re.search('^prefix=(.*)$', text, re.M)[1]
        self.prefix = self.folder / prefix.lstrip('/')
        # As if it had been made for that place.
        package.write_text(text.replace(f'prefix={prefix}', f'prefix={self.prefix}', 1))
        self.packages = package.parent
        self.libraries = package.parent.parent
        self.headers = self.prefix / 'include/galileosend-1/galileo'

    def environment(self):
        """For compilers, and for the programs that they make."""
        return {
            **programs.clean_environment(),
            'PKG_CONFIG_PATH': str(self.packages),
            'LD_LIBRARY_PATH': str(self.libraries),
            'GI_TYPELIB_PATH': str(self.libraries / 'girepository-1.0'),
            'XDG_DATA_DIRS': f'{self.prefix}/share:/usr/share',
        }

    def flags(self, *options):
        return run(['pkg-config', *options, 'galileosend-1'], env=self.environment()).split()

    def compile(self, compiler, source, program, *options):
        """Makes a program of a C or C++ file as the documentation says it is made."""
        run([compiler, *options, source, '-o', program, *self.flags('--cflags', '--libs')], env=self.environment())
        return program

    def compile_vala(self, source, program):
        """Makes a program of a Vala file."""
        run(['valac', '--fatal-warnings', '--pkg=galileosend-1', f'--vapidir={self.prefix}/share/vala/vapi',
             '--directory', program.parent, '--output', program.name, source], env=self.environment())
        return program
