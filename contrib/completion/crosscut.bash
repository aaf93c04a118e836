# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of Crosscut's commands for bash. The words are the commands' own: each prints them, from the
# tables of its options, when it is asked for --completion-words (core/cmd/options.h). It is installed under
# the name of each command, which bash-completion(7) looks for; to be sourced where that is not installed.

# The words of one kind ("option", "command", "hook") that `cc-X [SUBCOMMAND]` knows.
_crosscut_words() # KIND COMMAND...
{
	local kind=$1 word argument found
	shift
	while IFS=$'\t' read -r found word argument; do
		[[ $found == "$kind" ]] && printf '%s\n' "$word"
	done < <("$@" --completion-words 2>/dev/null)
}

# What the argument of an option is called in --help; status 1 if it has none.
_crosscut_argument_of() # OPTION COMMAND...
{
	local option=$1 kind word argument
	shift
	while IFS=$'\t' read -r kind word argument; do
		[[ $kind == option && $word == "$option" && -n $argument ]] && printf '%s\n' "$argument" && return
	done < <("$@" --completion-words 2>/dev/null)
	return 1
}

# Files whose names end so, and directories.
_crosscut_files() # CURRENT SUFFIX
{
	local name
	compopt -o filenames 2>/dev/null
	while IFS= read -r name; do
		[[ -d $name || $name == *"$2" ]] && COMPREPLY+=("$name")
	done < <(compgen -f -- "$1")
}

_crosscut_reply() # CURRENT WORDS
{
	local word
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <(compgen -W "$2" -- "$1")
}

# An argument, by what --help calls it.
_crosscut_argument() # NAME CURRENT COMMAND...
{
	local name=$1 current=$2
	shift 2
	case $name in
	HOOK*)
		_crosscut_files "$current" .so
		_crosscut_reply "$current" "$(_crosscut_words hook "$@")"
		;;
	*.vmlog | *.plog | *.pylog) _crosscut_files "$current" ".${name##*.}" ;;
	DIR)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		;;
	*FILE* | PATH) _crosscut_files "$current" '' ;;
	esac
}

# The command that cc-record records.
_crosscut_recorded() # INDEX CURRENT
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$2")
	else
		_crosscut_files "$2" ''
	fi
}

# The argument that the option before the cursor waits for: `-o `, `--output `, `--output=`, where bash takes
# the = for a word of its own. Status 1 if none does.
_crosscut_option_argument() # CURRENT COMMAND...
{
	local current=$1 option=${COMP_WORDS[COMP_CWORD - 1]} name
	shift
	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $option == -* ]] && name=$(_crosscut_argument_of "$option" "$@") || return
	_crosscut_argument "$name" "$current" "$@"
}

# Where cc-record's own words end: the index of the first of the command's. Status 1: not before the cursor.
_crosscut_command_begins() # TOOL
{
	local index word
	for ((index = 1; index < COMP_CWORD; index++)); do
		word=${COMP_WORDS[index]}
		if [[ $word == -- ]]; then
			echo $((index + 1))
			return
		elif [[ $word == = ]]; then
			((index++))
		elif [[ $word != -* ]]; then
			echo $index
			return
		elif [[ ${COMP_WORDS[index + 1]} != = ]] && _crosscut_argument_of "$word" "$1" >/dev/null; then
			((index++))
		fi
	done
	return 1
}

_crosscut()
{
	local current=${COMP_WORDS[COMP_CWORD]} tool=${COMP_WORDS[0]} begins
	local -a command=("$tool")
	COMPREPLY=()
	if [[ ${tool##*/} == cc-log ]]; then
		if ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == help ]]; then
			_crosscut_reply "$current" "$(_crosscut_words command "$tool") $(_crosscut_words option "$tool")"
			return
		fi
		command+=("${COMP_WORDS[1]}")
	elif [[ ${tool##*/} == cc-record ]] && begins=$(_crosscut_command_begins "$tool"); then
		_crosscut_recorded "$begins" "$current"
		return
	fi
	if _crosscut_option_argument "$current" "${command[@]}"; then
		return
	elif [[ $current == -* ]]; then
		_crosscut_reply "$current" "$(_crosscut_words option "${command[@]}")"
	elif [[ ${tool##*/} == cc-record ]]; then
		_crosscut_recorded "$COMP_CWORD" "$current"
	else
		_crosscut_argument "$(_crosscut_words argument "${command[@]}")" "$current" "${command[@]}"
	fi
}

complete -F _crosscut cc-record cc-slice cc-log cc-perl-replay cc-python-replay
