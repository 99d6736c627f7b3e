# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for galileosend-receiver in fish.

complete -c galileosend-receiver -f
complete -c galileosend-receiver -s d -l directory -x -a '(__fish_complete_directories)' -d 'Put files into a folder'
complete -c galileosend-receiver -s a -l address -x -a '127.0.0.1 0.0.0.0' -d 'Listen on this address'
complete -c galileosend-receiver -s p -l port -x -d 'Listen on this port'
complete -c galileosend-receiver -l max-size -x -d 'Refuse bigger files'
complete -c galileosend-receiver -l max-uploads -x -d 'Take so many connections at once'
complete -c galileosend-receiver -l chunk-size -x -d 'Ask for chunks of at most so many bytes'
complete -c galileosend-receiver -l window -x -d 'Ask for so many chunks ahead'
complete -c galileosend-receiver -l keep-partial -x -d 'Keep uploads that were cut for so long'
complete -c galileosend-receiver -l tls-certificate -r -F -d 'Speak TLS with this certificate'
complete -c galileosend-receiver -l tls-key -r -F -d 'The key of that certificate'
complete -c galileosend-receiver -l json -d 'Write events as JSON'
complete -c galileosend-receiver -s q -l quiet -d 'Tell of errors only'
complete -c galileosend-receiver -l version -d 'Print the version'
complete -c galileosend-receiver -s h -l help -d 'Show the help'
