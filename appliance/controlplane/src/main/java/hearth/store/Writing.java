package hearth.store;

import hearth.tailnet.AuditEntry;
import hearth.tailnet.AuthKey;
import hearth.tailnet.Batch;
import hearth.tailnet.DnsSettings;
import hearth.tailnet.Node;
import hearth.tailnet.PolicyVersion;
import hearth.tailnet.Settings;
import hearth.tailnet.User;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;

/** Writes a batch inside a transaction. */
final class Writing {
    private final Sql sql;

    Writing(Sql sql) {
        this.sql = sql;
    }

    void lasting(Batch b) throws SQLException {
        for (long id : b.removedNodes()) {
            sql.update("DELETE FROM node WHERE id = ?", id);
        }
        // keys and names may be swapped among nodes: give them up before they are taken
        for (Node n : b.nodes()) {
            sql.update("DELETE FROM node WHERE id = ?", n.id());
        }
        for (Node n : b.nodes()) {
            node(n);
        }
        for (long id : b.removedUsers()) {
            sql.update("DELETE FROM person WHERE id = ?", id);
        }
        for (User u : b.users()) {
            user(u);
        }
        for (String id : b.removedKeys()) {
            sql.update("DELETE FROM auth_key WHERE id = ?", id);
        }
        for (AuthKey k : b.keys()) {
            authKey(k);
        }
        for (Batch.Freed f : b.freed()) {
            freed(f);
        }
        for (Batch.ShelfEntry e : b.shelves()) {
            shelf(e);
        }
        for (Batch.Binding i : b.bindings()) {
            binding(i);
        }
        for (PolicyVersion p : b.policies()) {
            sql.update(
                    "INSERT INTO policy (version, text, author, time, comment)"
                            + " VALUES (?, ?, ?, ?, ?)",
                    p.version(),
                    p.text(),
                    p.author(),
                    p.time().toEpochMilli(),
                    p.comment());
        }
        settings(b);
        for (AuditEntry e : b.audit()) {
            audit(e);
        }
    }

    private void settings(Batch b) throws SQLException {
        DnsSettings dns = b.dns();
        if (dns != null) {
            setting("dns", Rows.text(dns));
        }
        Settings s = b.settings();
        if (s != null) {
            setting("settings", Rows.text(s));
        }
        Long inForce = b.policyInForce();
        if (inForce != null) {
            setting("policy-in-force", inForce.toString());
        }
        for (Map.Entry<String, Long> c : b.counters().entrySet()) {
            setting(c.getKey(), c.getValue().toString());
        }
    }

    private void setting(String name, String value) throws SQLException {
        sql.update(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                        + " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value);
    }

    private void node(Node n) throws SQLException {
        sql.update(
                "INSERT INTO node (id, stable_id, machine, node_key, user_id, tags, hostname,"
                        + " name, given_name, v4, v6, advertised, approved, created, expiry,"
                        + " expiry_disabled, logged_out, ephemeral, authorized, auth_key,"
                        + " enrolled_by_admin, local, key_created)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        + " ?, ?, ?)",
                n.id(),
                n.stableId(),
                n.machine().toString(),
                n.key().toString(),
                n.userId(),
                Rows.join(n.tags()),
                n.hostname(),
                n.name(),
                n.givenName(),
                n.v4().toString(),
                n.v6().toString(),
                Rows.join(n.advertised()),
                Rows.join(n.approved()),
                n.created().toEpochMilli(),
                Rows.millis(n.expiry()),
                n.expiryDisabled(),
                n.loggedOut(),
                n.ephemeral(),
                n.authorized(),
                n.authKeyId(),
                n.enrolledByAdmin(),
                n.local(),
                n.keyCreated().toEpochMilli());
    }

    private void user(User u) throws SQLException {
        sql.update("DELETE FROM person WHERE id = ?", u.id());
        sql.update(
                "INSERT INTO person (id, login, display_name, role, created, suspended)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                u.id(),
                u.login(),
                u.displayName(),
                u.role().name(),
                u.created().toEpochMilli(),
                u.suspended());
    }

