#!/bin/bash
# Measures our engine beside wireguard-go and tailscaled: for each of them two namespaces and one veth
# pair with the same program at both ends, rounds interleaved. Prints one line a test and, at the end,
# the medians as a table. About five minutes. Root; iperf3, wg, xxd, jq, python3; a build (./mvnw
# package); HEARTH_PEERS holds wg/wireguard and 1.102.5/{tailscale,tailscaled}.
#   docs/bench/engine.sh [ROUNDS [SECONDS [MTU]]]     WARM_UP: seconds for each program, 10
set -u
cd "$(dirname "$0")/../.." || exit 1
rounds=${1:-5} seconds=${2:-3} mtu=${3:-1420} warm=${WARM_UP:-10}
java=${JAVA_HOME:-/usr}/bin/java
peers=${HEARTH_PEERS:-$HOME/.cache/hearth-peers}
ts=$peers/1.102.5
hearth=${HEARTH:-appliance/launcher/target/hearth/bin/hearth}
jars=$(find "$HOME/.m2/repository" -name 'bcprov-jdk18on-*.jar' -o -name 'jna-5*.jar' | tr '\n' ':')
classes=$(printf '%s:' appliance/{protocol,dataplane}/target/classes appliance/dataplane/target/test-classes)
flags="-XX:+UseSerialGC -Xms8m -Xmx24m -Xss256k -XX:+UseCompactObjectHeaders -XX:ReservedCodeCacheSize=24m -XX:-UsePerfData -XX:TrimNativeHeapInterval=2000 --enable-native-access=ALL-UNNAMED"
kinds="hearth wireguard-go tailscaled"
work=$(mktemp -d) id=$$ started=()
declare -A pids to
ns() { # KIND END: the name of a namespace
    echo "eb$id${1:0:1}$2"
}
finish() {
    for kind in $kinds; do for end in a b; do ip netns pids "$(ns "$kind" $end)" 2>/dev/null; done; done | xargs -r kill 2>/dev/null
    for _ in $(seq 50); do kill -0 "${started[@]}" 2>/dev/null || break; sleep 0.1; done
    for kind in $kinds; do for end in a b; do
        n=$(ns "$kind" $end)
        ip netns pids "$n" 2>/dev/null | xargs -r kill -9 2>/dev/null
        ip netns delete "$n" 2>/dev/null
        rm -rf "/etc/netns/$n"
    done; done
    rm -rf "$work"
}
trap finish EXIT
die() { echo "$*" >&2; exit 1; }
for program in "$java" "$hearth" "$peers/wg/wireguard" "$ts/tailscaled"; do
    [ -x "$program" ] || die "no $program"
