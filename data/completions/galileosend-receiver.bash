# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for galileosend-receiver in bash.

_galileosend_receiver ()
{
  local options='--directory= --address= --port= --max-size= --max-uploads= --chunk-size= --window= --keep-partial= --tls-certificate=
    --tls-key= --json --quiet --version --help -d -a -p -q -h'
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} prefix=
  COMPREPLY=()

  # What follows “=” is a word of its own, unless COMP_WORDBREAKS was changed.
  if [[ $current == = ]]; then
    current=
  elif [[ $option == = ]]; then
    option=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $current == --*=* ]]; then
    option=${current%%=*}
    prefix=$option=
    current=${current#*=}
  fi

  case $option in
    -d | --directory)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -d -- "$current")
      ;;
    -a | --address)
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -W '127.0.0.1 0.0.0.0' -- "$current")
      ;;
    --tls-certificate | --tls-key)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "$current")
      ;;
    -p | --port | --max-size | --max-uploads | --chunk-size | --window | --keep-partial)
      ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
      [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
      ;;
  esac
}

complete -F _galileosend_receiver galileosend-receiver
