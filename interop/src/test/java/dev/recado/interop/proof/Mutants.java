package dev.recado.interop.proof;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All mutants, and the broker as it is. */
final class Mutants {

    /** The broker as it is, behind the proxy. */
    static final Mutant NONE = Mutant.mutant("none", "none", Faults.none());

    static final List<Mutant> ALL = Stream.of(
                    ConnectMutants.ALL,
                    AuthMutants.ALL,
                    SessionMutants.ALL,
                    PublishMutants.ALL,
                    AcknowledgementMutants.ALL,
                    SubscriptionMutants.ALL,
                    FormatMutants.ALL)
            .flatMap(List::stream)
            .toList();

    private static final Map<String, Mutant> BY_NAME =
            Stream.concat(Stream.of(NONE), ALL.stream()).collect(Collectors.toMap(Mutant::name, Function.identity()));

    private Mutants() {}

    static Mutant named(String name) {
        Mutant mutant = BY_NAME.get(name);
        if (mutant == null) {
            throw new IllegalArgumentException("no mutant is called '" + name + "'");
        }
        return mutant;
    }
}
