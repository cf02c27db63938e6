title "2375 is opened in the rules, and dockerd listens there"
since=$(now)
ipv6=$(exposure_address 1001/6)
opened() { is "$(probe stranger "$ipv6" 2375)" open && plaintext_pings; }
# Without --tls=false dockerd would wait 15 s and warn, which is its own way to say what this is.
guest 1001 sh -c 'mkdir -p /etc/systemd/system/docker.service.d
  printf "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// -H tcp://[::]:2375 --tls=false --containerd=/run/containerd/containerd.sock\n" \
    >/etc/systemd/system/docker.service.d/override.conf
  systemctl daemon-reload; systemctl restart docker'
"$lab" pve POST /nodes/pve1/qemu/1001/firewall/rules type=in action=ACCEPT proto=tcp dport=2375 enable=1 >/dev/null
comes "a stranger is root on the manager, over IPv6, too" 20 opened
nudge
heals "his packets are stopped at once" 20 is_closed_to_stranger 2375
heals "over IPv6, too" 20 is_closed_over_ipv6 2375
heals "dockerd no longer listens on TCP" 90 fails dockerd_listens
[ -n "$control" ] || comes "the swarm and the service are back" 60 echo_answers
told "the journal tells it" "(firewall|docker-api/engine)/1001.*(differs|done and proved)"
