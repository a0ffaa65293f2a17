# shellcheck shell=bash
# What rovi_env.sh, run_stack.sh and run_gateway.sh share: reading an environment file, entering ROS.
# Only functions. Each returns non-zero with one line for people in _rovi_problem; none prints or exits.
#
# An environment file is read as systemd reads EnvironmentFile= (its parse_env_file_internal), never by a shell:
# `$x` and `$(x)` are plain text. What systemd drops in silence, reads otherwise than a shell would, or reads
# differently in its versions is refused with the line's number instead, so a file that is accepted here means
# the same in a unit and in an interactive shell.

# Set by systemd or by the unit for one run; a file that sets them would move the lock or forge an invocation.
_rovi_reserved=' ROVI_ENV_FILE ROVI_STACK ROVI_LOCK_WAIT ROVI_STACKS_DIR ROVI_RUNTIME_DIR ROVI_ROS_ROOT NOTIFY_SOCKET INVOCATION_ID '

# Reads FILE ($1) into the arrays _rovi_names and _rovi_values, in the order written. Exports nothing.
_rovi_read_env_file() {
  local LC_ALL=C # bytes, so that an index is an offset
  local text='' state=pre_key key='' value='' char='' chomp=-1 line=1 begun=0 index blank
  _rovi_names=() _rovi_values=() _rovi_problem=''
  if [[ ! -f $1 ]]; then
    _rovi_problem="environment file $1 is missing"
    [[ ! -e $1 ]] || _rovi_problem="environment file $1 is not a regular file"
    return 1
  fi
  if [[ ! -r $1 ]]; then
    _rovi_problem="environment file $1 cannot be read by this user"
    return 1
  fi
  # `read -d ''` ends at a NUL byte with success and at the end of the file with failure.
  if IFS= read -r -d '' text <"$1"; then
    _rovi_problem="environment file $1 holds a NUL byte"
    return 1
  fi
  [[ -z $text || $text == *$'\n' ]] || text+=$'\n'
  for ((index = 0; index < ${#text}; index++)); do
    char=${text:index:1}
    blank=no
    [[ $char != [$' \t\r\n'] ]] || blank=yes
    case $state in
      pre_key)
        if [[ $char == ['#;'] ]]; then
          state=comment
        elif [[ $blank == no ]]; then
          state=key key=$char
        fi
        ;;
      key)
        if [[ $char == [$'\n\r'] ]]; then
          _rovi_refuse_line "$1" "$line" 'expected NAME=value'
          return 1
        elif [[ $char == '=' ]]; then
          while [[ $key == *[$' \t'] ]]; do key=${key%?}; done
          state=pre_value value='' chomp=-1 begun=$line
          if [[ ! $key =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
            # The line may hold anything, a secret among it: only the name's shape is said.
            _rovi_refuse_line "$1" "$line" 'expected a variable name of letters, digits and _ before "="'
            return 1
          elif [[ $_rovi_reserved == *" $key "* || $key == _rovi_* ]]; then
            _rovi_refuse_line "$1" "$line" "$key may not be set here: it belongs to the unit"
            return 1
          fi
        else
          key+=$char
        fi
        ;;
      pre_value | value)
        if [[ $char == [$'\n\r'] ]]; then
          ((chomp < 0)) || value=${value:0:chomp}
          _rovi_keep "$1" "$begun" "$key" "$value" || return 1
          state=pre_key
        elif [[ $char == $'\\' ]]; then
          state=escape chomp=-1
        elif [[ $state == pre_value && $char == "'" ]]; then
          state=single
        elif [[ $state == pre_value && $char == '"' ]]; then
          state=double
        elif [[ $char == '#' && ${text:index-1:1} == [$' \t'] ]]; then
          _rovi_refuse_line "$1" "$line" 'a comment needs a line of its own: here it would become part of the value (quote a "#" that is meant)'
          return 1
        elif [[ $state == value || $blank == no ]]; then
          if [[ $blank == no ]]; then
            chomp=-1
          elif ((chomp < 0)); then
            chomp=${#value}
          fi
          state=value value+=$char
        fi
        ;;
      escape)
        [[ $char == [$'\n\r'] ]] || value+=$char
        state=value
        ;;
      single | double)
        if [[ $char == [$'\n\r'] ]]; then
          _rovi_refuse_line "$1" "$line" 'the quote is not closed on this line'
          return 1
        elif [[ $state == single && $char == "'" || $state == double && $char == '"' ]]; then
          state=pre_value
        elif [[ $state == double && $char == $'\\' ]]; then
          state=double_escape
        else
          value+=$char
        fi
        ;;
      double_escape)
        if [[ $char == ['"\`$'] ]]; then
          value+=$char
        elif [[ $char != $'\n' ]]; then
          value+="\\$char"
        fi
        state=double
        ;;
      comment)
        if [[ $char == $'\\' && ${text:index+1:1} == [$'\n\r'] ]]; then
          _rovi_refuse_line "$1" "$line" 'a comment that ends in a back-slash hides the next line from some versions of systemd'
          return 1
        elif [[ $char == $'\\' ]]; then
          index=$((index + 1))
        elif [[ $char == [$'\n\r'] ]]; then
          state=pre_key
        fi
        ;;
    esac
    [[ $char != $'\n' ]] || line=$((line + 1))
  done
  case $state in
    pre_key | comment) return 0 ;;
    *) _rovi_refuse_line "$1" "$begun" 'the value does not end: a quote is open or a back-slash is the last character' ;;
  esac
  return 1
}

