package hearth.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * One line a record on standard error, without a time: the journal has it. {@code HEARTH_LOG}
 * ({@code debug}, {@code info}, {@code warning}) is the least level that shows; libraries show
 * warnings.
 */
final class Logging {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OURS = Logger.getLogger("hearth");

    private Logging() {}

    static void install() {
        for (Handler h : ROOT.getHandlers()) {
            ROOT.removeHandler(h);
        }
        var handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new OneLine());
        ROOT.addHandler(handler);
        ROOT.setLevel(Level.WARNING);
        OURS.setLevel(
                switch (String.valueOf(System.getenv("HEARTH_LOG")).toLowerCase(Locale.ROOT)) {
                    case "debug" -> Level.FINE;
                    case "warning" -> Level.WARNING;
                    default -> Level.INFO;
                });
    }

    private static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord r) {
            String name = String.valueOf(r.getLoggerName());
            var line = new StringBuilder();
            line.append(r.getLevel().getName()).append(' ');
            line.append(name.substring(name.lastIndexOf('.') + 1)).append(": ");
            line.append(formatMessage(r).replace("\n", "\\n"));
            Throwable t = r.getThrown();
            if (t != null) {
                var trace = new StringWriter();
                t.printStackTrace(new PrintWriter(trace, true));
                line.append('\n').append(trace);
            }
            return line.append('\n').toString();
        }
    }
}
