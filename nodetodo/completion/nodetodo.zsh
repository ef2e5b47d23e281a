#compdef nodetodo
# Completes nodetodo in zsh. Printed by: nodetodo completion zsh
_nodetodo() {
    local line value
    local -a finished shown begun begun_shown
    for line in "${(@f)$(command nodetodo --complete zsh "${(@Q)words[2,CURRENT-1]}" "$QIPREFIX$PREFIX" </dev/null 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        line=$value${line#$value}
        line=${line/$'\t'/  -- }
        line=${line%  -- }
        if [[ $value == *[=:/] ]]; then # more of the word follows
            begun+=("$value") begun_shown+=("$line")
        else
            finished+=("$value") shown+=("$line")
        fi
    done
    compadd -V nodetodo -l -d shown -a finished
    compadd -V nodetodo -l -d begun_shown -S '' -a begun
}
if [[ ${funcstack[1]} == _nodetodo ]]; then # zsh runs this file as the function
    _nodetodo "$@"
else
    compdef _nodetodo nodetodo
fi
