#!/bin/sh
# Environment variables: a new process with another environment, or another value on its command line, takes over.
. "$(dirname "$0")/ground.sh"

config '    acl maintenance_mode env_int(HAPROXY_MAINT) gt 0'
haproxy -f /etc/haproxy.cfg
expect site

HAPROXY_MAINT=1 haproxy -f /etc/haproxy.cfg -sf $(pidof haproxy)
expect maintenance
HAPROXY_MAINT=0 haproxy -f /etc/haproxy.cfg -sf $(pidof haproxy)
expect site
haproxy -f /etc/haproxy.cfg -s HAPROXY_MAINT=1 -sf $(pidof haproxy)
expect maintenance
alone

# And later, from outside.
haproxy -S HAPROXY_MAINT=0
expect site
haproxy -S HAPROXY_MAINT=
expect maintenance
