title "Nginx's configuration is edited by hand"
since=$(now)
conf=/etc/nginx/conf.d/phoenix-gateway.conf
guest 101 sh -c "sed -i 's/proxy_ssl_verify on/proxy_ssl_verify off/; s/TLSv1.2 TLSv1.3/TLSv1.2/' $conf && systemctl reload nginx"
speaks_13() { stranger openssl s_client -tls1_3 -connect 10.0.0.153:443 -servername echo.internal.example </dev/null; }
verifies() { guest 101 grep -q 'proxy_ssl_verify on' $conf && speaks_13; }
comes "it no longer verifies Traefik" 10 fails verifies
nudge
heals "the file is as declared, and loaded" 30 verifies
told "the journal tells the lines" "nginx/gateway/101.*(proxy_ssl_verify|done and proved)"
