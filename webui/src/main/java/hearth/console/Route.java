package hearth.console;

/**
 * One route of the console.
 *
 * @param change true for POST, which is the only way to change anything; false for GET
 * @param path pattern of the path with {@code {name}} for one segment
 * @param page for a part of a page: the path of the page it belongs to; empty for whole pages
 * @param rule who may use it
 */
record Route(boolean change, String path, String page, Rule rule, Handler handler) {
    /** Answers one request; a refusal becomes a page that says why. */
    interface Handler {
        void handle(Call call) throws Exception;
    }

    static Route page(String path, Rule rule, Handler handler) {
        return new Route(false, path, "", rule, handler);
    }

    /** A part of a page: only for scripts of that page, everybody else is sent to the page. */
    static Route part(String path, String page, Rule rule, Handler handler) {
        return new Route(false, path, page, rule, handler);
    }

    static Route change(String path, Rule rule, Handler handler) {
        return new Route(true, path, "", rule, handler);
    }

    @Override
    public String toString() {
        return (change ? "POST " : "GET ") + path;
    }
}
