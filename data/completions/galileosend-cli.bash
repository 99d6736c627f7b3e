# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for galileosend-cli in bash.

_galileosend_cli ()
{
  local options='--jobs= --recursive --name= --chunk-size= --hash= --retries= --timeout= --limit-rate= --token-file=
    --header= --ca-file= --pin= --files-from= --null --json --quiet --dry-run --queue --same-name= --csv --version --help
    -j -r -n -q -h'
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} prefix= address= ended= word i
  local queue= command= given=0
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

  for (( i = 1; i < COMP_CWORD; i++ )); do
    word=${COMP_WORDS[i]}
    case $ended$word in
      --) ended=yes ;;
      -j | -n | --jobs | --name | --chunk-size | --hash | --retries | --timeout | --limit-rate | --token-file | \
      --header | --ca-file | --pin | --files-from | --same-name)
        [[ ${COMP_WORDS[i+1]} == = ]] && (( i++ ))
        (( i++ ))
        ;;
      --queue) queue=yes ;;
      -*) ;;
      *)
        # “:” and what follows it are words of their own, too; all of them are the address.
        [[ ! $address ]] && command=$word
        [[ $word != : && ${COMP_WORDS[i-1]} != : ]] && (( given++ ))
        address=yes
        ;;
    esac
  done

  if [[ ! $ended ]]; then
    case $option in
      --hash)
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -W 'none sha1 sha256 sha512' -- "$current")
        return
        ;;
      --same-name)
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -W 'site rename skip replace' -- "$current")
        return
        ;;
      --token-file | --ca-file | --files-from)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "$current")
        return
        ;;
      -j | -n | --jobs | --name | --chunk-size | --retries | --timeout | --limit-rate | --header | --pin)
        return
        ;;
    esac

    if [[ $current == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
      [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
      return
    fi
  fi

  if [[ $queue ]]; then
    case $given$command in
      0) mapfile -t COMPREPLY < <(compgen -W 'show add pause resume retry-failed remove cancel move history site' -- "$current") ;;
      1move) mapfile -t COMPREPLY < <(compgen -W 'top up down bottom' -- "$current") ;;
    esac
    [[ $command != add || $given -lt 2 ]] && return
  fi

  # Files follow the address, which is nobody's to guess.
  if [[ $address ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -F _galileosend_cli galileosend-cli
