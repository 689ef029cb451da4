package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** MQTT 3.1.1, as far as it binds a client. */
class ClientStatementsV311Test extends ClientStatements {

    private static final String NO_WEB_SOCKET = "this client has no WebSocket";

    ClientStatementsV311Test() {
        super(MqttVersion.V3_1_1);
    }

    @Test
    void required_v311_1_5_3_1_invalidUtf8ShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publishTo(SURROGATE));
    }

    @Test
    void required_v311_1_5_3_2_zeroInATextShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publishTo('a', 0));
    }

    @Test
    void required_v311_1_5_3_3_byteOrderMarksShouldBeKept() {
        keepsByteOrderMarks();
    }

    @Test
    void required_v311_2_2_2_1_flagsShouldBeThoseOfTheType() {
        assertThat(rawSubscribe()).startsWith("82 ");
    }

    @Test
    void required_v311_2_2_2_2_wrongFlagsShouldCloseTheConnection() {
        publisherRefuses(ReasonCode.MALFORMED_PACKET, 0x41, 2, 0, 1);
    }

    @Test
    void required_v311_2_3_1_1_identifiersShouldNotBeZero() {
        picksIdentifiersNotInUse();
    }

    @Test
    void required_v311_2_3_1_2_identifiersShouldNotBeInUse() {
        picksIdentifiersNotInUse();
    }

    @Test
    void required_v311_2_3_1_3_packetsShouldBeRepeatedUnderTheirIdentifiers() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_2_3_1_5_publishAtQos0ShouldHaveNoIdentifier() {
        assertThat(rawPublish(message(QoS.AT_MOST_ONCE, "x"))).isEqualTo("30 04 00 01 74 78");
    }

    @Test
    void required_v311_2_3_1_6_acknowledgementsShouldRepeatTheIdentifier() {
        repeatsIdentifiersInAcknowledgements();
    }

    @Test
    void required_v311_3_1_0_1_connectShouldBeTheFirstPacket() {
        sendsConnectFirst();
    }

    @Test
    void required_v311_3_1_2_4_sessionShouldBeResumed() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_3_1_2_6_cleanSessionShouldBeginAfresh() {
        beginsAfreshAfterACleanStart();
    }

    @Test
    void required_v311_3_1_2_9_willFlagShouldComeWithTheWillFields() {
        assertThat(rawConnect(publisher()
                        .clientId("p")
                        .will(Message.builder("w")
                                .qos(QoS.EXACTLY_ONCE)
                                .retained(true)
                                .payload("x")
                                .build())))
                .isEqualTo("10 13 00 04 4D 51 54 54 04 36 00 3C 00 01 70 00 01 77 00 01 78");
    }

    @Test
    void required_v311_3_1_2_11_noWillFieldsShouldBeThereWithoutAWill() {
        assertThat(rawConnect(publisher().clientId("p"))).isEqualTo("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 70");
    }

    @Test
    void required_v311_3_1_2_13_willQosShouldBeZeroWithoutAWill() {
        assertThat(rawConnect(publisher())).matches("10 .. 00 04 4D 51 54 54 04 02 .*");
    }

    @Test
    void required_v311_3_1_2_14_willQosShouldBeThatOfTheWill() {
        assertThat(rawConnect(publisher()
                        .will(Message.builder("w")
                                .qos(QoS.EXACTLY_ONCE)
                                .retained(true)
                                .payload("x")
                                .build())))
                .matches("10 .. 00 04 4D 51 54 54 04 36 .*");
    }

    @Test
    void required_v311_3_1_2_15_willRetainShouldBeZeroWithoutAWill() {
        assertThat(rawConnect(publisher().will(Message.of("w", "x")))).matches("10 .. 00 04 4D 51 54 54 04 0E .*");
        assertThat(rawConnect(publisher())).matches("10 .. 00 04 4D 51 54 54 04 02 .*");
    }

    @Test
    void required_v311_3_1_2_18_noUserNameShouldFollowWithoutItsFlag() {
        assertThat(rawConnect(publisher().clientId("p"))).endsWith("04 02 00 3C 00 01 70");
    }

    @Test
    void required_v311_3_1_2_19_userNameShouldFollowItsFlag() {
        assertThat(rawConnect(withUserNameAlone()))
                .isEqualTo("10 12 00 04 4D 51 54 54 04 82 00 3C 00 01 70 00 03 61 6E 61");
    }

    @Test
    void required_v311_3_1_2_20_noPasswordShouldFollowWithoutItsFlag() {
        assertThat(rawConnect(publisher().clientId("p").will(Message.of("w", "x"))))
                .endsWith("04 0E 00 3C 00 01 70 00 01 77 00 01 78");
    }

    @Test
    void required_v311_3_1_2_21_passwordShouldFollowItsFlag() {
        assertThat(rawConnect(publisher().clientId("p").credentials("ana", "x")))
                .isEqualTo("10 15 00 04 4D 51 54 54 04 C2 00 3C 00 01 70 00 03 61 6E 61 00 01 78");
    }

    @Test
    void required_v311_3_1_2_22_passwordShouldComeWithAUserName() {
        assertThatThrownBy(() -> withPasswordAlone().open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MQTT-3.1.2-22");
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void required_v311_3_1_2_23_pingShouldFollowSilence() {
        pingsWhenIdle();
    }

    @Test
    void required_v311_3_1_3_1_payloadFieldsShouldBeInTheirOrder() {
        assertThat(rawConnect(publisher().clientId("p").will(Message.of("w", "x"))))
                .endsWith("00 01 70 00 01 77 00 01 78");
    }

    @Test
    void required_v311_3_1_3_2_clientIdShouldIdentifyTheSession() {
        rejoinsItsSessionUnderItsName();
    }

    @Test
    void required_v311_3_1_3_3_clientIdShouldBeThere() {
        assertThat(rawConnect(publisher().clientId("p"))).endsWith("00 3C 00 01 70");
    }

    @Test
    void required_v311_3_1_3_4_clientIdShouldBeUtf8() {
        assertThatThrownBy(() -> publisher().clientId("\uD800").open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Client Identifier");
    }

    @Test
    void required_v311_3_1_3_7_sessionShouldNotBeKeptWithoutAClientId() {
        assertThatThrownBy(() -> publisher().sessionExpiry(Duration.ofHours(1)).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clientId");
    }

    @Test
    void required_v311_3_1_3_10_willTopicShouldBeUtf8() {
        assertThatThrownBy(() -> publisher().will(Message.of("\uD800", "x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void required_v311_3_1_3_11_userNameShouldBeUtf8() {
        refusesUserNamesThatAreNoUtf8();
    }

    @Test
    void required_v311_3_3_1_1_dupShouldBeSetWhenSentAgain() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_3_3_1_2_dupShouldBeZeroAtQos0() {
        neverSetsDupAtQos0();
    }

    @Test
    void required_v311_3_3_1_4_qos3ShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publish(6, utf8("t"), 0, 1));
    }

    @Test
    void required_v311_3_3_2_1_topicShouldComeFirst() {
        assertThat(rawPublish(message(QoS.EXACTLY_ONCE, "x"))).isEqualTo("34 06 00 01 74 00 01 78");
    }

    @Test
    void required_v311_3_3_2_2_wildcardsShouldBeRefused() {
        refusesWildcardsInTopicNames();
    }

    @Test
    void required_v311_3_3_4_1_messagesShouldBeAnsweredAsTheirQosDemands() {
        answersAsTheQosDemands();
    }

    @Test
    void required_v311_3_6_1_1_pubRelFlagsShouldBeTwo() {
        assertThat(rawPubRel()).isEqualTo("62 02 00 01");
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, 0x60, 2, 0, 1);
    }

    @Test
    void required_v311_3_8_1_1_subscribeFlagsShouldBeTwo() {
        assertThat(rawSubscribe()).startsWith("82 ");
    }

    @Test
    void required_v311_3_8_3_1_filtersShouldBeUtf8() {
        refusesFilters("\uD800", "a/\uDC00/b");
    }

    @Test
    void required_v311_3_8_3_3_everyFilterShouldHaveItsQos() {
        assertThat(rawSubscribe()).isEqualTo("82 15 00 01 00 03 74 2F 23 02 00 0A 24 73 68 61 72 65 2F 67 2F 75 02");
    }

    @Test
    void required_v311_3_10_1_1_unsubscribeFlagsShouldBeTwo() {
        assertThat(rawUnsubscribe()).startsWith("A2 ");
    }

    @Test
    void required_v311_3_10_3_1_filtersShouldStandOneBehindTheOther() {
        assertThat(rawUnsubscribe()).endsWith("00 03 74 2F 23 00 01 75");
    }

    @Test
    void required_v311_3_10_3_2_unsubscribeShouldHaveEveryFilter() {
        assertThat(rawUnsubscribe()).isEqualTo("A2 0A 00 02 00 03 74 2F 23 00 01 75");
    }

    @Test
    void required_v311_3_14_4_1_connectionShouldBeClosedBehindDisconnect() {
        closesBehindItsDisconnect();
    }

    @Test
    void required_v311_3_14_4_2_disconnectShouldBeTheLastPacket() {
        sendsNothingBehindItsDisconnect();
    }

    @Test
    void required_v311_4_1_0_1_sessionStateShouldLastAsLongAsTheSession() {
        releasesAgainAndPublishesNoMore();
    }

    @Test
    void required_v311_4_1_0_2_sessionStateShouldLastAsLongAsTheConnection() {
        handsARepeatedMessageOutOnceUntilItIsReleased();
    }

    @Test
    void required_v311_4_3_1_1_dupShouldBeZeroAtQos0() {
        neverSetsDupAtQos0();
    }

    @Test
    void required_v311_4_3_2_1_messageShouldBeUnacknowledgedUntilPubAck() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_4_3_2_2_identifierShouldBeNewAfterPubAck() {
        takesAnIdentifierAfterPubAckForANewMessage();
    }

    @Test
    void required_v311_4_3_3_1_nothingShouldBePublishedAgainBehindItsPubRel() {
        releasesAgainAndPublishesNoMore();
    }

    @Test
    void required_v311_4_3_3_2_repeatedMessageShouldBeAnsweredAndNotHandedOut() {
        handsARepeatedMessageOutOnceUntilItIsReleased();
    }

    @Test
    void required_v311_4_4_0_1_unacknowledgedPacketsShouldBeRepeated() {
        sendsAgainWhatIsUnacknowledged(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v311_4_5_0_2_messagesShouldBeAcknowledgedWhateverTheProgramDoes() {
        acknowledgesWhatTheProgramFailsOn();
    }

    @Test
    void required_v311_4_6_0_1_messagesShouldBeSentAgainInTheirOrder() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_4_6_0_2_pubAcksShouldKeepTheOrderOfArrival() {
        acknowledgesInTheOrderOfArrival(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v311_4_6_0_3_pubRecsShouldKeepTheOrderOfArrival() {
        acknowledgesInTheOrderOfArrival(QoS.EXACTLY_ONCE);
    }

    @Test
    void required_v311_4_6_0_4_pubRelsShouldKeepTheOrderOfPubRecs() {
        answersPubRecWithPubRelInTheirOrder();
    }

    @Test
    void required_v311_4_7_1_1_wildcardsShouldNotBeInTopicNames() {
        refusesWildcardsInTopicNames();
    }

    @Test
    void required_v311_4_7_1_2_numberSignShouldBeTheLastLevel() {
        refusesFilters("a/#/b", "a#", "#/a");
    }

    @Test
    void required_v311_4_7_1_3_plusShouldBeAWholeLevel() {
        refusesFilters("a+", "+a/b", "a/b+/c");
        subscriber().topic("+/b").topic("a/+/c").open().close();
    }

    @Test
    void required_v311_4_7_3_1_topicsShouldNotBeEmpty() {
        refusesEmptyTopics();
    }

    @Test
    void required_v311_4_7_3_2_topicsShouldNotContainZero() {
        refusesZeroInTopics();
    }

    @Test
    void required_v311_4_7_3_3_topicsShouldNotBeTooLong() {
        assertThatThrownBy(() -> publisher().topic("x".repeat(65_536))).isInstanceOf(IllegalArgumentException.class);
        refusesFilters("x".repeat(65_536));
    }

    @Test
    void required_v311_4_8_0_1_violationsShouldCloseTheConnection() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0xE0, 0);
    }

    @Test
    void untested_v311_4_8_0_2_transientErrorsShouldCloseTheConnection() {
        notObservable("it takes a client that runs out of something while it handles a packet");
    }

    @Test
    void untested_v311_6_0_0_1_framesShouldBeBinary() {
        notObservable(NO_WEB_SOCKET);
    }

    @Test
    void untested_v311_6_0_0_2_packetsShouldNotDependOnFrames() {
        notObservable(NO_WEB_SOCKET);
    }

    @Test
    void untested_v311_6_0_0_3_subProtocolShouldBeMqtt() {
        notObservable(NO_WEB_SOCKET);
    }

    @Test
    void untested_v311_7_0_0_2_noExtensionShouldBeNeeded() {
        notObservable("that all other tests pass with nothing but the standard is all there is to see");
    }

    @Test
    void untested_v311_7_1_2_1_transportShouldBeAnOrderedByteStream() {
        notObservable("it says what transports a client has");
    }
}
