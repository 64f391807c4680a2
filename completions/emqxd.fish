# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_emqxd_global_optspecs
    string join \n c/config= check-config facts take-over h/help V/version
end

function __fish_emqxd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_emqxd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_emqxd_using_subcommand
    set -l cmd (__fish_emqxd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c emqxd -n "__fish_emqxd_needs_command" -s c -l config -d 'Configuration file; /etc/emqx/emqx.conf is read when it exists and none is named' -r -F
complete -c emqxd -n "__fish_emqxd_needs_command" -l check-config -d 'Check the configuration and exit: 0 if it is good, 78 if not. Touches nothing'
complete -c emqxd -n "__fish_emqxd_needs_command" -l facts -d 'With --check-config: print what `emqx-ctl doctor` asks about it, as JSON'
complete -c emqxd -n "__fish_emqxd_needs_command" -l take-over -d 'What a running daemon starts another with, its stdin connected to it; with --check-config: print what it reads'
complete -c emqxd -n "__fish_emqxd_needs_command" -s h -l help -d 'Print help'
complete -c emqxd -n "__fish_emqxd_needs_command" -s V -l version -d 'Print version'
complete -c emqxd -n "__fish_emqxd_needs_command" -f -a "admin" -d 'Administrators, while the daemon is stopped; else `emqx-ctl admins`'
complete -c emqxd -n "__fish_emqxd_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and not __fish_seen_subcommand_from reset help" -s h -l help -d 'Print help'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and not __fish_seen_subcommand_from reset help" -f -a "reset" -d 'Set a new password for an administrator, who is added if there is none of that name'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and not __fish_seen_subcommand_from reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and __fish_seen_subcommand_from reset" -l password-file -d 'Read the password from a file, or from stdin with -; otherwise it is asked for' -r -F
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Set a new password for an administrator, who is added if there is none of that name'
complete -c emqxd -n "__fish_emqxd_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxd -n "__fish_emqxd_using_subcommand help; and not __fish_seen_subcommand_from admin help" -f -a "admin" -d 'Administrators, while the daemon is stopped; else `emqx-ctl admins`'
complete -c emqxd -n "__fish_emqxd_using_subcommand help; and not __fish_seen_subcommand_from admin help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxd -n "__fish_emqxd_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "reset" -d 'Set a new password for an administrator, who is added if there is none of that name'