    private void authKey(AuthKey k) throws SQLException {
        sql.update("DELETE FROM auth_key WHERE id = ?", k.id());
        sql.update(
                "INSERT INTO auth_key (id, user_id, tags, reusable, ephemeral, preauthorized,"
                        + " created, expires, revoked, uses, description, secret_hash)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                k.id(),
                k.userId(),
                Rows.join(k.tags()),
                k.reusable(),
                k.ephemeral(),
                k.preauthorized(),
                k.created().toEpochMilli(),
                k.expires().toEpochMilli(),
                Rows.millis(k.revoked()),
                k.uses(),
                k.description(),
                k.secretHash());
    }

    private void freed(Batch.Freed f) throws SQLException {
        Instant time = f.time();
        sql.update("DELETE FROM freed WHERE address = ?", f.address().toString());
        if (time != null) {
            sql.update(
                    "INSERT INTO freed (address, time) VALUES (?, ?)",
                    f.address().toString(),
                    time.toEpochMilli());
        }
    }

    private void shelf(Batch.ShelfEntry e) throws SQLException {
        sql.update("DELETE FROM shelf WHERE shelf = ? AND entry = ?", e.shelf(), e.key());
        if (e.value() != null) {
            sql.update(
                    "INSERT INTO shelf (shelf, entry, value) VALUES (?, ?, ?)",
                    e.shelf(),
                    e.key(),
                    e.value());
        }
    }

    private void binding(Batch.Binding b) throws SQLException {
        sql.update("DELETE FROM binding WHERE name = ?", b.name());
        if (b.node() != null) {
            sql.update("INSERT INTO binding (name, node) VALUES (?, ?)", b.name(), b.node());
        }
    }

    private void audit(AuditEntry e) throws SQLException {
        sql.update(
                "INSERT INTO audit (id, time, origin, actor_type, actor_id, actor_name, account,"
                        + " address, target_type, target_id, target_name, property, action,"
                        + " old_value, new_value, details, prev_hash, hash)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                e.id(),
                e.time().toEpochMilli(),
                e.origin(),
                e.actorType(),
                e.actorId(),
                e.actorName(),
                e.account(),
                e.address(),
                e.targetType(),
                e.targetId(),
                e.targetName(),
                e.property(),
                e.action(),
                e.oldValue(),
                e.newValue(),
                e.details(),
                e.prevHash(),
                e.hash());
    }

    void live(Batch b) throws SQLException {
        for (long id : b.removedNodes()) {
            sql.update("DELETE FROM live WHERE node = ?", id);
            sql.update("DELETE FROM seen WHERE node = ?", id);
        }
        for (Node n : b.live()) {
            var disco = n.disco();
            sql.update(
                    "INSERT INTO live (node, disco, endpoints, home, capver, hostinfo)"
                            + " VALUES (?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (node) DO UPDATE SET disco = excluded.disco,"
                            + " endpoints = excluded.endpoints, home = excluded.home,"
                            + " capver = excluded.capver, hostinfo = excluded.hostinfo",
                    n.id(),
                    disco == null ? null : disco.toString(),
                    Rows.endpoints(n.endpoints()),
                    n.homeDerp(),
                    n.capver(),
                    n.hostinfo().toString());
        }
        for (Batch.Seen s : b.seen()) {
            sql.update(
                    "INSERT INTO seen (node, time) VALUES (?, ?)"
                            + " ON CONFLICT (node) DO UPDATE SET time = excluded.time",
                    s.node(),
                    s.time().toEpochMilli());
        }
        for (Batch.Home h : b.homes()) {
            if (h.derp() == 0) {
                sql.update("DELETE FROM home WHERE machine = ?", h.machine().toString());
                continue;
            }
            sql.update(
                    "INSERT INTO home (machine, derp) VALUES (?, ?)"
                            + " ON CONFLICT (machine) DO UPDATE SET derp = excluded.derp",
                    h.machine().toString(),
                    h.derp());
        }
    }
}
