# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the end-to-end tests share: programs, files, the command line, a raw websocket, and TAP."""