done
umask 077
wg genkey > "$work/a"
wg genkey > "$work/b"
hex() { base64 -d | xxd -p -c 64; }
run() { # KIND END PROGRAM...: in the background, in the namespace
    local kind=$1 end=$2
    shift 2
    ip netns exec "$(ns "$kind" "$end")" "$@" > "$work/$kind$end.log" 2>&1 &
    started+=($!)
}
make_net() {
    local a b
    a=$(ns "$1" a) b=$(ns "$1" b)
    for n in "$a" "$b"; do
        mkdir -p "/etc/netns/$n"
        echo "nameserver 127.0.0.1" > "/etc/netns/$n/resolv.conf"
        ip netns add "$n"
        ip -n "$n" link set lo up
    done
    ip link add v0 netns "$a" type veth peer name v0 netns "$b"
    ip -n "$a" address add 192.168.79.1/24 dev v0
    ip -n "$b" address add 192.168.79.2/24 dev v0
    ip -n "$a" link set v0 up
    ip -n "$b" link set v0 up
}
start_hearth() { # END OWN-KEY OTHER-KEY NUMBER OTHER-NUMBER
    run hearth "$1" $java $flags -cp "$classes$jars" hearth.engine.EngineRig \
        port=51820 tun=t$id$1 mtu="$mtu" secret="$(hex < "$work/$2")" address=10.79.0.$4/24 \
        "peer=$(wg pubkey < "$work/$3" | hex),10.79.0.$5/32,192.168.79.$5:51820,0"
    pids[hearth$1]=$!
    for _ in $(seq 150); do grep -q '^up' "$work/hearth$1.log" && break; sleep 0.2; done
}
start_wireguard-go() {
    LOG_LEVEL=error run wireguard-go "$1" "$peers/wg/wireguard" -f "g$id$1"
    pids[wireguard-go$1]=$!
    for _ in $(seq 50); do wg show "g$id$1" > /dev/null 2>&1 && break; sleep 0.1; done
    wg set "g$id$1" listen-port 51820 private-key "$work/$2" peer "$(wg pubkey < "$work/$3")" \
        allowed-ips 10.79.0.$5/32 endpoint 192.168.79.$5:51820
    ip -n "$(ns wireguard-go "$1")" address add 10.79.0.$4/24 dev "g$id$1"
    ip -n "$(ns wireguard-go "$1")" link set "g$id$1" mtu "$mtu" up
}
start_tailscaled() {
    local n dir=$work/ts$1
    n=$(ns tailscaled "$1")
    if [ "$1" = a ]; then # their server; it moves none of the packets
        run tailscaled a "$hearth" serve --state-dir "$work/state" --socket "$work/h.sock" --tun off --wireguard-port 41642
        for _ in $(seq 100); do ip netns exec "$n" curl -fs http://127.0.0.1/health > "$work/up" && break; sleep 0.3; done
        "$hearth" --socket "$work/h.sock" keys create --reusable > "$work/key" || die "the server does not start"
    fi
    mkdir -p "$dir/upper" "$dir/work" # whatever it does to /etc stays here
    run tailscaled "$1" env TS_NO_LOGS_NO_SUPPORT=true unshare -m bash -c \
        "umount /etc/resolv.conf; mount -t overlay overlay -o lowerdir=/etc,upperdir=$dir/upper,workdir=$dir/work /etc; exec $ts/tailscaled --statedir=$dir --socket=$dir/s --tun=tailscale0"
    pids[tailscaled$1]=$!
    for _ in $(seq 100); do [ -S "$dir/s" ] && break; sleep 0.1; done
    ip netns exec "$n" "$ts/tailscale" --socket="$dir/s" up --login-server=http://192.168.79.1 --auth-key="$(cat "$work/key")" --hostname=end-$1 --timeout=30s || die "tailscaled $1 does not log in"
    if [ "$1" = b ]; then
        to[tailscaled]=$(ip netns exec "$n" "$ts/tailscale" --socket="$dir/s" ip -4)
        for _ in $(seq 20); do
            ip netns exec "$(ns tailscaled a)" "$ts/tailscale" --socket="$work/tsa/s" ping -c 1 --timeout=1s "${to[tailscaled]}" 2>&1 | grep -q 'via 192.168' && return
        done
        die "tailscaled finds no direct path"
    fi
}
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
both() { echo $(($(ticks "${pids[$1a]}") + $(ticks "${pids[$1b]}"))); }
hwm() { awk '/VmHWM/ {print int($2/1024)}' "/proc/${pids[$1]}/status"; }
stream() { # KIND TEST iperf-options...: "KIND TEST Mbit/s s/GB p50 p99"
    local kind=$1 test=$2 before after
    shift 2
    ip netns exec "$(ns "$kind" a)" ping -i 0.02 -w "$seconds" "${to[$kind]}" > "$work/ping" &
    local pinger=$!
    before=$(both "$kind")
    ip netns exec "$(ns "$kind" a)" timeout $((seconds + 15)) iperf3 -C cubic -J -c "${to[$kind]}" -t "$seconds" "$@" > "$work/iperf"
    after=$(both "$kind")
    wait $pinger
    sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$work/ping" | sort -n | awk '{v[NR]=$1} END {print v[int(NR*.5)+1], v[int(NR*.99)]}' > "$work/rtt"
    jq -r --arg n "$kind $test" --argjson t $((after - before)) --arg rtt "$(cat "$work/rtt")" \
        '.end.sum_received | "\($n) \(.bits_per_second / 1e6 | floor) \($t / 100 / (.bytes / 1e9) * 100 | floor / 100) \($rtt)"' \
        "$work/iperf" | tee -a "$work/results"
}
packets() { # KIND: 10,000 packets of 1,252 bytes a second
    local kind=$1 before after
    before=$(both "$kind")
    ip netns exec "$(ns "$kind" a)" timeout $((seconds + 15)) iperf3 -u -l 1252 -b 100.16M -J -c "${to[$kind]}" -t "$seconds" > "$work/iperf" 2> "$work/iperf.err"
    after=$(both "$kind")
    jq -r --arg n "$kind packets" --argjson t $((after - before)) \
        '.end.sum.packets as $p | "\($n) \($t * 10000 / $p * 10 | floor / 10)"' "$work/iperf" | tee -a "$work/results"
}
to[hearth]=10.79.0.2
to[wireguard-go]=10.79.0.2
for kind in $kinds; do
    make_net "$kind"
    start_$kind a a b 1 2
    start_$kind b b a 2 1
    ip netns exec "$(ns "$kind" b)" iperf3 -s > "$work/iperf-$kind" 2>&1 & started+=($!)
    sleep 0.5
    ip netns exec "$(ns "$kind" a)" ping -c 3 -W 2 "${to[$kind]}" > "$work/ping" || { tail -20 "$work/${kind}a.log" >&2; die "$kind does not answer"; }
    for way in "" -R; do ip netns exec "$(ns "$kind" a)" iperf3 -c "${to[$kind]}" -t $((warm / 2)) $way > "$work/iperf"; done
