title "The gateway's certificate is replaced by one about to expire"
since=$(now)
serve_a_dying_certificate
check "it serves the dying one" serves_a_dying_one
nudge
heals "the one that was issued is delivered again, loaded and proved by handshake" 60 serves_ours 3600
told "the journal tells it" "certificates/certificate/nginx.internal.example.*done and proved"
