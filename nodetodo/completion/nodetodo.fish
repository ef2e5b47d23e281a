# Completes nodetodo in fish. Printed by: nodetodo completion fish
function __nodetodo_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    while string match -q '*=*' -- $words[1] # variables before the command
        set -e words[1]
    end
    command nodetodo --complete fish $words[2..-1] "$word" </dev/null 2>/dev/null
end
complete --command nodetodo --no-files --keep-order --arguments '(__nodetodo_complete)'
