#!/bin/bash
# Measures our engine against wireguard-go: two namespaces, one veth pair, the same program at both
# ends, rounds interleaved. Needs root, iperf3, wg, a build (./mvnw package) and wireguard-go at
# $HEARTH_PEERS/wg/wireguard. Prints one line a round and the medians.
#   docs/bench/engine.sh [ROUNDS [SECONDS [MTU]]]
set -u
cd "$(dirname "$0")/../.." || exit 1
rounds=${1:-5}; seconds=${2:-4}; mtu=${3:-1420}
java=${JAVA_HOME:-/usr}/bin/java
peers=${HEARTH_PEERS:-$HOME/.cache/hearth-peers}
jars=$(find "$HOME/.m2/repository" -name 'bcprov-jdk18on-*.jar' -o -name 'jna-5*.jar' | tr '\n' ':')
classes=$(printf '%s:' appliance/{protocol,dataplane}/target/classes appliance/dataplane/target/test-classes)
flags="-XX:+UseSerialGC -Xms8m -Xmx24m -Xss256k -XX:+UseCompactObjectHeaders -XX:ReservedCodeCacheSize=24m -XX:-UsePerfData -XX:TrimNativeHeapInterval=2000 --enable-native-access=ALL-UNNAMED"
work=$(mktemp -d); started=()
id=$$
cleanup() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
  wait 2>/dev/null
  for kind in java go; do for end in a b; do ip netns del "eb$id$kind$end" 2>/dev/null; done; done
  rm -rf "$work"
}
trap cleanup EXIT
umask 077
wg genkey > "$work/a"; wg genkey > "$work/b"
hex() { base64 -d | xxd -p -c 64; }

make_net() { # kind
  local a="eb$id$1a" b="eb$id$1b"
  ip netns add "$a"; ip netns add "$b"
  ip link add v0 netns "$a" type veth peer name v0 netns "$b"
  ip -n "$a" addr add 192.168.79.1/24 dev v0; ip -n "$b" addr add 192.168.79.2/24 dev v0
  for n in "$a" "$b"; do ip -n "$n" link set lo up; ip -n "$n" link set v0 up; done
}
start_java() { # end own-key other-key number other
  ip netns exec "eb${id}java$1" $java $flags -cp "$classes$jars" hearth.engine.EngineRig \
    port=51820 tun=t$id$1 mtu="$mtu" secret="$(hex < "$work/$2")" address=10.79.0.$4/24 \
    "peer=$(wg pubkey < "$work/$3" | hex),10.79.0.$5/32,192.168.79.$5:51820,0" \
    > "$work/java$1.log" 2>&1 &
  started+=($!); eval "pid_java$1=$!"
}
start_go() {
  ip netns exec "eb${id}go$1" env LOG_LEVEL=error "$peers/wg/wireguard" -f "g$id$1" > "$work/go$1.log" 2>&1 &
  started+=($!); eval "pid_go$1=$!"
  for _ in $(seq 50); do wg show "g$id$1" > /dev/null 2>&1 && break; sleep 0.1; done
  wg set "g$id$1" listen-port 51820 private-key "$work/$2" peer "$(wg pubkey < "$work/$3")" \
    allowed-ips 10.79.0.$5/32 endpoint 192.168.79.$5:51820
  ip -n "eb${id}go$1" addr add 10.79.0.$4/24 dev "g$id$1"
  ip -n "eb${id}go$1" link set "g$id$1" mtu "$mtu" up
}
ticks() { awk '{print $14+$15}' "/proc/$1/stat"; }
both() { local a b; eval "a=\$pid_${1}a b=\$pid_${1}b"; echo $(( $(ticks "$a") + $(ticks "$b") )); }
hwm() { local p; eval "p=\$pid_$1"; awk '/VmHWM/{print int($2/1024)}' "/proc/$p/status"; }

stream() { # kind name iperf-options...
  local kind=$1 name=$2; shift 2
  local before after out bits ping
  ip netns exec "eb$id${kind}a" ping -i 0.02 -w "$seconds" 10.79.0.2 > "$work/ping" & local pinger=$!
  before=$(both "$kind")
  out=$(ip netns exec "eb$id${kind}a" timeout $((seconds + 15)) iperf3 -C cubic -J -c 10.79.0.2 -t "$seconds" "$@")
  after=$(both "$kind")
  wait $pinger
  bits=$(echo "$out" | awk '/"sum_received"/{r=1} r&&/"bits_per_second"/{gsub(/[^0-9.e+]/,"",$2);b=$2} r&&/"bytes"/{gsub(/[^0-9]/,"",$2);y=$2} r&&/\}/{print b, y; exit}')
  ping=$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$work/ping" | sort -n | awk '{v[NR]=$1} END{print v[int(NR*.5)+1], v[int(NR*.99)]}')
  echo "$bits $before $after $ping" | awk -v k="$kind" -v n="$name" \
    '{printf "%s %s %.0f %.2f %s %s\n", k, n, $1/1e6, ($4-$3)/100/($2/1e9), $5, $6}' | tee -a "$work/results"
}
packets() { # kind: 10,000 packets of 1,252 bytes a second
  local kind=$1 before after n
  before=$(both "$kind")
  n=$(ip netns exec "eb$id${kind}a" timeout 20 iperf3 -u -l 1252 -b 100.16M -J -c 10.79.0.2 -t "$seconds" |
    awk '/"packets"/{gsub(/[^0-9]/,"",$2);p=$2} END{print p}')
  after=$(both "$kind")
  awk -v k="$kind" -v c=$((after - before)) -v n="$n" 'BEGIN{printf "%s 10kpps-us %.1f - - -\n", k, c*10000/n}' | tee -a "$work/results"
}
for kind in java go; do
  make_net $kind
  start_$kind a a b 1 2; start_$kind b b a 2 1
done
for end in a b; do for _ in $(seq 150); do grep -q '^up' "$work/java$end.log" && break; sleep 0.2; done; done
for kind in java go; do
  ip netns exec "eb$id${kind}b" iperf3 -s > /dev/null & started+=($!)
  sleep 0.5
  ip netns exec "eb$id${kind}a" ping -c 3 -W 2 10.79.0.2 > /dev/null || { echo "$kind does not answer"; cat "$work/${kind}a.log"; exit 1; }
  ip netns exec "eb$id${kind}a" iperf3 -c 10.79.0.2 -t "${WARM_UP:-10}" > /dev/null
done
echo "# kind test Mbit/s CPU-s/GB-both-ends RTT-p50-ms RTT-p99-ms"
for _ in $(seq "$rounds"); do
  for kind in java go; do
    stream $kind one; stream $kind four -P 4; stream $kind reverse -R; packets $kind
  done
done
echo "# medians"
for test in one four reverse 10kpps-us; do for kind in java go; do
  awk -v k=$kind -v t=$test '$1==k && $2==t' "$work/results" | awk -v k=$kind -v t=$test '
    {for(i=3;i<=6;i++) v[i,NR]=$i}
    function med(i,  a,j,m,x){for(j=1;j<=NR;j++)a[j]=v[i,j]; for(j=1;j<=NR;j++)for(m=j+1;m<=NR;m++)if(a[m]+0<a[j]+0){x=a[j];a[j]=a[m];a[m]=x} return a[int((NR+1)/2)]}
    END{print k, t, med(3), med(4), med(5), med(6)}'
done; done
for kind in java go; do echo "$kind memory high-water MiB: $(hwm ${kind}a) $(hwm ${kind}b)"; done
grep -h SENT_ "$work"/java?.log 2>/dev/null
