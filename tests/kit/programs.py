# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs under test and their peers, started on a free port and ended by their process id."""

import getpass
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]

# How long a condition may take that normally comes at once. Only a broken program waits that long.
PATIENCE = 30


def build_dir():
    return pathlib.Path(os.environ['GALILEO_BUILD_DIR'])


def cli():
    return build_dir() / 'src/cli/galileosend-cli'


def receiver():
    return build_dir() / 'src/receiver/galileosend-receiver'


def uploader():
    return build_dir() / 'src/uploader/galileosend'


def unprivileged():
    """Arguments that start a program without root's power over files, for which none is unreadable and no folder read-only.

    Still as root, not as somebody else: who may not be allowed into the folder that this checkout stands in.
    """
    if os.geteuid() != 0:
        return []
    powers = '-dac_override,-dac_read_search'
    return ['setpriv', f'--bounding-set={powers}', f'--inh-caps={powers}']


def wait_until(condition, what, seconds=PATIENCE):
    """Returns the first true value of condition(), looking every few milliseconds until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.005)


class Process:
    """A running program whose output is read all the time, so that it never blocks on a full pipe."""

    def __init__(self, arguments, prefix=(), environment=None, directory=None, descriptors=()):
        # A test that is cut off must leave nothing behind, so the program goes with its parent.
        command = [*prefix, 'setpriv', '--pdeathsig=TERM', *arguments]
        self._popen = subprocess.Popen(
            command, cwd=directory, env={**clean_environment(), **(environment or {})},
            pass_fds=descriptors, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pid = self._popen.pid
        self.status = None
        self.peak_kb = None
        self.lines = []
        self._stderr = []
        self._taken = {}
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._read, args=(self._popen.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(self._popen.stderr, self._stderr), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream, lines):
        with stream:
            for line in stream:
                with self._changed:
                    lines.append(line.decode('utf-8', 'surrogateescape').rstrip('\n'))
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def stdout(self):
        return '\n'.join(self.lines)

    @property
    def stderr(self):
        return '\n'.join(self._stderr)

    @property
    def events(self):
        """The JSON lines of standard output."""
        with self._changed:
            return [json.loads(line) for line in self.lines if line.startswith('{')]

    def wait_line(self, matches, what, seconds=PATIENCE):
        """Returns the first line of standard output that matches, also one that came before the call."""
        deadline = time.monotonic() + seconds
        seen = 0
        with self._changed:
            while True:
                for line in self.lines[seen:]:
                    if matches(line):
                        return line
                seen = len(self.lines)
                # The reading thread ends with the program's last line.
                left = deadline - time.monotonic()
                if left <= 0 or not self._threads[0].is_alive():
                    raise AssertionError(f'{what}: not seen\n{self.stdout[-2000:]}\n{self.stderr[-2000:]}')
                self._changed.wait(min(left, 0.5))

    def wait_event(self, name, matches=lambda event: True, seconds=PATIENCE):
        """Returns the first JSON event of that name that matches."""
        def is_it(line):
            if not line.startswith('{'):
                return False
            event = json.loads(line)
            return event['event'] == name and matches(event)
        return json.loads(self.wait_line(is_it, f'event "{name}"', seconds))

    def next_event(self, name):
        """Returns the next JSON event of that name; each one is returned once, in order."""
        taken = self._taken.get(name, 0)
        event = wait_until(lambda: self.named(name)[taken:], f'event "{name}" number {taken + 1}')[0]
        self._taken[name] = taken + 1
        return event

    def named(self, name):
        """The JSON events of that name so far. Its output may be ahead: wait for something that comes later first."""
        return [event for event in self.events if event['event'] == name]

    def signal(self, number):
        if self.status is None:
            os.kill(self.pid, number)

    @property
    def ended(self):
        """Whether it has, by itself or by a signal; its status is known after wait()."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait(self, seconds=PATIENCE):
        """Returns the exit status (minus the signal's number if one killed it) and keeps the peak memory."""
        if self.status is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                late = not poll.poll(seconds * 1000)
            finally:
                os.close(descriptor)
            if late:
                self.signal(signal.SIGKILL)
            _, status, usage = os.wait4(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
            self._popen.returncode = self.status
            # Counts what this Python had at the fork as well, so it errs on the strict side.
            self.peak_kb = usage.ru_maxrss
            for thread in self._threads:
                thread.join(PATIENCE)
            if late:
                raise AssertionError(f'{self._popen.args}: still running after {seconds} s\n'
                                     f'{self.stdout[-2000:]}\n{self.stderr[-2000:]}')
        return self.status

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()


class Server(Process):
    """A server for a `with` block. One that ends by itself inside the block fails the test."""

    def __init__(self, arguments, **options):
        super().__init__(arguments, **options)
        self._expect_running = True
        self.address = None
        self.port = None

    def __enter__(self):
        try:
            line = self.wait_line(lambda line: True, 'the line "Listening on …"')
            assert line.startswith('Listening on ws'), line
        except AssertionError:
            self.kill()
            raise
        self.address = line.removeprefix('Listening on ')
        self.port = urllib.parse.urlsplit(self.address).port
        return self

    def __exit__(self, kind, error, trace):
        if not self._expect_running:
            self.wait()
            return
        descriptor = os.pidfd_open(self.pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            died = bool(poll.poll(0))
        finally:
            os.close(descriptor)
        status = self.stop()
        if kind is None and (died or status not in (0, -signal.SIGTERM)):
            raise AssertionError(f'{self._popen.args[-1]}: ended with status {status}\n{self.stderr[-4000:]}')

    def stop(self):
        """Ends it in the polite way."""
        self._expect_running = False
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self._expect_running = False
        super().kill()


class Receiver(Server):
    """galileosend-receiver on a directory."""

    name = 'receiver'

    def __init__(self, directory, *options, port=0, **more):
        super().__init__([str(receiver()), '--json', f'--directory={directory}', f'--port={port}', *options], **more)
        self.directory = pathlib.Path(directory)


class GalileoSite(Server):
    """The Mojolicious site of tests/peers/galileo-site on a directory."""

    name = 'site'

    def __init__(self, directory, *options, port=0, **more):
        script = SOURCE_DIR / 'tests/peers/galileo-site/galileo-site'
        super().__init__(['perl', str(script), '--directory', str(directory), '--port', str(port), *options], **more)
        self.directory = pathlib.Path(directory)

    def url(self, path='/upload', **manners):
        """An address of the site with manners for the uploads that go there."""
        query = urllib.parse.urlencode(manners)
        return f'ws://127.0.0.1:{self.port}{path}' + (f'?{query}' if query else '')


class Nginx(Server):
    """nginx as a site has it in front of its server: `upstream` is that server's ws:// address."""

    CONFIGURATION = '''
        daemon off;
        user {user};
        pid {directory}/nginx.pid;
        error_log stderr;
        events {{ }}
        http {{
          access_log off;
          client_body_temp_path {directory}/body;
          proxy_temp_path {directory}/proxy;
          fastcgi_temp_path {directory}/fastcgi;
          uwsgi_temp_path {directory}/uwsgi;
          scgi_temp_path {directory}/scgi;
          server {{
            listen 127.0.0.1:{port};
            location / {{
              proxy_pass http://{upstream};
              proxy_http_version 1.1;
              proxy_set_header Host $host;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection upgrade;
              {extra}
            }}
          }}
        }}
    '''

    name = 'nginx'

    def __init__(self, directory, upstream, extra=''):
        # nginx has no port 0. It takes over a socket as from an older nginx, so nobody can take the port in between.
        with socket.create_server(('127.0.0.1', 0)) as listener:
            port = listener.getsockname()[1]
            path = pathlib.Path(directory) / 'nginx.conf'
            path.write_text(self.CONFIGURATION.format(
                directory=directory, port=port, user=getpass.getuser(), extra=extra,
                upstream=urllib.parse.urlsplit(upstream).netloc))
            super().__init__(['/usr/sbin/nginx', '-e', 'stderr', '-p', str(directory), '-c', str(path)],
                             environment={'NGINX': f'{listener.fileno()};'}, descriptors=[listener.fileno()])
        self.port = port
        self.address = f'ws://127.0.0.1:{port}/upload'

    def __enter__(self):
        # The socket listened before nginx did: who connects too early only waits.
        return self


def clean_environment():
    """Nothing of the person who runs the tests: neither language nor proxy, and no saved sites."""
    # G_SLICE would hide memory that is freed in the wrong way.
    keep = {key: value for key, value in os.environ.items()
            if not key.lower().endswith('_proxy') and not key.startswith(('LC_', 'XDG_', 'DBUS_', 'G_SLICE'))}
    home = build_dir() / 'tests/home'
    return {
        **keep,
        'HOME': str(home),
        'LANG': 'C.UTF-8',
        'LC_ALL': 'C.UTF-8',
        'G_DEBUG': 'fatal-criticals,fatal-warnings',
        'GIO_USE_PROXY_RESOLVER': 'dummy',
        'GSETTINGS_BACKEND': 'memory',
    }
