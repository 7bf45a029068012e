// Requests inside Noise, made with Tailscale's own protocol library.
//
// One connection: by HTTP upgrade, or with -ws by WebSocket as a client in a browser makes it.
// Standard input: lines "ID METHOD PATH BODY". Standard output: JSON lines {id, frame} for each
// frame of a map and {id, status, body} at a request's end. The first line tells of the early
// payload: {id: "early", body: challenge}.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/coder/websocket"
	"golang.org/x/net/http2"
	"tailscale.com/control/controlbase"
	"tailscale.com/control/controlhttp"
	"tailscale.com/control/ts2021"
	"tailscale.com/net/netmon"
	"tailscale.com/net/wsconn"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
	"tailscale.com/util/zstdframe"
)

type line struct {
	ID     string          `json:"id"`
	Status int             `json:"status,omitempty"`
	Frame  json.RawMessage `json:"frame,omitempty"`
	Body   string          `json:"body"`
}

var out = struct {
	sync.Mutex
	*json.Encoder
}{Encoder: json.NewEncoder(os.Stdout)}

func print(l line) {
	out.Lock()
	defer out.Unlock()
	out.Encode(l)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	server := flag.String("url", "", "of the control server, with an address as its host")
	ws := flag.Bool("ws", false, "by WebSocket")
	version := flag.Int("version", 142, "capability version of the handshake")
	machine := flag.String("machine", "", "machine key, privkey:HEX")
	flag.Parse()
	var private key.MachinePrivate
	must(private.UnmarshalText([]byte(*machine)))
	u, err := url.Parse(*server)
	must(err)
	var keys struct{ PublicKey key.MachinePublic }
	res, err := http.Get(*server + "/key?v=142")
	must(err)
	must(json.NewDecoder(res.Body).Decode(&keys))
	var base *controlbase.Conn
	if *ws {
		base = webSocket(u, private, keys.PublicKey, uint16(*version))
	} else {
		dialer := &controlhttp.Dialer{
			Hostname: u.Hostname(), HTTPPort: "80", HTTPSPort: controlhttp.NoPort,
			MachineKey: private, ControlKey: keys.PublicKey, ProtocolVersion: uint16(*version),
			NetMon: netmon.NewStatic(),
		}
		conn, err := dialer.Dial(context.Background())
		must(err)
		base = conn.Conn
	}
	conn := ts2021.NewConn(base, func() {})
	h2, err := (&http2.Transport{AllowHTTP: true}).NewClientConn(conn)
	must(err)
	early, err := conn.GetEarlyPayload(context.Background())
	must(err)
	if early == nil {
		print(line{ID: "early"})
	} else {
		print(line{ID: "early", Body: early.NodeKeyChallenge.String()})
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		words := append(strings.SplitN(in.Text(), " ", 4), "")
		go ask(h2, words[0], words[1], words[2], words[3])
	}
}

// webSocket is the way of clients that cannot set a header.
func webSocket(u *url.URL, private key.MachinePrivate, public key.MachinePublic, version uint16) *controlbase.Conn {
	ctx := context.Background()
	first, proceed, err := controlbase.ClientDeferred(private, public, version)
	must(err)
	query := url.Values{"X-Tailscale-Handshake": {base64.StdEncoding.EncodeToString(first)}}
	address := "ws://" + u.Host + "/ts2021?" + query.Encode()
	socket, _, err := websocket.Dial(ctx, address,
		&websocket.DialOptions{Subprotocols: []string{"tailscale-control-protocol"}})
	must(err)
	conn, err := proceed(ctx, wsconn.NetConn(ctx, socket, websocket.MessageBinary, address))
	must(err)
	return conn
}

func ask(h2 *http2.ClientConn, id, method, path, body string) {
	req, err := http.NewRequest(method, "https://unused"+path, bytes.NewBufferString(body))
	must(err)
	res, err := h2.RoundTrip(req)
	if err != nil {
		print(line{ID: id, Status: -1, Body: err.Error()})
		return
	}
	defer res.Body.Close()
	if res.StatusCode == 200 && path == "/machine/map" {
		frames(id, res.Body)
		return
	}
	text, _ := io.ReadAll(res.Body)
	print(line{ID: id, Status: res.StatusCode, Body: string(text)})
}

// frames prints each frame: length u32 little-endian, zstd, JSON.
func frames(id string, in io.Reader) {
	for n := 0; ; n++ {
		var size uint32
		if err := binary.Read(in, binary.LittleEndian, &size); err != nil {
			print(line{ID: id, Status: 200, Body: err.Error()})
			return
		}
		packed := make([]byte, size)
		_, err := io.ReadFull(in, packed)
		must(err)
		text, err := zstdframe.AppendDecode(nil, packed)
		must(err)
		var m tailcfg.MapResponse
		if err := json.Unmarshal(text, &m); err != nil {
			print(line{ID: id, Status: -1, Body: "no client reads this map: " + err.Error()})
			return
		}
		print(line{ID: id, Frame: text})
	}
}
