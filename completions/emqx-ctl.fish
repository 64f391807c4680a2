# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_emqx_ctl_global_optspecs
    string join \n s/socket= f/format= t/timeout= q/quiet v/verbose color= lang= compat= y/yes no-input h/help V/version
end

function __fish_emqx_ctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_emqx_ctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_emqx_ctl_using_subcommand
    set -l cmd (__fish_emqx_ctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -s V -l version -d 'Print version'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "status" -d 'Is the node running, and how is it'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "ping" -d 'Does the daemon answer: prints pong'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "version" -d 'Versions of emqx-ctl and emqxd'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "broker" -d 'The broker\'s description, statistics and metrics'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "listeners" -d 'Listeners: addresses, connections, why connections ended'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "clients" -d 'Connected clients and kept sessions'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "why" -d 'Why a client is offline, or was'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "disconnects" -d 'Connections that ended, newest first'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "topics" -d 'Topics somebody subscribed to'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "routes" -d 'Topics somebody subscribed to'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "subscriptions" -d 'Subscriptions of clients'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "retainer" -d 'Retained messages'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "log" -d 'Log levels and handlers'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "bench" -d 'Measure what a server carries; any MQTT server, by default the one of this machine'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "explain" -d 'What a reason, an error or a log line means; needs no daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "help" -d 'Help on a command or a topic: exit-codes, formats, compat'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -l exit-code -d 'Exit with 1 unless the node is started'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand ping" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -f -a "stats" -d 'Numbers of connections, sessions, subscriptions, now and at most'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and not __fish_seen_subcommand_from stats metrics" -f -a "metrics" -d 'Counts of bytes, packets and messages since start'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand broker; and __fish_seen_subcommand_from metrics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -a "list" -d 'All listeners'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -a "start" -d 'Accept connections again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -a "stop" -d 'Close the listener and its connections, until it or the node is started again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart" -a "restart" -d 'Stop and start: closes its connections, sets its counts to zero'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -f -a "list" -d 'All clients of this node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -f -a "show" -d 'One client'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick" -f -a "kick" -d 'End connections and discard their sessions'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l limit -d 'At most so many, in the order of their ids' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l after -d 'Only ids that sort after this one: the next page' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l columns -d 'Only these columns (of table, json, ndjson, csv), such as clientid,peername' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -l all -d 'List all of its connections that are remembered'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l since -d 'Only the latest: 10m, 1h, 2d' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l reason -d 'Only those with this reason, in EMQX 5\'s or EMQX 4\'s word' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l client -d 'Only those of this client' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l limit -d 'At most so many' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l columns -d 'Only these columns (of table, json, ndjson, csv), such as time,reason' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand disconnects" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'Every topic filter somebody subscribed to, and on which node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'The nodes of exactly this filter'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand topics; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'Every topic filter somebody subscribed to, and on which node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'The nodes of exactly this filter'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand routes; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -f -a "list" -d 'All subscriptions of this node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -f -a "show" -d 'Those of one client'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -f -a "add" -d 'Subscribe a client'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and not __fish_seen_subcommand_from list show add del" -f -a "del" -d 'Unsubscribe a client'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand subscriptions; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -f -a "info" -d 'How many messages are retained'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -f -a "topics" -d 'Their topics'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and not __fish_seen_subcommand_from info topics clean" -f -a "clean" -d 'Delete all retained messages, or those of a topic filter'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from topics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand retainer; and __fish_seen_subcommand_from clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -f -a "set-level" -d 'Set the level of the log and of all its handlers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -f -a "primary-level" -d 'Show or set the primary level'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -f -a "level" -d 'Show the primary level, or set it and that of all handlers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and not __fish_seen_subcommand_from set-level primary-level level handlers" -f -a "handlers" -d 'Where the log goes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from set-level" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from primary-level" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -f -a "list" -d 'All handlers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -f -a "start" -d 'Let a handler write'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -f -a "stop" -d 'Let a handler be silent'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from handlers" -f -a "set-level" -d 'Set the level of one handler'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "connect" -d 'Connection storm: how fast clients get in, and what each costs the server'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "fan-in" -d 'Many publishers, one subscriber of all their topics'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "fan-out" -d 'One publisher, many subscribers of its topic'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "p2p" -d 'Pairs: each publisher has a subscriber of its own'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "shared" -d 'Publishers, and groups of shared subscriptions that take turns'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "wildcard" -d 'Many filters, most with wildcards; each message matches one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and not __fish_seen_subcommand_from connect fan-in fan-out p2p shared wildcard retained" -f -a "retained" -d 'Store retained messages (QoS 1 at least), let a new subscriber fetch them, then clear them'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l clients -d 'Clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l rate -d 'New connections a second (500, 500/s); otherwise as fast as they are accepted' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l topics -d 'Topics; otherwise one for each publisher' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l subscribers -d 'Subscribers; each gets every message' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l subscribers -d 'Subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l publishers -d 'Publishers; there are as many subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l topics -d 'Topics; otherwise one for each publisher' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l groups -d 'Share groups; each gets every message once' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l subscribers -d 'Subscribers of each group' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l subscribers -d 'Subscribers, among which the filters are dealt out' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l filters -d 'Filters' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l host -d 'Address or name of the server' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l port -d 'Its MQTT port' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l protocol -d 'MQTT version' -r -f -a "3.1.1\t''
5\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l username -d 'User name of all clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l password-file -d 'File with their password; a line end at its end does not count' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l window -d 'Messages of a publisher that may be on their way; 100, or fewer so that no queue of 1000 overflows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l count -d 'Retained messages, each with a topic of its own' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
