package hearth.console.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The page that a device opens for its person.
 *
 * @param state {@code waiting}, {@code joined}, {@code refused} or {@code gone}
 * @param since null unless it waits
 * @param key the beginning of the node key, to compare
 * @param owners whom it may be given to; empty when the person may only take it for themselves
 * @param result what became of it, empty while it waits
 */
public record Join(
        String id,
        String state,
        String device,
        String os,
        String address,
        @Nullable When since,
        String code,
        String key,
        String tags,
        List<String> owners,
        String self,
        boolean mayTag,
        String result) {}
