package hearth.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class StatusCommandTest {
    @Test
    void printsDevicesAndTheWaysBetweenThem() {
        String json =
                """
                {"Self":{"DNSName":"hearth.hearth.internal.","TailscaleIPs":["100.64.0.1"],"UserID":5,
                  "OS":"linux","Online":true},
                 "Peer":{
                  "nodekey:b":{"DNSName":"phone.hearth.internal.","TailscaleIPs":["100.64.0.3"],"UserID":7,
                   "OS":"iOS","Online":false,"LastSeen":"2026-01-01T00:00:00Z"},
                  "nodekey:a":{"DNSName":"laptop.hearth.internal.","TailscaleIPs":["100.64.0.2"],"UserID":7,
                   "OS":"linux","Online":true,"CurAddr":"10.0.0.2:41641"}},
                 "User":{"5":{"LoginName":"tagged-devices"},"7":{"LoginName":"ana@example.org"}},
                 "Pairs":[
                  {"From":"hearth","To":"laptop","Path":"direct","Via":"10.0.0.2:41641","LatencyMs":1.25,
                   "AgeSeconds":3},
                  {"From":"laptop","To":"phone","Path":"relay","Via":"hearth","AgeSeconds":12}]}
                """;
        var text = new StringWriter();
        StatusCommand.print(SocketClient.JSON.readTree(json), new PrintWriter(text, true));
        assertEquals(
                """
                ADDRESS     NAME    OWNER            OS     STATE
                100.64.0.1  hearth  tagged-devices   linux  -
                100.64.0.2  laptop  ana@example.org  linux  direct 10.0.0.2:41641
                100.64.0.3  phone   ana@example.org  iOS    offline, last seen 2026-01-01T00:00:00Z

                Direct connections (peer-to-peer)
                  FROM    TO      PATH    VIA             LATENCY  AGE
                  hearth  laptop  direct  10.0.0.2:41641  1.3 ms   3 s

                Relayed connections (DERP)
                  FROM    TO     PATH   VIA     LATENCY  AGE
                  laptop  phone  relay  hearth  -        12 s
                """,
                text.toString());
    }
}
