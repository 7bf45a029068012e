#!/bin/bash
# TCP between two official clients without a direct path, through the appliance's relay, and through
# Tailscale's own (derper), in interleaved rounds on one machine. Prints a line a test and, at the
# end, the medians as a table. Both pairs of clients belong to the appliance's tailnet; what the second
# pair sends to the relay's port is led to derper, which shows the same certificate. Root; iperf3, jq,
# curl, nft, openssl; a build (./mvnw package, or HEARTH names another bin/hearth); HEARTH_PEERS holds
# 1.102.5/{tailscale,tailscaled} and derper/derper (.ci/peers).
#   docs/bench/relay.sh [ROUNDS [SECONDS [WARM-UP]]]
set -eu
cd "$(dirname "$0")/../.."
HEARTH=${HEARTH:-appliance/launcher/target/hearth/bin/hearth}
HEARTH_PEERS=${HEARTH_PEERS:-$HOME/.cache/hearth-peers}
rounds=${1:-5} seconds=${2:-3} warm=${3:-10}
dir=$(mktemp -d) p=hr$$
ts="$HEARTH_PEERS/1.102.5" derper=${DERPER:-$HEARTH_PEERS/derper/derper}
hosts="rt srv dr a b c d"
finish() {
    for n in $hosts; do ip netns pids $p$n 2>/dev/null | xargs -r kill 2>/dev/null || true; done
    for _ in $(seq 50); do [ -z "$(jobs -pr)" ] && break; sleep 0.1; done
    for n in $hosts; do
        ip netns pids $p$n 2>/dev/null | xargs -r kill -9 2>/dev/null || true
        ip netns delete $p$n 2>/dev/null || true
        rm -rf /etc/netns/$p$n
    done
    wait 2> /dev/null
    rm -rf "$dir"
}
trap finish EXIT
i=0
for n in $hosts; do
    mkdir -p /etc/netns/$p$n
    echo "nameserver 127.0.0.1" > /etc/netns/$p$n/resolv.conf
    ip netns add $p$n
    ip -n $p$n link set lo up
    [ $n = rt ] && continue
    i=$((i + 1))
    ip -n ${p}rt link add to$n type veth peer name net0 netns $p$n
    ip -n ${p}rt address add 10.77.$i.1/24 dev to$n
    ip -n $p$n address add 10.77.$i.2/24 dev net0
    ip -n ${p}rt link set to$n up
    ip -n $p$n link set net0 up
    ip -n $p$n route add default via 10.77.$i.1
