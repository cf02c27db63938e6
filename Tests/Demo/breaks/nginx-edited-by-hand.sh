title "Nginx's configuration is edited by hand"
since=$(now)
conf=/etc/nginx/conf.d/phoenix-gateway.conf
guest 101 cp -p $conf /root/kept
guest 101 sh -c "sed -i 's/proxy_ssl_verify on/proxy_ssl_verify off/; s/TLSv1.2 TLSv1.3/TLSv1.2/' $conf && systemctl reload nginx"
speaks_13() { stranger openssl s_client -tls1_3 -connect 10.0.0.153:443 -servername echo.internal.example </dev/null; }
verifies() { guest 101 grep -q 'proxy_ssl_verify on' $conf && speaks_13; }
comes "it no longer verifies Traefik" 10 fails verifies
nudge
heals "the file is as declared, and loaded" 30 verifies
told "the journal tells the lines" "nginx/gateway/101.*(proxy_ssl_verify|done and proved)"

# The same edit, loaded and put back: the file is as it should be, and what nginx does is not.
since=$(now)
if [ -n "$control" ]; then
  guest 101 sh -c "cp -p /root/kept $conf && systemctl reload nginx"
  comes "put back and loaded by hand, it speaks TLS 1.3" 10 speaks_13
fi
guest 101 sh -c "sed -i 's/TLSv1.2 TLSv1.3/TLSv1.2/' $conf && nginx -s reload && sleep 1 && cp -p /root/kept $conf"
comes "its file is right, and it speaks no TLS 1.3" 10 fails speaks_13
nudge
heals "it has loaded its file anew" 30 speaks_13
told "the journal tells that it was touched" "nginx/gateway/101.*(touched|done and proved)"
