/** Benchmarks of hot paths with the worlds they run in; see {@link hearth.bench.PolicyBench}. */
@NullMarked
package hearth.bench;

import org.jspecify.annotations.NullMarked;
