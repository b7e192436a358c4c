#include "hub/worker.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace mws {

namespace {

bool matches(const SocketSession &session, const SocketFilter &filter)
{
    const std::vector<Tag> &tags = *session.tags;
    return (!filter.tag || std::find(tags.begin(), tags.end(), *filter.tag) != tags.end()) &&
           (!filter.user || session.user == *filter.user) &&
           (!filter.issuedBefore || session.issuedAt < *filter.issuedBefore);
}

bool byId(const SocketInfo &a, const SocketInfo &b)
{
    return a.id < b.id;
}

} // namespace

SocketInfo SocketSession::info() const
{
    return SocketInfo{id, connectedAt, *tags, user, channel->remote(), channel->queuedBytes()};
}

/// Asks one worker on its own thread and answers on this one; at once if it is this one.
template <typename Answer>
void Worker::onWorker(size_t worker, std::function<Answer(Worker &)> ask, std::function<void(Answer)> answer)
{
    if (worker == m_index) {
        answer(ask(*this));
        return;
    }
    m_node.mailboxes[worker]->post(
        [this, other = m_workers[worker], ask = std::move(ask), answer = std::move(answer)] {
            auto result = std::make_shared<Answer>(ask(*other));
            mailbox().post([answer, result] { answer(std::move(*result)); });
        });
}

template <typename Part>
void Worker::onAllWorkers(std::function<Part(Worker &)> ask, std::function<void(std::vector<Part>)> answer)
{
    struct Gathered
    {
        std::vector<Part> parts;
        size_t missing;
    };
    const auto gathered = std::make_shared<Gathered>(Gathered{{}, m_workers.size()});
    for (size_t worker = 0; worker < m_workers.size(); ++worker) {
        onWorker<Part>(worker, ask, [gathered, answer](Part part) {
            gathered->parts.push_back(std::move(part));
            if (--gathered->missing == 0)
                answer(std::move(gathered->parts));
        });
    }
}

void Worker::afterLetters(std::function<void()> step)
{
    // Each answers through the same mailbox, which keeps its order.
    onAllWorkers<int>([](Worker &) { return 0; },
                      [step = std::move(step)](const std::vector<int> &) { step(); });
}

void Worker::listOnNode(uint32_t serial, const std::optional<Tag> &tag, size_t limit,
                        const std::string &cursor, std::function<void(SocketPage)> answer)
{
    onAllWorkers<SocketPage>([=](Worker &worker) { return worker.listHere(serial, tag, limit, cursor); },
                             [limit, answer = std::move(answer)](std::vector<SocketPage> pages) {
                                 SocketPage all;
                                 for (SocketPage &page : pages) {
                                     all.more = all.more || page.more;
                                     std::move(page.sockets.begin(), page.sockets.end(),
                                               std::back_inserter(all.sockets));
                                 }
                                 std::sort(all.sockets.begin(), all.sockets.end(), byId);
                                 if (all.sockets.size() > limit) {
                                     all.sockets.resize(limit);
                                     all.more = true;
                                 }
                                 answer(std::move(all));
                             });
}

SocketPage Worker::listHere(uint32_t serial, const std::optional<Tag> &tag, size_t limit,
                            const std::string &cursor)
{
    LocalGateway *local = findLocal(serial);
    if (!local)
        return {};
    std::vector<SocketSession *> found;
    for (RoutedSocket *socket : tag ? local->index.withTag(*tag) : local->index.all())
        if (cursor.empty() || socket->id.view() > cursor)
            found.push_back(static_cast<SocketSession *>(socket));
    const size_t count = std::min(limit, found.size());
    std::partial_sort(found.begin(), found.begin() + ptrdiff_t(count), found.end(),
                      [](const SocketSession *a, const SocketSession *b) { return a->id < b->id; });
    SocketPage page;
    page.more = found.size() > count;
    page.sockets.reserve(count);
    for (size_t i = 0; i < count; ++i)
        page.sockets.push_back(found[i]->info());
    return page;
}

void Worker::findOnNode(uint32_t serial, const SocketId &id, std::function<void(Result<SocketInfo>)> answer)
{
    const std::optional<size_t> worker = m_node.directory.workerOf(serial, id);
    if (!worker)
        return answer(Unexpected(ErrorCode::NotFound));
    onWorker<Result<SocketInfo>>(
        *worker, [serial, id](Worker &owner) { return owner.findHere(serial, id); }, std::move(answer));
}

Result<SocketInfo> Worker::findHere(uint32_t serial, const SocketId &id)
{
    const SocketSession *session = findSession(serial, id);
    return session ? Result<SocketInfo>(session->info()) : Unexpected(ErrorCode::NotFound);
}

