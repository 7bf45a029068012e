package hearth.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Downcall handles whose arguments and result are all {@code long}: pointers, and integers in whole
 * registers, of which the callee reads the lower half (System V x86-64 and AAPCS64 calling
 * conventions; not right for floats or more than six arguments). One shape per number of arguments
 * keeps the cost of start-up small. A result that C declares as {@code int} must be cast.
 */
final class NativeCalls {
    private static final Linker LINKER = Linker.nativeLinker();

    private NativeCalls() {}

    static SymbolLookup libc() {
        return LINKER.defaultLookup();
    }

    static MethodHandle bind(
            SymbolLookup library, String name, int arguments, Linker.Option... options) {
        return LINKER.downcallHandle(library.findOrThrow(name), shape(arguments), options);
    }

    /** A call that sets errno: its first argument is the thread's capture segment. */
    static MethodHandle bindErrno(String name, int arguments) {
        return bind(libc(), name, arguments, Linker.Option.captureCallState("errno"));
    }

    /** A call that is short and never blocks: made without leaving the Java state. */
    static MethodHandle bindCritical(SymbolLookup library, String name, int arguments) {
        return bind(library, name, arguments, Linker.Option.critical(false));
    }

    private static FunctionDescriptor shape(int arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments];
        Arrays.fill(layouts, JAVA_LONG);
        return FunctionDescriptor.of(JAVA_LONG, layouts);
    }

    /**
     * What the code around an {@code invokeExact} threw: its own refusal as it is, all else is our
     * bug, as the calls themselves throw nothing.
     */
    static IllegalStateException broken(Throwable t) {
        return t instanceof IllegalStateException e
                ? e
                : new IllegalStateException("native call", t);
    }
}