done
ip netns exec ${p}rt sysctl -qw net.ipv4.ip_forward=1
srv=10.77.1.2 dr=10.77.2.2
(
    cd "$dir"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$srv -keyout $srv.key -out server.csr
    echo "subjectAltName=IP:$srv" > san
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out leaf.pem
    cat leaf.pem ca.pem > $srv.crt
) > "$dir/openssl.log" 2>&1
ip netns exec ${p}srv "$HEARTH" serve --tun=off --tls-cert "$dir/$srv.crt" --tls-key "$dir/$srv.key" --state-dir "$dir/state" --socket "$dir/h.sock" > "$dir/hearth.log" 2>&1 &
ip netns exec ${p}dr "$derper" -a :443 -http-port -1 -stun=false -hostname $srv -certmode manual -certdir "$dir" -c "$dir/derper.json" > "$dir/derper.log" 2>&1 &
for _ in $(seq 100); do ip netns exec ${p}srv curl -fs http://127.0.0.1/health > "$dir/up" && break; sleep 0.3; done
key=$("$HEARTH" --socket "$dir/h.sock" keys create --reusable)
# no UDP but to loopback and the tunnel: no STUN, no direct path
block='table inet relay { chain o { type filter hook output priority 0; meta l4proto udp oifname "net0" drop; }; }'
# replies come back through the router, which turns the way to the relay's port
ip netns exec ${p}rt nft "table ip lead { chain p { type nat hook prerouting priority dstnat; ip daddr $srv tcp dport 443 iifname { toc, tod } dnat to $dr; }; }"
client() {
    local n=$1
    mkdir -p "$dir/$n/upper" "$dir/$n/work"
    ip netns exec $p$n nft "$block"
    ip netns exec $p$n env TS_NO_LOGS_NO_SUPPORT=true SSL_CERT_FILE="$dir/ca.pem" unshare -m bash -c \
        "umount /etc/resolv.conf; mount -t overlay overlay -o lowerdir=/etc,upperdir=$dir/$n/upper,workdir=$dir/$n/work /etc; exec $ts/tailscaled --statedir=$dir/$n --socket=$dir/$n/s --tun=tailscale0" > "$dir/$n.log" 2>&1 &
    for _ in $(seq 100); do [ -S "$dir/$n/s" ] && break; sleep 0.1; done
    ip netns exec $p$n $ts/tailscale --socket="$dir/$n/s" up --login-server=http://$srv --auth-key="$key" --hostname=$n > /dev/null 2>&1
}
for n in a b c d; do client $n; done
ip_of() { ip netns exec $p$1 $ts/tailscale --socket="$dir/$1/s" ip -4; }
b=$(ip_of b) d=$(ip_of d)
ip netns exec ${p}b iperf3 -s > /dev/null 2>&1 &
ip netns exec ${p}d iperf3 -s > /dev/null 2>&1 &
pid_of() { ip netns pids $p$1 | while read -r q; do grep -qz "$2" /proc/$q/cmdline && echo $q; done | head -1; }
ours=$(pid_of srv hearth.app.Main) theirs=$(pid_of dr derper)
for x in "a $b" "c $d"; do
    set -- $x
    for _ in $(seq 50); do ip netns exec $p$1 ping -c1 -W1 $2 > /dev/null && break; done
    ip netns exec $p$1 $ts/tailscale --socket="$dir/$1/s" ping -c 1 --until-direct=false $2
done
ticks() { awk '{print $14 + $15}' /proc/$1/stat; }
memory() { awk -v k=$2 '$1 == k":" {print int($2 / 1024)}' /proc/$1/status; }
one() { # one RELAY TEST FROM TO PID FLAGS...: "RELAY TEST Mbit/s relay-s/GB"
    local relay=$1 test=$2 from=$3 to=$4 pid=$5
    shift 5
    local before=$(ticks $pid)
    ip netns exec $p$from timeout $((seconds + 15)) iperf3 -c $to -t "$seconds" -J "$@" > "$dir/i.json" 2> "$dir/i.err" || return 0
    local after=$(ticks $pid)
    jq -r --arg n "$relay $test" --argjson t $((after - before)) \
        '.end.sum_received | "\($n) \(.bits_per_second / 1e6 | floor) \($t / 100 / (.bytes / 1e9) * 100 | floor / 100)"' "$dir/i.json" | tee -a "$dir/results"
}
ip netns exec ${p}a timeout $((warm + 15)) iperf3 -c $b -t "$warm" > "$dir/warm.log" || true
ip netns exec ${p}c timeout $((warm + 15)) iperf3 -c $d -t "$warm" > "$dir/warm.log" || true
touch "$dir/results"
for _ in $(seq "$rounds"); do
    one hearth one a $b $ours
    one derper one c $d $theirs
    one hearth eight a $b $ours -P 8
    one derper eight c $d $theirs -P 8
done
echo "derper's connections: $(ip netns exec ${p}dr ss -Htn state established '( sport = :443 )' | wc -l)"
echo
echo "| relay | streams | Mbit/s | CPU s/GB, relay | RSS now, high-water, MiB |"
echo "|---|---|---|---|---|"
for relay in hearth derper; do
    pid=$([ $relay = hearth ] && echo $ours || echo $theirs)
    for test in one eight; do
        median() { awk -v r=$relay -v t=$test -v f=$1 '$1 == r && $2 == t {print $f}' "$dir/results" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
        echo "| $relay | $test | $(median 3) | $(median 4) | $(memory $pid VmRSS), $(memory $pid VmHWM) |"
    done
done
