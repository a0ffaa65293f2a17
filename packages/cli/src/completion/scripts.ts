/** The shells that `rovictl completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * The script that makes a shell ask `rovictl __complete` for the words that fit. It prints one candidate a line, with a
 * tab and a description; the line `:file` asks for file names.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for rovictl
# for this shell: source <(rovictl completion bash)
# for all users:  rovictl completion bash > /etc/bash_completion.d/rovictl
_rovictl() {
  local value description current rest=$COMP_LINE cut= i word
  local -a words=()
  # bash breaks "@label" in two: a word that stands right behind the one before it is a part of that.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((i > 0)) && [[ -n $COMP_LINE && $rest == "$word"* && ( -n $word || $COMP_LINE != *[[:space:]] ) ]]; then
      words[-1]+=$word
    else
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      words+=("$word")
    fi
    rest=\${rest#"$word"}
  done
  current=\${words[-1]}
  # readline replaces what begins with the last "@" alone.
  [[ $COMP_WORDBREAKS == *@* && $current == *@* ]] && cut=\${current%@*}
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :file ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${value#"$cut"}")
    fi
  done < <(rovictl __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _rovictl rovictl
`,
  zsh: `#compdef rovictl
# zsh completion for rovictl
# for this shell: source <(rovictl completion zsh)
# for all users:  rovictl completion zsh > /usr/local/share/zsh/site-functions/_rovictl
_rovictl() {
  local value description
  local -a found
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :file ]]; then
      _files
    else
      found+=("\${value//:/\\\\:}:$description")
    fi
  done < <(rovictl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe -t rovictl rovictl found
}
if [[ $funcstack[1] == _rovictl ]]; then
  _rovictl "$@"
else
  compdef _rovictl rovictl
fi
`,
  fish: `# fish completion for rovictl
# for this shell: rovictl completion fish | source
# for all users:  rovictl completion fish > /etc/fish/completions/rovictl.fish
function __rovictl_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in (rovictl __complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$line" = ':file'
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c rovictl -f -a '(__rovictl_complete)'
`,
};
