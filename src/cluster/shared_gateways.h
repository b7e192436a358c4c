#pragma once

#include "cluster/gateway_fields.h"
#include "cluster/gateway_state_store.h"
#include "config/shared_gateway_state.h"
#include "mws/base/clock.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mws {

/// Is told what the cluster's gateways are. Thread: SharedGateways'.
class SharedGatewaysOwner
{
public:
    /// These are the gateways now.
    virtual void gatewaysChanged(std::shared_ptr<const SharedGatewayState> state) = 0;
    /// What the store has cannot be used; it is left as it is.
    virtual void gatewaysRefused(const std::string &reason) = 0;

protected:
    ~SharedGatewaysOwner() = default;
};

struct SharedGatewaysChange
{
    std::string nonce;                         ///< of the state on which it was made
    std::map<GatewayId, std::string> gateways; ///< JSON by id; empty: to be removed
    bool keysOnly = false; ///< signing keys that were missing; waits as long as the store is away
};

enum class SharedGatewaysChanged {
    Done,     ///< the owner has been told of the state that has it
    Outdated, ///< nothing was changed; the owner has been told of the state on which it can be made anew
    Refused,  ///< see the error
};

/// Keeps the gateways of this node and those of the store alike: takes in what other nodes changed, writes
/// changes, and puts back what the store has lost and this node knows.
///
/// Two states of one history (epoch) are joined gateway by gateway. Of two histories the store's stays,
/// unless only keys are in it and more is in this node's.
///
/// Every write is bound to the head that was read, so that of several nodes that write at once one is first
/// and the others look again. Knows no Redis; tick() is its clock. Thread: the store's.
class SharedGateways
{
public:
    using Changed = std::function<void(SharedGatewaysChanged, const Error &)>;

    struct Options
    {
        std::chrono::milliseconds pollEvery{250};
        SharedGatewayLimits limits = {};
    };

    /// `own`: what this node brings along; without an epoch if it was in no cluster. `random`: a new word of
    /// letters and digits. All outlive this.
    SharedGateways(GatewayStateStore &store, SharedGatewaysOwner &owner, const Clock &clock,
                   SharedGatewayState own, std::function<std::string()> random, Options options);
    SharedGateways(GatewayStateStore &store, SharedGatewaysOwner &owner, const Clock &clock,
                   SharedGatewayState own, std::function<std::string()> random)
        : SharedGateways(store, owner, clock, std::move(own), std::move(random), Options())
    {}
    ~SharedGateways();

    void storeUp();
    void storeDown();
    /// Call it several times a second.
    void tick();
    /// One after the other; `done` once, at once or later. Errors: Unavailable: it may have been made all the
    /// same; PayloadTooLarge.
    void change(SharedGatewaysChange change, Changed done);

    /// For tests.
    const SharedGatewayState &state() const { return *m_state; }
    bool isSettled() const { return m_settled && !m_busy; }

private:
    struct Pending
    {
        SharedGatewaysChange change;
        Changed done;
        bool isTried = false; ///< it was written, and it is not known whether that was done
    };

    void poll();
    void headRead(const std::optional<std::string> &head);
    void allRead(const std::optional<GatewayFields> &fields);
    void reconcile(const SharedGatewayState &stored, const std::string &head);
    void put(SharedGatewayState state, std::string expected);
    void settle(std::shared_ptr<const SharedGatewayState> state);
    void refuse(const std::string &head, const std::string &reason);
    void unanswered();
    void lookAgain();
    void makeNextChange();
    void write(const std::shared_ptr<const SharedGatewayState> &next);
    void written(const std::shared_ptr<const SharedGatewayState> &next, GatewayFieldsWritten result);
    bool isDone(const SharedGatewaysChange &change) const;
    void answerFirst(SharedGatewaysChanged result, const Error &error = {});
    void failChanges(const char *why);

    GatewayStateStore &m_store;
    SharedGatewaysOwner &m_owner;
    const Clock &m_clock;
    std::function<std::string()> m_random;
    const Options m_options;
    std::shared_ptr<const SharedGatewayState> m_state; ///< the newest that is known
    bool m_settled = false;    ///< m_state is what the store had when it was asked last, and the owner's
    std::string m_refusedHead; ///< of what cannot be used; empty: there is none
    bool m_up = false;
    bool m_busy = false;    ///< a question or a write is under way
    bool m_writing = false; ///< it is the first change
    SteadyTime m_polled{};
    std::deque<Pending> m_changes;
    std::shared_ptr<bool> m_alive =
        std::make_shared<bool>(true); ///< for handlers that come when this has gone
};

} // namespace mws
