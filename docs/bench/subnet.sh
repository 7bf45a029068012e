#!/bin/bash
# A client's TCP to a LAN host through the appliance, and through a tailscaled subnet router, in
# interleaved rounds on one machine. Root; iperf3, jq, curl, python3; HEARTH (the distribution's bin/hearth),
# HEARTH_PEERS (tailscale and tailscaled in 1.102.5/). usage: subnet.sh [ROUNDS [SECONDS [WARM-UP]]]
set -eu
rounds=${1:-5} seconds=${2:-4} warm=${3:-20}
dir=$(mktemp -d) p=hb$$
ts="$HEARTH_PEERS/1.102.5"
hosts="rt srv a r lan lan2"
finish() {
    for n in $hosts; do ip netns pids $p$n 2>/dev/null | xargs -r kill 2>/dev/null || true; done
    sleep 1
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
ours=$(pid_of srv hearth.app.Main) theirs=$(pid_of r tailscaled)
ticks() { awk '{print $14 + $15}' /proc/$1/stat; }
one() { # one NAME ADDRESS PID FLAGS...: a line "NAME Mbit/s CPU-s/GB of the router"
    local name=$1 to=$2 pid=$3
    shift 3
    local before=$(ticks $pid)
    ip netns exec ${p}a iperf3 -c $to -t "$seconds" -J "$@" > "$dir/i.json" || return 0
    local after=$(ticks $pid)
    jq -r --arg n "$name" --argjson t $((after - before)) \
        '.end.sum_received | "\($n) \(.bits_per_second / 1e6 | floor) \($t / 100 / (.bytes / 1e9) * 100 | floor / 100)"' "$dir/i.json"
}
for to in 192.168.77.2 192.168.88.2; do
    for _ in $(seq 20); do ip netns exec ${p}a ping -c1 -W1 $to > /dev/null 2>&1 && break; sleep 0.5; done
    ip netns exec ${p}a iperf3 -c $to -t $((warm / 2)) > /dev/null 2>&1 || true
done
for _ in $(seq "$rounds"); do
    one hearth 192.168.77.2 $ours
    one tailscaled 192.168.88.2 $theirs
    one hearth-reverse 192.168.77.2 $ours -R
    one tailscaled-reverse 192.168.88.2 $theirs -R
done | python3 -c '
import statistics, sys
rows = {}
for line in sys.stdin:
    name, mbit, cpu = line.split()
    rows.setdefault(name, []).append((float(mbit), float(cpu)))
for name, got in sorted(rows.items()):
    m = [x[0] for x in got]
    print(f"{name:20} Mbit/s median {statistics.median(m):.0f} [{min(m):.0f}-{max(m):.0f}], "
          f"router CPU s/GB {statistics.median(x[1] for x in got):.2f}, {len(got)} rounds")'
for w in "hearth $ours" "tailscaled $theirs"; do
    set -- $w
    echo "$1 memory high-water: $(awk '/VmHWM/ {print int($2/1024)}' /proc/$2/status) MiB"
done
