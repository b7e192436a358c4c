// What the nodes send every second, made into rates and summed. Knows no page and no socket.

/** A node that said nothing for so long is not part of the sum any more; milliseconds. */
export const nodeLife = 5000;
/** How many seconds the charts show. */
export const historyLength = 120;

const rateOf = (now, before, seconds) => (now < before || seconds <= 0 ? 0 : (now - before) / seconds);

function gatewayOf(now, before, seconds) {
    return {
        sockets: now.sockets,
        messages: before ? rateOf(now.messages, before.messages, seconds) : 0,
        deliveries: before ? rateOf(now.deliveries, before.deliveries, seconds) : 0,
        queuedBytes: now.queuedBytes ?? 0, // a node of a version that does not say it
        slowReaders: now.slowClosed + now.slowDropped,
    };
}

/** The numbers of a gateway of which no node says anything. */
export const nothing = () => ({ sockets: 0, messages: 0, deliveries: 0, queuedBytes: 0, slowReaders: 0 });

function addTo(sum, gateway) {
    for (const key of Object.keys(sum)) sum[key] += gateway[key];
}

/** Takes the statistics of nodes, and answers the sum of those that are alive. */
export class StatisticsSum {
    #nodes = new Map(); // by id: { heardAt, message, gateways }

    /** `message`: parsed; `now`: milliseconds of any clock that only goes forward. */
    add(message, now) {
        if (message?.type !== 'statistics' || typeof message.node !== 'string') return false;
        const known = this.#nodes.get(message.node);
        const seconds = known ? (message.at - known.message.at) / 1000 : 0;
        const gateways = {};
        for (const [id, numbers] of Object.entries(message.gateways))
            gateways[id] = gatewayOf(numbers, known?.message.gateways[id], seconds);
        this.#nodes.set(message.node, { heardAt: now, message, gateways });
        return true;
    }

    /** Null where no node is heard. */
    sum(now) {
        const total = { nodes: 0, ready: true, connections: 0, queuedBytes: 0, all: nothing(), gateways: new Map() };
        for (const [id, node] of this.#nodes) {
            if (now - node.heardAt > nodeLife) {
                this.#nodes.delete(id);
                continue;
            }
            total.nodes += 1;
            total.ready &&= node.message.ready;
            total.connections += node.message.connections;
            total.queuedBytes += node.message.queuedBytes;
            for (const [gateway, numbers] of Object.entries(node.gateways)) {
                if (!total.gateways.has(gateway)) total.gateways.set(gateway, nothing());
                addTo(total.gateways.get(gateway), numbers);
                addTo(total.all, numbers);
            }
        }
        return total.nodes ? total : null;
    }
}

/** The last seconds of each gateway, and of all (''). */
export class History {
    #points = new Map();

    add(sum) {
        this.#append('', sum.all);
        for (const [id, numbers] of sum.gateways) this.#append(id, numbers);
    }

    #append(id, { messages, deliveries }) {
        if (!this.#points.has(id)) this.#points.set(id, []);
        const points = this.#points.get(id);
        points.push({ messages, deliveries });
        if (points.length > historyLength) points.shift();
    }

    /** Oldest first: `[{ messages, deliveries }]`, per second. */
    of(id) {
        return this.#points.get(id) ?? [];
    }
}