_rovi_refuse_line() {
  _rovi_problem="environment file $1, line $2: $3"
}

# systemd fails a whole file for one value that is not UTF-8. In the C locale a pattern matches bytes.
_rovi_keep() {
  local LC_ALL=C
  local utf8=$'^([\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$'
  if [[ ! $4 =~ $utf8 ]]; then
    _rovi_refuse_line "$1" "$2" "the value of $3 is not UTF-8"
    return 1
  fi
  _rovi_names+=("$3")
  _rovi_values+=("$4")
}

# Exports all variables of FILE ($1), or none.
_rovi_load_env_file() {
  local _rovi_readonly _rovi_index
  _rovi_read_env_file "$1" || return 1
  _rovi_readonly=$'\n'$(readonly -p)$'\n'
  for _rovi_index in "${!_rovi_names[@]}"; do
    if [[ $_rovi_readonly =~ $'\n''declare -'[a-zA-Z]*' '"${_rovi_names[_rovi_index]}"[$'=\n'] ]]; then
      _rovi_problem="environment file $1 sets ${_rovi_names[_rovi_index]}, which is read-only in this shell"
      return 1
    fi
  done
  for _rovi_index in "${!_rovi_names[@]}"; do
    export "${_rovi_names[_rovi_index]}=${_rovi_values[_rovi_index]}"
  done
}

# Sources ROS and the workspace, as the loaded environment names them, and finds `ros2`.
# ROVI_ROS_ROOT is for tests; ROS installs below /opt/ros.
_rovi_enter_ros() {
  local _rovi_root=${ROVI_ROS_ROOT:-/opt/ros} _rovi_setup='' _rovi_found
  if [[ -n ${ROS_DISTRO-} ]]; then
    _rovi_setup=$_rovi_root/$ROS_DISTRO/setup.bash
    if [[ ! -r $_rovi_setup && -n ${AMENT_PREFIX_PATH-} && " ${_rovi_names[*]-} " != *' ROS_DISTRO '* ]]; then
      # Not the file's word but that of a ROS which is sourced already: the gateway's, where it is a launch.
      _rovi_setup=''
    elif [[ ! -r $_rovi_setup ]]; then
      _rovi_problem="ROS $ROS_DISTRO is not installed: $_rovi_setup is missing (ROS_DISTRO is set in $ROVI_ENV_FILE)"
      return 1
    fi
  else
    _rovi_found=("$_rovi_root"/*/setup.bash)
    if ((${#_rovi_found[@]} > 1)); then
      _rovi_problem="several ROS distributions are below $_rovi_root: set ROS_DISTRO in $ROVI_ENV_FILE"
      return 1
    fi
    # None at all is no fault yet: ROS built from source comes with the workspace.
    [[ ! -r ${_rovi_found[0]} ]] || _rovi_setup=${_rovi_found[0]}
  fi
  if [[ ! -r ${ROVI_ROS_WS_DIR-}/install/setup.bash ]]; then
    _rovi_problem="workspace ${ROVI_ROS_WS_DIR-} is not built: install/setup.bash is missing there (run \`colcon build\`)"
    return 1
  fi
  # Their setup files read variables that are not set.
  set +u
  # shellcheck disable=SC1090
  [[ -z $_rovi_setup ]] || source "$_rovi_setup" </dev/null
  # shellcheck disable=SC1091
  source "$ROVI_ROS_WS_DIR/install/setup.bash" </dev/null
  set -u
  hash -r
  if ! type -P ros2 >/dev/null; then
    _rovi_problem="ros2 was not found on PATH after sourcing ${_rovi_setup:+$_rovi_setup and }$ROVI_ROS_WS_DIR/install/setup.bash"
    return 1
  fi
}

# For the two runners: the environment file named by the unit (or by the shell, when run by hand), then ROS.
# Returns 78 or 69 with _rovi_problem set.
_rovi_environment() {
  if [[ -z ${ROVI_ENV_FILE-} && -n ${ROVI_ROS_WS_DIR-} && -n ${ROVI_ENV-} ]]; then
    ROVI_ENV_FILE=$ROVI_ROS_WS_DIR/.env.$ROVI_ENV
  fi
  if [[ -z ${ROVI_ENV_FILE-} ]]; then
    _rovi_problem='no environment file is named: ROVI_ENV_FILE is not set'
    return 78
  fi
  _rovi_load_env_file "$ROVI_ENV_FILE" || return 78
  if [[ ${ROVI_ROS_WS_DIR-} != /* ]]; then
    _rovi_problem="environment file $ROVI_ENV_FILE does not set ROVI_ROS_WS_DIR to an absolute path"
    return 78
  fi
  _rovi_enter_ros || return 69
}
