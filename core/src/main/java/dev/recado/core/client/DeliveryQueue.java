package dev.recado.core.client;

/** Deliveries in order, linked through themselves: any of them leaves in one step, and none costs an object. */
final class DeliveryQueue {

    private Delivery first;
    private Delivery last;
    private int size;

    Delivery first() {
        return first;
    }

    int size() {
        return size;
    }

    void addLast(Delivery delivery) {
        delivery.previous = last;
        delivery.next = null;
        if (last == null) {
            first = delivery;
        } else {
            last.next = delivery;
        }
        last = delivery;
        size++;
    }

    void remove(Delivery delivery) {
        if (delivery.previous == null) {
            first = delivery.next;
        } else {
            delivery.previous.next = delivery.next;
        }
        if (delivery.next == null) {
            last = delivery.previous;
        } else {
            delivery.next.previous = delivery.previous;
        }
        delivery.previous = null;
        delivery.next = null;
        size--;
    }

    Delivery pollFirst() {
        Delivery delivery = first;
        if (delivery != null) {
            remove(delivery);
        }
        return delivery;
    }

    /** Moves all to the end of another queue. */
    void moveTo(DeliveryQueue target) {
        for (Delivery delivery = pollFirst(); delivery != null; delivery = pollFirst()) {
            target.addLast(delivery);
        }
    }
}
