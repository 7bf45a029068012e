package hearth.ts2021;

import hearth.base.Refused;
import hearth.base.WireException;
import hearth.control.ControlJson;
import hearth.control.Hostinfo;
import hearth.control.MapRequest;
import hearth.control.RegisterRequest;
import hearth.control.RegisterResponse;
import hearth.control.SSHAction;
import hearth.crypto.NodeKey;
import hearth.login.SshChecks;
import hearth.tailnet.MapSession;
import hearth.tailnet.MapSessions;
import hearth.tailnet.Node;
import hearth.tailnet.NodeUpdate;
import hearth.tailnet.RegisterFacts;
import hearth.tailnet.RegisterOutcome;
import hearth.tailnet.Tailnet;
import hearth.tailnet.User;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Everything a client may ask inside Noise (tailscale/tailscale tailcfg, control/controlclient).
 * Who asks is the connection's machine key; a node key in a request must belong to it. What the
 * appliance does not offer is answered with 501 and a text, except where clients want a form.
 */
public final class MachineApi implements HttpService {
    private static final System.Logger LOG = System.getLogger(MachineApi.class.getName());
    private static final int OLDEST_VERSION = 90; // Tailscale 1.64
    private static final Duration LONGEST_FOLLOWUP = Duration.ofMinutes(4);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(50);

    private final Ts2021.Connections connections;
    private final Tailnet tailnet;
    private final MapSessions sessions;
    private final SshChecks checks;
    private final InstantSource clock;
    private final BodyRoom bodies = new BodyRoom(Runtime.getRuntime().maxMemory());
    private final RegisterLimit limit = new RegisterLimit();
    private final RegisterLimit told = new RegisterLimit(); // entries for the audit log

    public MachineApi(
            Ts2021.Connections connections,
            Tailnet tailnet,
            MapSessions sessions,
            SshChecks checks,
            InstantSource clock) {
        this.connections = connections;
        this.tailnet = tailnet;
        this.sessions = sessions;
        this.checks = checks;
        this.clock = clock;
    }

    /** A handler that may find fault with the request. */
    @FunctionalInterface
    private interface Step {
        void handle(MachineConnection machine, ServerRequest request, ServerResponse response)
                throws IOException, InterruptedException, Refused, WireException;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post("/machine/register", step(this::register))
                .post("/machine/map", step(this::map))
                .post("/machine/answer/{id}", step(this::answer))
                .get("/machine/whoami", step(MachineApi::whoami))
                .post("/machine/feature/query", step(this::feature))
                .post("/machine/update-health", step(this::accepted))
                .post("/machine/audit-log", step(this::auditLog))
                .patch("/machine/set-device-attr", step(this::deviceAttribute))
                .get("/machine/ssh/action/{from}/to/{to}", step(this::sshAction))
                .post("/machine/set-dns", notHere("certificates for tailnet names"))
                .post("/machine/id-token", notHere("identity tokens"))
                .post("/machine/webclient/*", notHere("check mode of the device web interface"))
                .get("/machine/tka/*", notHere("tailnet lock"))
                .any(step(MachineApi::unknownPath));
    }

