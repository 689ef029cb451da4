package dev.recado.samples;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test class that runs once with each of Recado's transports, whose name its parameter is.
 *
 * <p>The mode is said here because JUnit's setting for classes ({@code mode.classes.default}) passes over parameterized ones:
 * they would run one after the other.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@ValueSource(strings = {"nio", "blocking"})
@Execution(ExecutionMode.CONCURRENT)
public @interface OnEachTransport {}
