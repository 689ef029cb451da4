package dev.recado.core.session;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Packets that were sent and wait for their acknowledgement, by packet identifier; never more than the receiver's Receive
 * Maximum (MQTT-3.3.4-9). An identifier that becomes free is the last to be given out again, so that an acknowledgement
 * that comes twice hits nobody. Starts small and grows with use. Not thread-safe.
 *
 * @param <T> what is kept for each
 */
public final class InFlight<T> {

    private static final int INITIAL_CAPACITY = 16;

    private final int limit;

    /** At index i what identifier i + 1 stands for. */
    private Object[] items;

    /** A ring of the identifiers that nobody uses. */
    private int[] free;

    private int firstFree;
    private int size;

    /**
     * Nothing in flight.
     *
     * @param limit the receiver's Receive Maximum, 1 to 65,535
     * @throws IllegalArgumentException when it is not
     */
    public InFlight(int limit) {
        if (limit < 1 || limit > 0xFFFF) {
            throw new IllegalArgumentException(
                    "Receive Maximum is " + limit + ", allowed are 1 to 65535 (MQTT 5, section 3.1.2.11.3)");
        }
        this.limit = limit;
        grow(INITIAL_CAPACITY);
    }

    private void grow(int capacity) {
        int used = items == null ? 0 : items.length;
        items = used == 0 ? new Object[capacity] : Arrays.copyOf(items, capacity);
        free = new int[capacity];
        firstFree = 0;
        for (int i = 0; i < capacity - used; i++) {
            free[i] = used + i + 1;
        }
    }

    /**
     * How many there are.
     *
     * @return 0 to the limit
     */
    public int size() {
        return size;
    }

    /**
     * Whether the receiver takes no more for now.
     *
     * @return {@code true} when {@link #add} would refuse
     */
    public boolean isFull() {
        return size == limit;
    }

    /**
     * Gives an identifier out.
     *
     * @param item what it stands for
     * @return 1 to 65,535, not in use
     * @throws IllegalStateException when full
     */
    public int add(T item) {
        if (isFull()) {
            throw new IllegalStateException(size + " packets are in flight, as many as Receive Maximum allows");
        }
        if (size == items.length) {
            grow(Math.min(0xFFFF, 2 * items.length));
        }
        int id = free[firstFree];
        firstFree = (firstFree + 1) % free.length;
        items[id - 1] = item;
        size++;
        return id;
    }

    /**
     * What an identifier stands for.
     *
     * @param id any number
     * @return {@code null} when the identifier is not in use
     */
    @SuppressWarnings("unchecked")
    public T get(int id) {
        return id < 1 || id > items.length ? null : (T) items[id - 1];
    }

    /**
     * Takes an identifier back.
     *
     * @param id any number
     * @return what it stood for; {@code null} when it was not in use
     */
    public T remove(int id) {
        T item = get(id);
        if (item != null) {
            items[id - 1] = null;
            size--;
            free[(firstFree + items.length - size - 1) % free.length] = id;
        }
        return item;
    }

    /**
     * Puts something else in the place of what an identifier stands for.
     *
     * @param id one that is in use
     * @param item what it stands for from now on
     * @throws IllegalStateException when it is not in use
     */
    public void replace(int id, T item) {
        if (get(id) == null) {
            throw new IllegalStateException("packet identifier " + id + " is not in use");
        }
        items[id - 1] = item;
    }

    /**
     * Visits all that is in flight, in no particular order.
     *
     * @param visitor must not change what is in flight
     */
    @SuppressWarnings("unchecked")
    public void forEach(Consumer<? super T> visitor) {
        for (Object item : items) {
            if (item != null) {
                visitor.accept((T) item);
            }
        }
    }
}