    private Handler step(Step step) {
        return (request, response) -> {
            MachineConnection machine = connections.apply(request);
            try {
                step.handle(machine, request, response);
            } catch (Refused e) {
                machine.count(ControlCounter.BUSY);
                response.header(HeaderNames.RETRY_AFTER, "5");
                text(response, Status.create(e.code().httpStatus()), e.text());
            } catch (WireException e) {
                machine.count(ControlCounter.BAD_REQUESTS);
                text(response, Status.BAD_REQUEST_400, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private static Handler notHere(String what) {
        return (_, response) ->
                text(response, Status.NOT_IMPLEMENTED_501, what + ": not offered by this server");
    }

    private static void unknownPath(
            MachineConnection machine, ServerRequest request, ServerResponse response) {
        machine.count(ControlCounter.UNKNOWN_PATHS);
        text(response, Status.NOT_FOUND_404, "no such path");
    }

    private static void unknownNode(MachineConnection machine, ServerResponse response) {
        machine.count(ControlCounter.FOREIGN_KEYS);
        text(response, Status.NOT_FOUND_404, "no such node");
    }

    // ---- register

    private void register(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        RegisterFacts f = facts(machine, request); // waits for minutes: not with the whole request
        if (f.capver() < OLDEST_VERSION) {
            json(response, RegisterResponse.failed(tooOld(f.capver())));
            return;
        }
        boolean leaving = f.expiry() != null && !clock.instant().isBefore(f.expiry());
        int wait = limit.waitSeconds(machine.machine(), machine.remote(), System.nanoTime());
        if (wait > 0 && !leaving) {
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(wait));
            machine.count(ControlCounter.THROTTLED);
            text(response, Status.TOO_MANY_REQUESTS_429, "too many refused logins, wait a moment");
            return;
        }
        RegisterOutcome outcome;
        try (var _ = machine.watch(request.id(), Thread.currentThread()::interrupt)) {
            outcome = tailnet.register(f, LONGEST_FOLLOWUP);
        } finally {
            Thread.interrupted(); // nobody waits any more; what is written now is ignored
        }
        if (outcome instanceof RegisterOutcome.Failed) {
            machine.count(ControlCounter.REGISTRATIONS_REFUSED);
        }
        if (outcome instanceof RegisterOutcome.Failed
                || (outcome instanceof RegisterOutcome.NeedsLogin && f.followup() == null)) {
            limit.count(machine.machine(), machine.remote(), System.nanoTime());
        }
        json(response, answer(outcome));
    }

    private static String tooOld(int version) {
        return "this Tailscale client (capability version "
                + version
                + ") is too old for this server: update it to 1.72 or newer";
    }

    /** What is asked. Of a machine that is not in yet no more is kept than a login needs. */
    private RegisterFacts facts(MachineConnection machine, ServerRequest request)
            throws WireException, IOException, Refused, InterruptedException {
        RegisterRequest r = read(machine, request, RegisterRequest.class);
        String followup = r.followup();
        Hostinfo told = r.hostinfo() == null ? Hostinfo.EMPTY : r.hostinfo();
        boolean stranger = tailnet.snapshot().nodesOf(machine.machine()).isEmpty();
        return new RegisterFacts(
                machine.machine(),
                r.nodeKey(),
                r.previousKey(),
                r.authKey(),
                followup == null || followup.isEmpty() ? null : followup,
                r.wantedExpiry(),
                stranger ? told.modest() : told.bounded(),
                r.ephemeral(),
                r.version(),
                machine.remote());
    }

    private static RegisterResponse answer(RegisterOutcome outcome) {
        return switch (outcome) {
            case RegisterOutcome.Accepted(Node node, User user) ->
                    RegisterResponse.accepted(
                            new RegisterResponse.User(
                                    user.id(), user.displayName(), "", user.created()),
                            new RegisterResponse.Login(
                                    user.id(), "", user.login(), user.displayName(), ""),
                            node.authorized());
            case RegisterOutcome.NeedsLogin(String url) -> RegisterResponse.needsLogin(url);
            case RegisterOutcome.Failed(String text) -> RegisterResponse.failed(text);
            case RegisterOutcome.KeyExpired(), RegisterOutcome.LoggedOut() ->
                    RegisterResponse.keyExpired();
        };
    }

    // ---- map

    private void map(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        MapRequest r = read(machine, request, MapRequest.class);
        if (r.version() < OLDEST_VERSION) {
            text(response, Status.BAD_REQUEST_400, tooOld(r.version()));
            return;
        }
        Node node = tailnet.snapshot().nodeByKey(r.nodeKey());
        if (node == null && r.stream()) {
            stream(
                    sessions.openUnknown(machine.machine(), r.nodeKey()),
                    machine,
                    request,
                    response);
            return;
        }
        if (node == null || !node.machine().equals(machine.machine())) {
            unknownNode(machine, response);
            return;
        }
        if (r.updates()) {
            if (!update(node, r, response)) {
                return;
            }
        } else if (r.stream()) {
            first(node, r);
        }
        if (r.stream()) {
            stream(sessions.open(node), machine, request, response);
        } else if (r.omitPeers()) {
            response.send();
        } else {
            byte[] whole = sessions.once(node.id());
            if (whole == null) {
                text(response, Status.NOT_FOUND_404, "no such node");
            } else {
                response.send(whole);
            }
        }
    }

    private boolean update(Node node, MapRequest r, ServerResponse response) {
        Hostinfo hostinfo = r.hostinfo() == null ? null : r.hostinfo().bounded();
        try {
            tailnet.updateNode(
                    new NodeUpdate(
                            node.id(),
                            r.knownDiscoKey(),
                            Endpoints.parse(r.endpoints()),
                            hostinfo == null ? 0 : hostinfo.preferredDerp(),
                            hostinfo,
                            r.version()));
            return true;
        } catch (Refused e) {
            response.status(Status.create(e.code().httpStatus())).send(e.text());
            return false;
        }
    }

    /** A stream's own facts may be stale: they count only where nothing is known. */
    private void first(Node node, MapRequest r) {
        boolean disco = node.disco() == null && r.knownDiscoKey() != null;
        if (!disco && node.capver() == r.version()) {
            return;
        }
        try {
            tailnet.updateNode(
                    new NodeUpdate(
                            node.id(),
                            disco ? r.knownDiscoKey() : null,
                            null,
                            0,
                            null,
                            r.version()));
        } catch (Refused e) {
            LOG.log(Level.DEBUG, "node={0} not brought up to date: {1}", node.id(), e.text());
        }
    }

    private static void stream(
            MapSession session,
            MachineConnection machine,
            ServerRequest request,
            ServerResponse response)
            throws IOException, InterruptedException {
        try (session;
                var _ = machine.watch(request.id(), session::end);
                OutputStream out = response.outputStream()) {
            for (byte[] frame = session.next(); frame != null; frame = session.next()) {
                out.write(frame);
                out.flush();
                if (session.wasQuiet()) {
                    machine.probe();
                }
            }
        }
    }

    private void answer(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        String id = request.path().pathParameters().get("id");
        Node asked = tailnet.snapshot().node(sessions.asked(id));
        byte[] body;
        try (var place = bodies.enter()) {
            body = body(machine, request, place);
        }
        boolean taken =
                asked != null
                        && asked.machine().equals(machine.machine())
                        && sessions.answered(id, body);
        response.status(taken ? Status.NO_CONTENT_204 : Status.NOT_FOUND_404).send();
    }

    // ---- the rest

    private static void whoami(
            MachineConnection machine, ServerRequest request, ServerResponse response) {
        text(response, Status.OK_200, machine.machine() + " from " + machine.remote());
    }

    private void feature(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        JsonNode r = checked(machine, request, response);
        if (r != null) {
            String feature = r.path("Feature").asString("");
            json(
                    response,
                    Map.of(
                            "Complete",
                            false,
                            "Text",
                            "\"" + feature + "\" is not offered by this server",
                            "URL",
                            "",
                            "ShouldWait",
                            false));
        }
    }

    /** Taken and dropped: nothing here is made of it. */
    private void accepted(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        if (checked(machine, request, response) != null) {
            response.status(Status.NO_CONTENT_204).send();
        }
    }

    /** Posture attributes: the same, but the client takes 200 only for done. */
    private void deviceAttribute(
            MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        if (checked(machine, request, response) != null) {
            response.status(Status.OK_200).send();
        }
    }

    /** What a device did by itself and its tailnet wants to know, e.g. that a person ended it. */
    private void auditLog(MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        JsonNode r = checked(machine, request, response);
        if (r == null) {
            return;
        }
        int wait = told.waitSeconds(machine.machine(), machine.remote(), System.nanoTime());
        if (wait > 0) {
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(wait));
            text(response, Status.TOO_MANY_REQUESTS_429, "too many entries, wait a moment");
            return;
        }
        told.count(machine.machine(), machine.remote(), System.nanoTime());
        try {
            tailnet.toldByNode(
                    NodeKey.parse(r.path("NodeKey").asString("")),
                    r.path("Action").asString(""),
                    r.path("Details").asString(""),
                    machine.remote());
            response.send();
        } catch (Refused e) {
            text(response, Status.create(e.code().httpStatus()), e.text());
        }
    }

    /**
     * A destination asks what becomes of a session that a check rule concerns. It may ask for
     * itself only; clients repeat what is not answered with 200, so a refusal is an answer, too.
     */
    private void sshAction(
            MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, InterruptedException {
        long source = number(request, "from");
        long destination = number(request, "to");
        Node asks = tailnet.snapshot().node(destination);
        if (asks == null || !asks.machine().equals(machine.machine())) {
            text(response, Status.FORBIDDEN_403, "this device is not yours");
            return;
        }
        String user = request.query().first("local_user").orElse("");
        String id = request.query().first("check").orElse("");
        SshChecks.Answer answer;
        try (var _ = machine.watch(request.id(), Thread.currentThread()::interrupt)) {
            answer =
                    id.isEmpty()
                            ? checks.ask(source, destination, user)
                            : checks.await(id, source, destination, user, LONGEST_CHECK);
        } catch (Refused e) {
            text(response, Status.create(e.code().httpStatus()), e.text());
            return;
        } finally {
            Thread.interrupted(); // nobody waits any more; what is written now is ignored
        }
        json(response, action(answer, source, destination, user));
    }

    private static SSHAction action(
            SshChecks.Answer answer, long source, long destination, String user) {
        return switch (answer) {
            case SshChecks.Answer.Let(String message) -> SSHAction.accepting(message);
            case SshChecks.Answer.Refuse(String message) -> SSHAction.rejecting(message);
            case SshChecks.Answer.Hold(String id, String message) ->
                    SSHAction.holding(
                            message,
                            "https://unused/machine/ssh/action/"
                                    + source
                                    + "/to/"
                                    + destination
                                    + "?local_user="
                                    + URLEncoder.encode(user, StandardCharsets.UTF_8)
                                    + "&check="
                                    + id);
        };
    }

    private static long number(ServerRequest request, String name) throws WireException {
        String text = request.path().pathParameters().get(name);
        if (!text.matches("[0-9]{1,18}")) {
            throw new WireException(name + ": no node id");
        }
        return Long.parseLong(text);
    }

    // ---- bodies

    /** The request's object, when its node key is one of the machine's; else answers 404. */
    private @Nullable JsonNode checked(
            MachineConnection machine, ServerRequest request, ServerResponse response)
            throws WireException, IOException, Refused, InterruptedException {
        JsonNode r = read(machine, request, JsonNode.class);
        Node node = null;
        try {
            node = tailnet.snapshot().nodeByKey(NodeKey.parse(r.path("NodeKey").asString("")));
        } catch (IllegalArgumentException e) {
            throw new WireException("NodeKey: " + e.getMessage());
        }
        if (node == null || !node.machine().equals(machine.machine())) {
            unknownNode(machine, response);
            return null;
        }
        return r;
    }

    private <T> T read(MachineConnection machine, ServerRequest request, Class<T> type)
            throws WireException, IOException, Refused, InterruptedException {
        try (var place = bodies.enter()) {
            return ControlJson.read(body(machine, request, place), type);
        }
    }

    private static byte[] body(
            MachineConnection machine, ServerRequest request, BodyRoom.Place place)
            throws WireException, IOException, Refused, InterruptedException {
        if (!machine.bodyBegins(request.id())) {
            throw BodyRoom.full("requests");
        }
        try (InputStream in = request.content().inputStream()) {
            return place.read(in);
        } catch (RequestException e) { // else told to the log, for each of a stranger's resets
            throw new WireException("body that broke off: " + e.getMessage());
        } finally {
            machine.bodyEnds(request.id());
        }
    }

    private static void json(ServerResponse response, Object value) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(ControlJson.write(value));
    }

    private static void text(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send(text.getBytes(StandardCharsets.UTF_8));
    }
}
