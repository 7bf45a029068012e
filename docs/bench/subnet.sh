#!/bin/bash
# A client's TCP to a LAN host through the appliance, and through a tailscaled subnet router, in
# interleaved rounds on one machine. Prints a line a test and, at the end, the medians as a table. With
# the defaults under two minutes. Root; iperf3, jq, curl, python3; a build (./mvnw package, or HEARTH
# names another bin/hearth); HEARTH_PEERS holds 1.102.5/{tailscale,tailscaled}.
#   docs/bench/subnet.sh [ROUNDS [SECONDS [WARM-UP]]]
set -eu
cd "$(dirname "$0")/../.."
HEARTH=${HEARTH:-appliance/launcher/target/hearth/bin/hearth}
HEARTH_PEERS=${HEARTH_PEERS:-$HOME/.cache/hearth-peers}
rounds=${1:-5} seconds=${2:-3} warm=${3:-20}
dir=$(mktemp -d) p=hb$$
ts="$HEARTH_PEERS/1.102.5"
hosts="rt srv a r lan lan2"
finish() {
    for n in $hosts; do ip netns pids $p$n 2>/dev/null | xargs -r kill 2>/dev/null || true; done
    for _ in $(seq 50); do kill -0 ${ours:-} 2>/dev/null || break; sleep 0.1; done
    for n in $hosts; do
        ip netns pids $p$n 2>/dev/null | xargs -r kill -9 2>/dev/null || true
        ip netns delete $p$n 2>/dev/null || true
        rm -rf /etc/netns/$p$n
    done
    rm -rf "$dir"
}
trap finish EXIT
for n in $hosts; do
    mkdir -p /etc/netns/$p$n
    echo "nameserver 127.0.0.1" > /etc/netns/$p$n/resolv.conf
    ip netns add $p$n
    ip -n $p$n link set lo up
done
link() { # link HOST ADDRESS HOST ADDRESS
    ip -n $p$1 link add to$3 type veth peer name to$1 netns $p$3
    ip -n $p$1 address add $2 dev to$3
    ip -n $p$3 address add $4 dev to$1
    ip -n $p$1 link set to$3 up
    ip -n $p$3 link set to$1 up
}
link rt 10.77.1.1/24 srv 10.77.1.2/24
link rt 10.77.2.1/24 a 10.77.2.2/24
link rt 10.77.3.1/24 r 10.77.3.2/24
link srv 192.168.77.1/24 lan 192.168.77.2/24
link r 192.168.88.1/24 lan2 192.168.88.2/24
ip netns exec ${p}rt sysctl -qw net.ipv4.ip_forward=1
ip netns exec ${p}r sysctl -qw net.ipv4.ip_forward=1
for h in "srv 10.77.1.1" "a 10.77.2.1" "r 10.77.3.1" "lan 192.168.77.1" "lan2 192.168.88.1"; do
    set -- $h
    ip -n $p$1 route add default via $2
