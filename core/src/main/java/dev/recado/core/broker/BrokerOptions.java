package dev.recado.core.broker;

import dev.recado.BrokerListener;
import dev.recado.DuplicateClientIds;
import dev.recado.Limits;
import dev.recado.RolePolicy;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Authorizer;
import java.util.List;

/**
 * What the program decided about its broker.
 *
 * @param limits bounds
 * @param roles what is demanded of clients that state no role
 * @param duplicateClientIds who gets a client identifier that two want
 * @param history which topics keep more than their last value
 * @param checksPayloadFormat whether a payload that claims to be text is looked at
 * @param responseInformation for clients that ask for it; null for a reply topic of their own
 * @param authenticator decides who may connect; null: everyone
 * @param authorizer decides what clients may do; null: everything
 * @param listeners told of what happens
 */
record BrokerOptions(
        Limits limits,
        RolePolicy roles,
        DuplicateClientIds duplicateClientIds,
        HistoryDepths history,
        boolean checksPayloadFormat,
        String responseInformation,
        Authenticator authenticator,
        Authorizer authorizer,
        List<BrokerListener> listeners) {}
