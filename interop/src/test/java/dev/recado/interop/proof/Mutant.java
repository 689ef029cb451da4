package dev.recado.interop.proof;

import java.util.List;
import java.util.function.Supplier;

/**
 * A broker engine with one fault.
 *
 * @param name unique, in words
 * @param breaks the statements or sections that it breaks, as tests' names have them, such as {@code v5_3_3_1_1}
 * @param faults makes its fault, for each connection
 */
record Mutant(String name, List<String> breaks, Supplier<Fault> faults) {

    /** {@code breaks} has a space between statements. */
    static Mutant mutant(String name, String breaks, Supplier<Fault> faults) {
        return new Mutant(name, List.of(breaks.split(" ")), faults);
    }

    /** Whether this test is one of a statement that the mutant breaks. */
    boolean breaks(String test) {
        return breaks.stream().anyMatch(statement -> isOf(statement, test));
    }

    static boolean isOf(String statement, String test) {
        // A digit would belong to another section's number.
        return test.matches("(required|recommended)_" + statement + "_[a-z].*");
    }

    @Override
    public String toString() {
        return name;
    }
}
