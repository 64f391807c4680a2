complete -c emqxd -s c -l config -d 'Configuration file; /etc/emqx/emqx.conf is read when it exists and none is named' -r -F
complete -c emqxd -l check-config -d 'Check the configuration and exit: 0 if it is good, 78 if not. Touches nothing'
complete -c emqxd -s h -l help -d 'Print help'
complete -c emqxd -s V -l version -d 'Print version'
