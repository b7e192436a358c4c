#!/bin/bash
# Exits 0 if the gateway of this container answers GET / with 200; with TLS on, plain HTTP is answered 400.
# Needs nothing but bash.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/${PORT:-8080}"
printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 || $status == 400 ]]
