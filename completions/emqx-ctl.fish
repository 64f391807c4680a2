# fish completion for emqx-ctl: the program itself says what can come next.
#
# Installed by the package, or: emqx-ctl completion fish | source

function __emqx_ctl_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program emqx-ctl
    # Another file of that name completes what it understands itself.
    string match -q '*/emqx-ctl' -- $words[1]
    and set program (string replace -r '^~/' "$HOME/" -- $words[1])
    command -q $program; or return
    set -l answer ($program __complete fish $words "$typed" 2>/dev/null)
    switch "$answer[1]"
        case files
            set -l option (string match -r -- '^--[^=]*=' $typed; or echo)
            for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $typed))
                echo $option$path
            end
        case words
            string join \n -- $answer[2..-1]
    end
end

complete -c emqx-ctl -f -k -a '(__emqx_ctl_complete)'
# EMQX's names, where they lead to this program.
for name in emqx_ctl emqx
    if command -q $name; and command -q emqx-ctl
        if test (realpath (command -s $name)) = (realpath (command -s emqx-ctl))
            complete -c $name -f -k -a '(__emqx_ctl_complete)'
        end
    end
end
