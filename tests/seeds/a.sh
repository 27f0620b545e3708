#!/bin/sh
# Runtime variables: an ACL reads a variable that is set from outside while the proxy runs.
. "$(dirname "$0")/ground.sh"

config '    acl variable maintenance_mode true'
haproxy -f /etc/haproxy.cfg
expect site
haproxy -S maintenance_mode=true
expect maintenance
haproxy -S maintenance_mode=false
expect site

# Only while the process runs: it is gone with it, and the command says so.
haproxy -S maintenance_mode=true
expect maintenance
killall haproxy
for _ in $(seq 100); do
    killall -0 haproxy 2>/dev/null || break
    sleep 0.05
done
if haproxy -S maintenance_mode=false 2>/dev/null; then
    echo "a variable was set in no process" >&2
    exit 1
fi
haproxy -f /etc/haproxy.cfg
expect site
