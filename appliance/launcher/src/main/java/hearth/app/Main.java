package hearth.app;

/** The program: {@code hearth serve} or a command. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.err.println("hearth: no command is wired yet");
        System.exit(2);
    }
}
