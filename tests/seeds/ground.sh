# What the two scripts stand on: namespaces of their own for processes and mounts, so that `pidof haproxy` finds only their
# processes and /etc/haproxy.cfg is theirs; a link `haproxy` to byway; a site and a maintenance page. Sourced, not run.
# Usage: SCRIPT BYWAY PORT SITE-PORT MAINTENANCE-PORT

set -eu
if [ -z "${IN_NAMESPACE:-}" ]; then
    IN_NAMESPACE=1 exec unshare -Urpfm --mount-proc "$0" "$@"
fi
byway=$1 port=$2 site=$3 maintenance=$4

mount -t tmpfs none /etc
mkdir /etc/bin /etc/run
ln -s "$byway" /etc/bin/haproxy
PATH=/etc/bin:$PATH
"$byway" --origin "$site" site >/dev/null &
"$byway" --origin "$maintenance" maintenance >/dev/null &
for origin in "$site" "$maintenance"; do
    curl -s -o /dev/null --retry 100 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$origin/"
done

# config LINES: writes /etc/haproxy.cfg with these lines before the rule that they are for.
config() {
    cat >/etc/haproxy.cfg <<END
global
    daemon
    stats socket /etc/run/haproxy.sock level admin
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend http
    bind 127.0.0.1:$port
$1
    use_backend maintenance if maintenance_mode
    default_backend site
backend site
    server site 127.0.0.1:$site
backend maintenance
    server maintenance 127.0.0.1:$maintenance
END
}

# expect NAME: the next answer comes from there.
expect() {
    answer=$(curl -s --max-time 5 "http://127.0.0.1:$port/")
    case $answer in
        *"$1"*) echo "$1 answers" ;;
        *)
            echo "expected an answer of '$1', got: $answer" >&2
            exit 1
            ;;
    esac
}

# alone: exactly one process of that name is left, once those before it have finished.
alone() {
    for _ in $(seq 100); do
        [ "$(pidof haproxy | wc -w)" = 1 ] && return 0
        sleep 0.05
    done
    echo "left: $(pidof haproxy)" >&2
    exit 1
}