done
ip netns exec ${p}srv "$HEARTH" serve --state-dir "$dir/state" --socket "$dir/h.sock" > "$dir/hearth.log" 2>&1 &
for _ in $(seq 100); do ip netns exec ${p}srv curl -fs http://127.0.0.1/health > "$dir/up" && break; sleep 0.3; done
cli() { "$HEARTH" --socket "$dir/h.sock" "$@"; }
key=$(cli keys create --reusable)
client() { # client HOST FLAGS...
    local n=$1
    shift
    mkdir -p "$dir/$n/upper" "$dir/$n/work"
    ip netns exec $p$n env TS_NO_LOGS_NO_SUPPORT=true unshare -m bash -c \
        "umount /etc/resolv.conf; mount -t overlay overlay -o lowerdir=/etc,upperdir=$dir/$n/upper,workdir=$dir/$n/work /etc; exec $ts/tailscaled --statedir=$dir/$n --socket=$dir/$n/s --tun=tailscale0" > "$dir/$n.log" 2>&1 &
    for _ in $(seq 100); do [ -S "$dir/$n/s" ] && break; sleep 0.1; done
    ip netns exec $p$n $ts/tailscale --socket="$dir/$n/s" up --login-server=http://10.77.1.2 --auth-key="$key" --hostname=$n "$@" > /dev/null 2>&1
}
client a --accept-routes
client r --advertise-routes=192.168.88.0/24
cli routes approve hearth 192.168.77.0/24
cli routes approve r 192.168.88.0/24
ip netns exec ${p}lan iperf3 -s > /dev/null 2>&1 &
ip netns exec ${p}lan2 iperf3 -s > /dev/null 2>&1 &
pid_of() { ip netns pids $p$1 | while read -r q; do grep -qz "$2" /proc/$q/cmdline && echo $q; done | head -1; }
ours=$(pid_of srv hearth.app.Main) theirs=$(pid_of r tailscaled) client=$(pid_of a tailscaled)
ticks() { awk '{print $14 + $15}' /proc/$1/stat; }
one() { # one ROUTER TEST ADDRESS PID FLAGS...: "ROUTER TEST Mbit/s s/GB-of-the-router s/GB-of-the-client"
    local router=$1 test=$2 to=$3 pid=$4
    shift 4
    local before=$(ticks $pid) before_client=$(ticks $client)
    ip netns exec ${p}a timeout $((seconds + 15)) iperf3 -c $to -t "$seconds" -J "$@" > "$dir/i.json" 2> "$dir/i.err" || return 0
    local after=$(ticks $pid) after_client=$(ticks $client)
    jq -r --arg n "$router $test" --argjson t $((after - before)) --argjson u $((after_client - before_client)) \
        'def perGB($ticks): $ticks / 100 / (.bytes / 1e9) * 100 | floor / 100;
         .end.sum_received | "\($n) \(.bits_per_second / 1e6 | floor) \(perGB($t)) \(perGB($u))"' "$dir/i.json" | tee -a "$dir/results"
}
for to in 192.168.77.2 192.168.88.2; do
    for _ in $(seq 20); do ip netns exec ${p}a ping -c1 -W1 $to > /dev/null 2>&1 && break; sleep 0.5; done
    for way in "" -R; do ip netns exec ${p}a iperf3 -c $to -t $((warm / 4)) $way > "$dir/warm" 2>&1 || true; done
done
echo "# router direction Mbit/s CPU-s/GB-of-the-router CPU-s/GB-of-the-client"
for _ in $(seq "$rounds"); do
    one hearth to-lan 192.168.77.2 $ours
    one tailscaled to-lan 192.168.88.2 $theirs
    one hearth from-lan 192.168.77.2 $ours -R
    one tailscaled from-lan 192.168.88.2 $theirs -R
done
for w in "hearth $ours" "tailscaled $theirs"; do
    set -- $w
    echo "$1 memory $(awk '/VmHWM/ {print int($2/1024)}' /proc/$2/status) $(awk '/VmRSS/ {print int($2/1024)}' /proc/$2/status)" >> "$dir/results"
done
echo
python3 - "$dir/results" <<'P'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    router, test, *values = line.split()
    rows.setdefault((router, test), []).append([float(v) for v in values])
def cell(router, test):
    got = list(zip(*rows.get((router, test), [])))
    if not got:
        return "none"
    m = [statistics.median(v) for v in got]
    if test == "memory":
        return f"{m[0]:.0f} / {m[1]:.0f}"
    return f"{m[0]:.0f} [{min(got[0]):.0f}-{max(got[0]):.0f}], {m[1]:.2f}, {m[2]:.2f}, {len(got[0])} rounds"
print("| | hearth | tailscaled | Mbit/s, ours : theirs, median of the rounds' ratios |")
print("|---|---|---|---|")
for test, title in [("to-lan", "client to LAN: Mbit/s [least-most], router CPU s/GB, client CPU s/GB"), ("from-lan", "LAN to client")]:
    pairs = zip(rows.get(("hearth", test), []), rows.get(("tailscaled", test), []))
    ratios = [a[0] / b[0] for a, b in pairs if b[0]]
    ratio = f"{statistics.median(ratios):.2f}" if ratios else ""
    print(f"| {title} | {cell('hearth', test)} | {cell('tailscaled', test)} | {ratio} |")
print(f"| router memory high-water / at the end, MiB | {cell('hearth', 'memory')} | {cell('tailscaled', 'memory')} | |")
P
