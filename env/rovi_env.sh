# shellcheck shell=bash
# Rovi's environment for interactive shells: the same file that the units read with EnvironmentFile=.
#
#   export ROVI_ROS_WS_DIR=~/dev/Roblibs/rovi_ros_ws ROVI_ENV=robot   # or ROVI_ENV=pc
#   source /usr/local/lib/rovi/rovi_env.sh
#
# Loads $ROVI_ROS_WS_DIR/.env.$ROVI_ENV (on a robot a link to the file in /etc/rovi) and exports all of it, or (with one line on stderr and status 1) nothing.
# Never exits the shell, changes no option of it, and leaves no function or variable of its own behind.

_rovi_env_main() {
  local _rovi_problem='' _rovi_reserved='' _rovi_file
  local -a _rovi_names _rovi_values
  # shellcheck source=env/run_environment.sh
  if ! source "${BASH_SOURCE[0]%"${BASH_SOURCE[0]##*/}"}run_environment.sh"; then
    _rovi_problem='its part run_environment.sh is missing beside it'
  elif [[ ${ROVI_ROS_WS_DIR-} != /* ]]; then
    _rovi_problem='set ROVI_ROS_WS_DIR to the absolute path of the workspace first'
  elif [[ ! -d $ROVI_ROS_WS_DIR ]]; then
    _rovi_problem="ROVI_ROS_WS_DIR=$ROVI_ROS_WS_DIR is not a folder, or you may not enter it"
  elif [[ ${ROVI_ENV-} != robot && ${ROVI_ENV-} != pc ]]; then
    _rovi_problem="set ROVI_ENV to robot or pc first (it is \"${ROVI_ENV-}\")"
  else
    _rovi_file=$ROVI_ROS_WS_DIR/.env.$ROVI_ENV
    _rovi_check_shell "$_rovi_file" && _rovi_load_env_file "$_rovi_file"
  fi
  [[ -n $_rovi_problem ]] || return 0
  printf 'rovi_env: %s; nothing was loaded\n' "$_rovi_problem" >&2
  return 1
}

# A file for another role or another workspace than this shell named would leave the two at odds.
_rovi_check_shell() {
  local index
  _rovi_read_env_file "$1" || return 1
  for index in "${!_rovi_names[@]}"; do
    case ${_rovi_names[index]} in
      ROVI_ENV) [[ ${_rovi_values[index]} == "$ROVI_ENV" ]] && continue ;;
      ROVI_ROS_WS_DIR) [[ ${_rovi_values[index]} -ef $ROVI_ROS_WS_DIR ]] && continue ;;
      *) continue ;;
    esac
    _rovi_problem="$1 says ${_rovi_names[index]}=${_rovi_values[index]}, but this shell says ${!_rovi_names[index]}"
    return 1
  done
}

if [ -z "${BASH_VERSION-}" ]; then
  echo 'rovi_env: needs bash; nothing was loaded' >&2
  false
elif _rovi_env_main; then
  unset -f _rovi_env_main _rovi_check_shell _rovi_read_env_file _rovi_refuse_line _rovi_keep _rovi_load_env_file _rovi_enter_ros _rovi_environment
  true
else
  unset -f _rovi_env_main _rovi_check_shell _rovi_read_env_file _rovi_refuse_line _rovi_keep _rovi_load_env_file _rovi_enter_ros _rovi_environment
  false
fi
