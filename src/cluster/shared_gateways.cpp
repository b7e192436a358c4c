#include "cluster/shared_gateways.h"

#include "mws/base/log.h"

#include <algorithm>
#include <utility>

namespace mws {

namespace {

/// What makes `next` of `state`.
GatewayFieldsWrite difference(const SharedGatewayState &state, const SharedGatewayState &next)
{
    GatewayFieldsWrite write{headOf(state), false, {{headField, headOf(next)}}, {}};
    for (const auto &[id, gateway] : next.gateways)
        if (const auto before = state.gateways.find(id);
            before == state.gateways.end() || before->second != gateway)
            write.set.emplace(fieldOf(id), textOf(gateway));
    for (const auto &[id, gateway] : state.gateways)
        if (!next.gateways.contains(id))
            write.remove.push_back(fieldOf(id));
    return write;
}

} // namespace

SharedGateways::SharedGateways(GatewayStateStore &store, SharedGatewaysOwner &owner, const Clock &clock,
                               SharedGatewayState own, std::function<std::string()> random, Options options)
    : m_store(store),
      m_owner(owner),
      m_clock(clock),
      m_random(std::move(random)),
      m_options(options),
      m_state(std::make_shared<const SharedGatewayState>(std::move(own)))
{}

SharedGateways::~SharedGateways()
{
    *m_alive = false;
}

void SharedGateways::storeUp()
{
    m_up = true;
    if (!m_busy)
        poll();
}

void SharedGateways::storeDown()
{
    m_up = false;
    failChanges("The broker cannot be reached");
}

void SharedGateways::tick()
{
    if (m_up && !m_busy && m_clock.now() - m_polled >= m_options.pollEvery)
        poll();
}

void SharedGateways::poll()
{
    m_busy = true;
    m_polled = m_clock.now();
    m_store.readHead([this, alive = m_alive](const std::optional<std::string> &head) {
        if (*alive)
            headRead(head);
    });
}

void SharedGateways::headRead(const std::optional<std::string> &head)
{
    if (!head)
        return unanswered();
    if (m_settled && *head == headOf(*m_state)) {
        m_busy = false;
        return makeNextChange();
    }
    if (!head->empty() && *head == m_refusedHead) {
        m_busy = false;
        return failChanges("What the cluster keeps of its gateways cannot be used");
    }
    m_settled = false;
    if (head->empty()) {
        log(LogLevel::Info,
            m_state->epoch.empty() ? "Redis has no gateways yet: those of this node are put there"
                                   : "Redis has lost the gateways: this node puts them back",
            {{"gateways", m_state->gateways.size()}, {"version", m_state->version}});
        return put(*m_state, {});
    }
    m_store.readAll([this, alive = m_alive](const std::optional<GatewayFields> &fields) {
        if (*alive)
            allRead(fields);
    });
}

void SharedGateways::allRead(const std::optional<GatewayFields> &fields)
{
    if (!fields)
        return unanswered();
    const auto head = fields->find(headField);
    if (head == fields->end()) // gone since it was read
        return lookAgain();
    const auto stored = parseGatewayFields(*fields, m_options.limits);
    if (!stored)
        return refuse(head->second, stored.error().detail);
    m_refusedHead.clear();
    reconcile(*stored, head->second);
}

void SharedGateways::reconcile(const SharedGatewayState &stored, const std::string &head)
{
    if (stored.epoch == m_state->epoch) {
        SharedGatewayState both = joined(stored, *m_state);
        if (both.nonce == stored.nonce)
            return settle(std::make_shared<const SharedGatewayState>(std::move(both)));
        log(LogLevel::Warning, "Redis has lost changes of gateways: this node puts back what it knows",
            {{"version", m_state->version}, {"version_in_redis", stored.version}});
        return put(std::move(both), head);
    }
    if (stored.fresh && !m_state->fresh) {
        log(LogLevel::Info, "Redis has only signing keys: the gateways of this node are put there",
            {{"gateways", m_state->gateways.size()}});
        return put(*m_state, head);
    }
    if (!m_state->fresh)
        log(LogLevel::Warning, "Redis has gateways of another history: they take the place of this node's",
            {{"gateways", stored.gateways.size()}, {"gateways_of_this_node", m_state->gateways.size()}});
    settle(std::make_shared<const SharedGatewayState>(stored));
}

/// In place of all that the store has.
void SharedGateways::put(SharedGatewayState state, std::string expected)
{
    if (state.epoch.empty())
        state.epoch = m_random();
    if (state.nonce.empty())
        state.nonce = m_random();
    const auto next = std::make_shared<const SharedGatewayState>(std::move(state));
    if (const Result<void> fits = checkLimits(*next, m_options.limits); !fits)
        return refuse(expected, fits.error().detail);
    m_store.write(GatewayFieldsWrite{std::move(expected), true, fieldsOf(*next), {}},
                  [this, alive = m_alive, next](GatewayFieldsWritten result) {
                      if (!*alive)
                          return;
                      if (result == GatewayFieldsWritten::Written)
                          settle(next);
                      else if (result == GatewayFieldsWritten::Refused)
                          unanswered();
                      else
                          lookAgain();
                  });
}

void SharedGateways::settle(std::shared_ptr<const SharedGatewayState> state)
{
    m_state = std::move(state);
    m_settled = true;
    m_busy = false;
    m_owner.gatewaysChanged(m_state);
    makeNextChange();
}

void SharedGateways::refuse(const std::string &head, const std::string &reason)
{
    m_refusedHead = head;
    m_busy = false;
    m_owner.gatewaysRefused(reason);
    failChanges("What the cluster keeps of its gateways cannot be used");
}

void SharedGateways::unanswered()
{
    m_busy = false;
    failChanges("The broker cannot be reached");
}

void SharedGateways::lookAgain()
{
    m_busy = false;
    poll();
}

void SharedGateways::change(SharedGatewaysChange change, Changed done)
{
    m_changes.push_back({std::move(change), std::move(done)});
    if (!m_up)
        return failChanges("The broker cannot be reached");
    if (!m_busy)
        m_settled ? makeNextChange() : poll();
}

void SharedGateways::makeNextChange()
{
    while (!m_busy && m_settled && !m_changes.empty()) {
        const Pending &first = m_changes.front();
        if (first.isTried && isDone(first.change)) {
            answerFirst(SharedGatewaysChanged::Done);
        } else if (first.change.nonce != m_state->nonce) {
            answerFirst(SharedGatewaysChanged::Outdated);
        } else {
            auto next = std::make_shared<const SharedGatewayState>(
                changed(*m_state, first.change.gateways, m_random(), first.change.keysOnly));
            if (const Result<void> fits = checkLimits(*next, m_options.limits); !fits)
                answerFirst(SharedGatewaysChanged::Refused, fits.error());
            else
                write(next);
        }
    }
}

void SharedGateways::write(const std::shared_ptr<const SharedGatewayState> &next)
{
    m_busy = true;
    m_writing = true;
    m_store.write(difference(*m_state, *next), [this, alive = m_alive, next](GatewayFieldsWritten result) {
        if (*alive)
            written(next, result);
    });
}

void SharedGateways::written(const std::shared_ptr<const SharedGatewayState> &next,
                             GatewayFieldsWritten result)
{
    m_writing = false;
    switch (result) {
    case GatewayFieldsWritten::Written:
        m_state = next;
        m_owner.gatewaysChanged(m_state);
        answerFirst(SharedGatewaysChanged::Done);
        m_busy = false;
        return makeNextChange();
    case GatewayFieldsWritten::Refused:
        return unanswered();
    case GatewayFieldsWritten::Unknown:
        m_changes.front().isTried = true;
        return lookAgain();
    case GatewayFieldsWritten::Outdated:
        return lookAgain();
    }
}

/// By this node, or by another one that wanted the same.
bool SharedGateways::isDone(const SharedGatewaysChange &change) const
{
    return change.nonce != m_state->nonce &&
           std::all_of(change.gateways.begin(), change.gateways.end(), [this](const auto &wanted) {
               const auto found = m_state->gateways.find(wanted.first);
               return (found == m_state->gateways.end() ? std::string() : found->second.json) ==
                      wanted.second;
           });
}

void SharedGateways::answerFirst(SharedGatewaysChanged result, const Error &error)
{
    const Changed done = std::move(m_changes.front().done);
    m_changes.pop_front();
    done(result, error);
}

/// All but the one that is being written, and those that wait for the store.
void SharedGateways::failChanges(const char *why)
{
    std::deque<Pending> kept;
    std::deque<Pending> failed;
    for (Pending &pending : m_changes) {
        const bool keep = pending.change.keysOnly || (m_writing && kept.empty() && failed.empty());
        (keep ? kept : failed).push_back(std::move(pending));
    }
    m_changes = std::move(kept);
    for (const Pending &pending : failed)
        pending.done(SharedGatewaysChanged::Refused, temporarilyUnavailable(why));
}

} // namespace mws