done
echo "# program test Mbit/s CPU-s/GB-both-ends RTT-p50-ms RTT-p99-ms; packets: us CPU a packet"
for _ in $(seq "$rounds"); do
    for kind in $kinds; do stream "$kind" one; done
    for kind in $kinds; do stream "$kind" four -P 4; done
    for kind in $kinds; do stream "$kind" reverse -R; done
    for kind in $kinds; do packets "$kind"; done
done
for kind in $kinds; do echo "$kind memory $(hwm ${kind}a) $(hwm ${kind}b)" >> "$work/results"; done
echo
python3 - "$work/results" $kinds <<'P'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    kind, test, *values = line.split()
    rows.setdefault((kind, test), []).append([float(v) for v in values])
kinds = sys.argv[2:]
def cell(kind, test):
    got = list(zip(*rows.get((kind, test), [])))
    if not got:
        return "none"
    m = [statistics.median(v) for v in got]
    if test == "memory":
        return f"{m[0]:.0f} / {m[1]:.0f}"
    if test == "packets":
        return f"{m[0]:.1f}"
    return f"{m[0]:.0f} [{min(got[0]):.0f}-{max(got[0]):.0f}], {m[1]:.2f}, {m[2]:.1f} / {m[3]:.0f}"
print("| | " + " | ".join(kinds) + " |")
print("|---" * (len(kinds) + 1) + "|")
for test, title in [("one", "TCP, 1 stream: Mbit/s [least-most], CPU s/GB, RTT p50 / p99 ms"),
                    ("four", "TCP, 4 streams"), ("reverse", "TCP, 1 stream, reverse"),
                    ("packets", "UDP, 10,000 packets of 1,252 B a second: us CPU a packet"),
                    ("memory", "memory high-water MiB, either end")]:
    print(f"| {title} | " + " | ".join(cell(k, test) for k in kinds) + " |")
P
