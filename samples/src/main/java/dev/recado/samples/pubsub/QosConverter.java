package dev.recado.samples.pubsub;

import dev.recado.QoS;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the option {@code --qos}. */
final class QosConverter implements ITypeConverter<QoS> {

    @Override
    public QoS convert(String value) {
        return switch (value) {
            case "0" -> QoS.AT_MOST_ONCE;
            case "1" -> QoS.AT_LEAST_ONCE;
            default -> throw new TypeConversionException("must be 0 or 1, but is '" + value + "'");
        };
    }
}
