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
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "license" -d 'The licence: what it allows, another one, issuing one'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "conf" -d 'The configuration: what is in force, what a file would change, reading it anew'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "tls" -d 'Certificates of the listeners: what they say, what is wrong, reading them again'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "top" -d 'Clients by what they send and receive, renewed until Ctrl-C'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "events" -d 'What happens on the node'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "errors" -d 'The last malformed frames, with the byte at fault'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "cluster" -d 'Nodes of the cluster'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "vm" -d 'EMQX\'s figures of machine and process'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "mnesia" -d 'What the store holds'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "olp" -d 'Overload protection'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "pem_cache" -d 'Certificates that were read'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "authn" -d 'Who may connect: authenticators, and users that are kept on this node'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "user" -d 'EMQX 4: users of the built-in database by user name'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "clientid" -d 'EMQX 4: users of the built-in database by client id'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "authz" -d 'Who may publish and subscribe to what'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "plugins" -d 'Plugins: this version has none'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "log" -d 'Log levels and handlers'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "trace" -d 'Follow a client, a topic or an address through the broker'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "traces" -d 'Named traces in the daemon\'s folder'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "admins" -d 'Who may use the HTTP API'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "admin" -d 'As `admins`; `admin USER PASSWORD` sets a password'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "banned" -d 'Who may not connect'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "alarms" -d 'What troubles the node'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "data" -d 'Take administrators and bans to another node'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "bench" -d 'Measure what a server carries; any MQTT server, by default the one of this machine'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "doctor" -d 'What is wrong with the node, or soon will be; half of it without a daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_needs_command" -f -a "diagnose" -d 'A file for those who are to help, and reading one'
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l watch -d 'Look again and again, and say what happened since the last look' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l looks -d 'End after so many looks' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "list" -d 'All listeners'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "start" -d 'Accept connections again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "stop" -d 'Close the listener and its connections, until it or the node is started again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "restart" -d 'Stop and start: closes its connections, sets its counts to zero'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "enable" -d 'Start it, now and whenever the node starts; with `false` as disable'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and not __fish_seen_subcommand_from list start stop restart enable disable" -a "disable" -d 'Stop it, now and whenever the node starts, until it is enabled'
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "info" -d 'The licence in force'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "show" -d 'What a licence says; needs no daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "diff" -d 'What would change with another licence; of two licences, without a daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "update" -d 'Put a licence in force'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "reload" -d 'Put the licence of a file in force, or read the daemon\'s own file anew'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "check" -d 'Is the licence good for a while: exit code 1 if not'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "history" -d 'The most sessions of each month or day'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "keygen" -d 'Make a pair of keys to issue licences with; needs no daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and not __fish_seen_subcommand_from info show diff update reload check history keygen issue" -f -a "issue" -d 'Issue a licence; needs no daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -l issuer-key -d 'Public key of an issuer to check the signature with, besides EMQX\'s' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -l force -d 'Also one with which no new connection will be accepted'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -l days -d 'It has to be good for so many days' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l period -d 'What a row covers: daily or monthly' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l json -d 'As JSON, like -f json'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -l rsa -d 'An RSA key of 3072 bits instead of ECDSA on P-256'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from keygen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l key -d 'The private key, as keygen made it' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l customer -d 'Whose it is' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l email -d 'The customer\'s address' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l deployment -d 'What it is for' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l type -d 'What happens at its end' -r -f -a "trial\t''
official\t''
community\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l customer-type -d 'EMQX\'s number: 0 small, 1 medium, 2 large, 3 business critical, 4 own cloud, 10 evaluation' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l start -d 'Its first day as YYYYMMDD; today if not given' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l days -d 'For how many days' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l sessions -d 'How many sessions it allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l tps -d 'Messages a second; no limit if not given' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s o -l output -d 'Write it there; otherwise to standard output' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand license; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -f -a "show" -d 'Settings in force, secrets as ******'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -f -a "show_keys" -d 'The sections there may be'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -f -a "check" -d 'Check the daemon\'s file, or another one, without touching anything'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -f -a "diff" -d 'What the daemon\'s file, or another one, would change'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and not __fish_seen_subcommand_from show show_keys check diff reload" -f -a "reload" -d 'Read the daemon\'s file anew: what can be changed while it runs is, the rest is named'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -l origin -d 'Say where each value comes from'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from show_keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand conf; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -f -a "certs" -d 'The certificates of the listeners'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -f -a "check" -d 'What is wrong with certificates: those of the listeners, a file, or another host'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and not __fish_seen_subcommand_from certs check reload" -f -a "reload" -d 'Read the certificates again; clients stay connected'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from certs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l key -d 'The key that should belong to it, PEM' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l ca -d 'The CAs that clients trust, PEM; otherwise those of this system' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l host -d 'Look at what another host shows; needs no daemon' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand tls; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l sort -d 'What clients are ordered by' -r -f -a "rate\t'Messages in and out'
in\t'Messages from the client'
out\t'Messages to the client'
bytes\t'Bytes in and out'
queue\t'Messages waiting'
inflight\t'Messages not acknowledged'
dropped\t'Messages dropped'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l count -d 'Clients shown' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l interval -d 'Time between two looks' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l once -d 'One screen, then end'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l client -d 'Only those about this client' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l kind -d 'Only these, such as connected,alarm_raised' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l follow -d 'What happens from now on (-f); otherwise the last 100'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -l limit -d 'At most so many; 32 are remembered' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand errors" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -f -a "status" -d 'The nodes that run and those that do not'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -f -a "join" -d 'Join the cluster of another node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -f -a "leave" -d 'Leave the cluster'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and not __fish_seen_subcommand_from status join leave force-leave" -f -a "force-leave" -d 'Remove a node from the cluster'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l json -d 'As JSON in EMQX\'s layout'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand cluster; and __fish_seen_subcommand_from force-leave" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand vm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand mnesia" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -f -a "status" -d 'Is the node overloaded'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -f -a "enable" -d 'Watch for overload'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and not __fish_seen_subcommand_from status enable disable" -f -a "disable" -d 'Do not'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand olp; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and not __fish_seen_subcommand_from clean" -f -a "clean" -d 'Forget certificates that were read'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -f -a "all" -d 'On all nodes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand pem_cache; and __fish_seen_subcommand_from clean" -f -a "node" -d 'On one node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -f -a "list" -d 'Who is asked about clients that connect, in order'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -f -a "status" -d 'Who is asked about clients that connect, in order'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and not __fish_seen_subcommand_from list status users" -f -a "users" -d 'Users that are kept on this node (backend built_in_database)'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -f -a "list" -d 'All users, by name'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -f -a "add" -d 'Add one; asks for the password if no file is given'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -f -a "passwd" -d 'Give one a new password'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -f -a "del" -d 'Remove one; its connection stays until it ends'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authn; and __fish_seen_subcommand_from users" -f -a "import" -d 'Take over the users of a .csv or .json file'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -f -a "list" -d 'All of them'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -f -a "add" -d 'Add one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -f -a "update" -d 'Give one a new password'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and not __fish_seen_subcommand_from list add update del" -f -a "del" -d 'Remove one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand user; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -f -a "list" -d 'All of them'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -f -a "add" -d 'Add one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -f -a "update" -d 'Give one a new password'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and not __fish_seen_subcommand_from list add update del" -f -a "del" -d 'Remove one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand clientid; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "list" -d 'Who is asked about publishes and subscriptions, in order'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "show" -d 'The rules of the file that is in force'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "check" -d 'What a client may do, and which rule says so; exit code 1 if it may not'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "rules" -d 'Rules of the node\'s own store (source built_in_database)'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "reload" -d 'Read the file of the rules anew, whole or not at all'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and not __fish_seen_subcommand_from list show check rules reload cache-clean" -f -a "cache-clean" -d 'Forget decisions: all, node NODE, or CLIENTID'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l username -d 'In place of its user name' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l ip -d 'In place of its address' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l qos -d 'Of the message, or asked for' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l retain -d 'The message is to be retained'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -f -a "list" -d 'All rules, or those of one client id, of one user, or for everybody'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -f -a "add" -d 'Add a rule behind those that are there'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from rules" -f -a "del" -d 'Delete the rules about a topic, or all of one owner'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand authz; and __fish_seen_subcommand_from cache-clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and not __fish_seen_subcommand_from list" -f -a "list" -d 'All plugins: this version has none'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand plugins; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand log; and __fish_seen_subcommand_from level" -l for -d 'Back to what it is now after this time, at most 24h' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "list" -d 'All traces: what they follow, where to, what they lost'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "start" -d 'Follow a client, a topic or an address: into FILE, into the daemon\'s folder (--name), or here (-f)'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "stop" -d 'Stop a trace: by its name, or by TYPE VALUE as it was started'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "tail" -d 'Show the lines of a running trace from now on'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "delete" -d 'Stop a trace and remove its file from the daemon\'s folder'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "client" -d 'trace client CLIENTID FILE [LEVEL] | off'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "topic" -d 'trace topic FILTER FILE [LEVEL] | off'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and not __fish_seen_subcommand_from list start stop tail delete client topic ip_address" -f -a "ip_address" -d 'trace ip_address ADDRESS FILE [LEVEL] | off'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l name -d 'The trace\'s name; without FILE it is written in the daemon\'s folder' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l duration -d 'When it stops by itself: 90s, 30m, 8h; 30m unless said otherwise, 24h for FILE without --name' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l max-size -d 'Size at which it stops: 10MiB, 1GiB; 512MiB unless said otherwise' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l rate -d 'Lines a second, the others are lost and counted; 500/s for what is only watched' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l payload -d 'How payloads look' -r -f -a "text\t'As text, hexadecimal if it is none'
hex\t'Hexadecimal'
hidden\t'Not at all'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l payload-limit -d 'Longer payloads are cut, bytes' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l follow -d 'Show the lines here, too (-f); without FILE and --name the trace ends with this command'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l append -d 'Write behind what FILE has already'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l name -d 'The trace\'s name; without FILE it is written in the daemon\'s folder' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l duration -d 'When it stops by itself: 90s, 30m, 8h; 30m unless said otherwise, 24h for FILE without --name' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l max-size -d 'Size at which it stops: 10MiB, 1GiB; 512MiB unless said otherwise' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l rate -d 'Lines a second, the others are lost and counted; 500/s for what is only watched' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l payload -d 'How payloads look' -r -f -a "text\t'As text, hexadecimal if it is none'
hex\t'Hexadecimal'
hidden\t'Not at all'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l payload-limit -d 'Longer payloads are cut, bytes' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l follow -d 'Show the lines here, too (-f); without FILE and --name the trace ends with this command'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l append -d 'Write behind what FILE has already'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from client" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l name -d 'The trace\'s name; without FILE it is written in the daemon\'s folder' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l duration -d 'When it stops by itself: 90s, 30m, 8h; 30m unless said otherwise, 24h for FILE without --name' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l max-size -d 'Size at which it stops: 10MiB, 1GiB; 512MiB unless said otherwise' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l rate -d 'Lines a second, the others are lost and counted; 500/s for what is only watched' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l payload -d 'How payloads look' -r -f -a "text\t'As text, hexadecimal if it is none'
hex\t'Hexadecimal'
hidden\t'Not at all'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l payload-limit -d 'Longer payloads are cut, bytes' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l follow -d 'Show the lines here, too (-f); without FILE and --name the trace ends with this command'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l append -d 'Write behind what FILE has already'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from topic" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l name -d 'The trace\'s name; without FILE it is written in the daemon\'s folder' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l duration -d 'When it stops by itself: 90s, 30m, 8h; 30m unless said otherwise, 24h for FILE without --name' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l max-size -d 'Size at which it stops: 10MiB, 1GiB; 512MiB unless said otherwise' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l rate -d 'Lines a second, the others are lost and counted; 500/s for what is only watched' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l payload -d 'How payloads look' -r -f -a "text\t'As text, hexadecimal if it is none'
hex\t'Hexadecimal'
hidden\t'Not at all'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l payload-limit -d 'Longer payloads are cut, bytes' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l follow -d 'Show the lines here, too (-f); without FILE and --name the trace ends with this command'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l append -d 'Write behind what FILE has already'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand trace; and __fish_seen_subcommand_from ip_address" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -f -a "list" -d 'The named traces'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -f -a "start" -d 'Start a trace in the daemon\'s folder'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -f -a "stop" -d 'Stop a trace'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and not __fish_seen_subcommand_from list start stop delete" -f -a "delete" -d 'Stop a trace and remove its file'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand traces; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -f -a "list" -d 'All administrators'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -f -a "add" -d 'Add one; asks for the password if none is given'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -f -a "passwd" -d 'Give one a new password, and let it in again after too many wrong ones'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and not __fish_seen_subcommand_from list add passwd del" -f -a "del" -d 'Remove one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from passwd" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admins; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -f -a "list" -d 'All administrators'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -f -a "add" -d 'Add one; asks for the password if none is given'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -f -a "passwd" -d 'Give one a new password, and let it in again after too many wrong ones'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and not __fish_seen_subcommand_from list add passwd del" -f -a "del" -d 'Remove one'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -l password-file -d 'Read the password from a file, or from stdin with -' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from passwd" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand admin; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -f -a "list" -d 'Who may not connect'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -f -a "add" -d 'Keep clients out, and end the connections of those who are in'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -f -a "del" -d 'Let them in again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and not __fish_seen_subcommand_from list add del clear" -f -a "clear" -d 'Let all in again'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l reason -d 'Why, for people' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l by -d 'Who bans; otherwise the caller' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l for -d 'For how long; otherwise for ever' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand banned; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and not __fish_seen_subcommand_from list" -f -a "list" -d 'What troubles the node'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -l history -d 'What did, and is over'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand alarms; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -f -a "export" -d 'Write administrators, bans and accounts of clients into a file that another node can import'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and not __fish_seen_subcommand_from export import" -f -a "import" -d 'Take over what another node exported; what has the same name is replaced, the rest stays'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -l dir -d 'The folder of the file; otherwise the one you are in' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand data; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l clients -d 'Clients' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l hold -d 'How long to keep them connected afterwards, to see what idle clients cost' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from connect" -l keep-alive -d 'How often each sends a PINGREQ meanwhile' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l rate -d 'Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l duration -d 'How long to measure' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l warm-up -d 'How long to run before that' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-in" -l topics -d 'Topics; otherwise ten for each publisher' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from fan-out" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from p2p" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from shared" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from wildcard" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l source -d 'Local addresses to connect from, in turn; otherwise the system\'s choice, and several of 127.0.0.0/8 for many connections to the loopback' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l server-pid -d 'Process to account for as the server; otherwise the daemon behind the control socket' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l qos -d 'Quality of service, of publishers and subscribers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l payload -d 'Bytes of a payload; 16 of them carry time and sequence number' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l window -d 'Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l publishers -d 'Publishers' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l count -d 'Retained messages, each with a topic of its own' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand bench; and __fish_seen_subcommand_from retained" -l pause -d 'How long the subscriber stops reading once it has a tenth of them' -r
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
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l config -d 'The configuration file to look at when no daemon answers' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l offline -d 'Do not ask the daemon: configuration, ports, files and kernel only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l strict -d 'Exit with 1 for warnings, too'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -f -a "bundle" -d 'Write a file for those who are to help; secrets are taken out'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and not __fish_seen_subcommand_from bundle analyze" -f -a "analyze" -d 'Judge the facts in such a file as doctor does'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s o -l out -d 'Where to write it; a name with node and time in this folder unless given' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l config -d 'The configuration file to look at when no daemon answers' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l anonymize -d 'Pseudonyms in place of client ids, user names, addresses and topics'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l force -d 'Replace a file that is there'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l offline -d 'Do not ask the daemon'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s s -l socket -d 'The control socket; otherwise the usual places are searched' -r -F
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s f -l format -d 'How to draw the answer' -r -f -a "auto\t'A table on a terminal, EMQX\'s text everywhere else'
emqx\t'EMQX\'s text, for scripts'
table\t'A table'
json\t'One JSON document'
ndjson\t'A JSON object a line'
csv\t'Comma separated, with a header'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s t -l timeout -d 'How long to wait for each part of the answer' -r
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -l lang -d 'The language of explanations; otherwise that of the locale' -r -f -a "en\t''
zh\t''"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -l compat -d 'The EMQX generation whose texts are printed' -r -f -a "4\t'EMQX 4.3 and 4.4'
5\t'EMQX 5 and later'"
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -l strict -d 'Exit with 1 for warnings, too'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print data and errors only'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s v -l verbose -d 'Say on stderr who answers'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s y -l yes -d 'Answer every question with yes'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -l no-input -d 'Never ask'
complete -c emqx-ctl -n "__fish_emqx_ctl_using_subcommand diagnose; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help (see more with \'--help\')'
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
