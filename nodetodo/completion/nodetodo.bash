# Completes nodetodo in bash. Printed by: nodetodo completion bash
_nodetodo() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(command nodetodo --complete bash "${COMP_LINE:0:COMP_POINT}" "$2" "$COMP_TYPE" </dev/null 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]]; then
        compopt -o nospace 2>/dev/null # more of the word follows; bash 3 lacks compopt
    fi
}
complete -o nosort -F _nodetodo nodetodo 2>/dev/null || complete -F _nodetodo nodetodo
