/**
 * Benchmarks of hot paths with the worlds they run in: {@link hearth.bench.PolicyBench}, {@link
 * hearth.bench.SumBench}.
 */
@NullMarked
package hearth.bench;

import org.jspecify.annotations.NullMarked;
