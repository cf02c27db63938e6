title "SIGHUP with a broken file, then with a good one"
since=$(now)
if [ -z "$control" ]; then
  "$lab" exec cp /etc/phoenix/phoenix_vm_configs.json /tmp/good.json
  "$lab" exec sh -c 'head -c 200 /tmp/good.json >/etc/phoenix/phoenix_vm_configs.json'
  nudge
fi
told "the broken file is named with line and column" "phoenix_vm_configs.json:[0-9]+:[0-9]+"
daemon "phoenixd is still active" "$lab" exec systemctl is-active phoenixd
if [ -n "$control" ]; then
  rules=/nodes/pve1/qemu/1001/firewall/rules
  for position in $("$lab" pve GET $rules | jq -r '[.data[] | select(.dport == "2375" and .action == "ACCEPT").pos] | sort | reverse[]'); do
    "$lab" pve DELETE "$rules/$position" >/dev/null
  done
  comes "2375 is closed by hand" 5 is_closed_to_stranger 2375
fi
"$lab" pve POST /nodes/pve1/qemu/1001/firewall/rules type=in action=ACCEPT proto=tcp dport=2375 enable=1 >/dev/null
comes "a rule opens 2375 to a stranger" 5 fails is_closed_to_stranger 2375
nudge
heals "the old files stay in force: it is closed again" 60 is_closed_to_stranger 2375
if [ -z "$control" ]; then
  "$lab" exec cp /tmp/good.json /etc/phoenix/phoenix_vm_configs.json
  since=$(now)
  nudge
fi
told "the good file is in force" "desired state is in force"