void Worker::changeTagsOnNode(uint32_t serial, const SocketId &id, std::vector<Tag> add,
                              std::vector<Tag> remove, std::function<void(Result<SocketInfo>)> answer)
{
    const std::optional<size_t> worker = m_node.directory.workerOf(serial, id);
    if (!worker)
        return answer(Unexpected(ErrorCode::NotFound));
    onWorker<Result<SocketInfo>>(
        *worker,
        [=, add = std::move(add), remove = std::move(remove)](Worker &owner) {
            return owner.changeTagsHere(serial, id, add, remove);
        },
        std::move(answer));
}

Result<SocketInfo> Worker::changeTagsHere(uint32_t serial, const SocketId &id, const std::vector<Tag> &add,
                                          const std::vector<Tag> &remove)
{
    SocketSession *session = findSession(serial, id);
    if (!session)
        return Unexpected(ErrorCode::NotFound);
    const Limits &limits = session->gateway->settings->settings.limits;
    std::vector<Tag> tags = *session->tags;
    std::erase_if(tags, [&remove](const Tag &tag) {
        return std::find(remove.begin(), remove.end(), tag) != remove.end();
    });
    for (const Tag &tag : add)
        if (std::find(tags.begin(), tags.end(), tag) == tags.end())
            tags.push_back(tag);
    if (tags.size() > limits.tagsPerSocket)
        return Unexpected(ErrorCode::InvalidData,
                          "A socket has at most " + std::to_string(limits.tagsPerSocket) + " tags",
                          "addTags");
    const SharedTags before = session->tags;
    const SharedTags after = std::make_shared<const std::vector<Tag>>(std::move(tags));
    session->gateway->index.setTags(*session, after);
    if (!session->leaving)
        m_node.directory.setTags(serial, m_index, id, before, after);
    if (m_node.broker)
        m_node.broker->changed(session->gateway->settings->id, id, *after);
    return session->info();
}

void Worker::closeOnNode(uint32_t serial, const SocketId &id, CloseCode code, const std::string &reason,
                         std::function<void(bool)> answer)
{
    const std::optional<size_t> worker = m_node.directory.workerOf(serial, id);
    if (!worker)
        return answer(false);
    onWorker<bool>(
        *worker, [=](Worker &owner) { return owner.closeHere(serial, id, code, reason); }, std::move(answer));
}

bool Worker::closeHere(uint32_t serial, const SocketId &id, CloseCode code, const std::string &reason)
{
    SocketSession *session = findSession(serial, id);
    if (!session)
        return false;
    session->channel->closeSession(code, reason);
    return true;
}

void Worker::closeOnNode(uint32_t serial, const SocketFilter &filter, CloseCode code,
                         const std::string &reason, std::function<void(size_t)> answer)
{
    onAllWorkers<size_t>([=](Worker &worker) { return worker.closeHere(serial, filter, code, reason); },
                         [answer = std::move(answer)](const std::vector<size_t> &counts) {
                             size_t sum = 0;
                             for (const size_t count : counts)
                                 sum += count;
                             answer(sum);
                         });
}

size_t Worker::closeHere(uint32_t serial, const SocketFilter &filter, CloseCode code,
                         const std::string &reason)
{
    LocalGateway *local = findLocal(serial);
    if (!local)
        return 0;
    std::vector<Channel *> found; // a copy: closing changes the index
    for (RoutedSocket *socket : filter.tag ? local->index.withTag(*filter.tag) : local->index.all())
        if (auto *session = static_cast<SocketSession *>(socket); matches(*session, filter))
            found.push_back(session->channel);
    for (Channel *channel : found)
        channel->closeSession(code, reason);
    return found.size();
}

size_t Worker::count(const Gateway &gateway) const
{
    return m_node.directory.count(gateway.serial);
}

void Worker::queuedOnNode(std::function<void(QueuedBytes)> answer)
{
    onAllWorkers<QueuedBytes>([](Worker &worker) { return worker.queuedHere(); },
                              [answer = std::move(answer)](std::vector<QueuedBytes> parts) {
                                  QueuedBytes sum;
                                  for (const QueuedBytes &part : parts)
                                      for (const auto &[id, bytes] : part)
                                          sum[id] += bytes;
                                  answer(std::move(sum));
                              });
}

/// Cost: linear in the sockets that have a queue, however many are open.
Worker::QueuedBytes Worker::queuedHere() const
{
    QueuedBytes sum;
    for (Channel *channel : m_server->blocked())
        if (channel->isOpen())
            sum[sessionOf(*channel).gateway->settings->id] += channel->queuedBytes();
    return sum;
}

} // namespace mws
