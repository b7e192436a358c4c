#include "events/curl_sender.h"

#include "limit/public_address.h"

#include <curl/curl.h>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace mws {

namespace {

constexpr long connectionsKept = 256;
constexpr int longestWaitMs = 60000; // it ends earlier for whatever happens
constexpr size_t longestHead = 65536;

struct FreeList
{
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};

/// One request under way. Thread: the sender's.
struct Transfer
{
    HttpPost post;
    HttpSender::Answer answer;
    Reach reach = Reach::Public;
    std::unique_ptr<curl_slist, FreeList> fields;
    HttpReply reply;
    size_t headBytes = 0;
    bool refusedAddress = false;
    bool tooLong = false;
};

curl_socket_t openSocket(void *context, curlsocktype, curl_sockaddr *address)
{
    auto &transfer = *static_cast<Transfer *>(context);
    if (transfer.reach == Reach::Public && !isPublicAddress(IpAddress::of(address->addr))) {
        transfer.refusedAddress = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t takeBody(char *bytes, size_t, size_t count, void *context)
{
    auto &transfer = *static_cast<Transfer *>(context);
    std::string &body = transfer.reply.body;
    const size_t room = HttpSender::longestBody - body.size();
    body.append(bytes, std::min(room, count));
    transfer.tooLong = count > room;
    return transfer.tooLong ? 0 : count;
}

size_t takeHead(char *, size_t, size_t count, void *context)
{
    auto &transfer = *static_cast<Transfer *>(context);
    transfer.headBytes += count;
    transfer.tooLong = transfer.headBytes > longestHead;
    return transfer.tooLong ? 0 : count;
}

template <typename Value>
void set(CURL *easy, CURLoption option, Value value)
{
    curl_easy_setopt(easy, option, value);
}

void prepare(CURL *easy, Transfer &transfer)
{
    const HttpPost &post = transfer.post;
    curl_slist *fields = nullptr;
    for (const std::string &field : post.fields)
        fields = curl_slist_append(fields, field.c_str());
    transfer.fields.reset(curl_slist_append(fields, "Expect:")); // waiting for a 100 is of no use
    set(easy, CURLOPT_PRIVATE, &transfer);
    set(easy, CURLOPT_URL, post.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L); // or the end of a look-up that takes long holds up all others
    set(easy, CURLOPT_TIMEOUT_MS, long(post.timeout.count()));
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(post.body.size()));
    set(easy, CURLOPT_POSTFIELDS, post.body.c_str());
    set(easy, CURLOPT_HTTPHEADER, transfer.fields.get());
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &openSocket);
    set(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    set(easy, CURLOPT_WRITEFUNCTION, &takeBody);
    set(easy, CURLOPT_WRITEDATA, &transfer);
    set(easy, CURLOPT_HEADERFUNCTION, &takeHead);
    set(easy, CURLOPT_HEADERDATA, &transfer);
}

/// What became of it, in words that hold nothing of the request.
std::string failureOf(const Transfer &transfer, CURLcode code)
{
    if (transfer.refusedAddress)
        return "its address is not public, see events_allow_private";
    if (transfer.tooLong)
        return "its answer is too long";
    return curl_easy_strerror(code);
}

} // namespace

struct CurlSender::Impl
{
    explicit Impl(Reach reachOfAll) : reach(reachOfAll) {}

    const Reach reach;
    std::mutex mutex;
    std::vector<std::unique_ptr<Transfer>> asked;          ///< under mutex
    bool stop = false;                                     ///< under mutex
    CURLM *multi = nullptr;                                ///< set before the thread begins
    std::map<CURL *, std::unique_ptr<Transfer>> transfers; ///< the thread's
    std::thread thread;

    void run();
    bool takeAsked();
    void finish();
};

/// False: it is time to end.
bool CurlSender::Impl::takeAsked()
{
    std::vector<std::unique_ptr<Transfer>> taken;
    {
        const std::lock_guard lock(mutex);
        if (stop)
            return false;
        taken.swap(asked);
    }
    for (auto &transfer : taken) {
        CURL *easy = curl_easy_init();
        prepare(easy, *transfer);
        curl_multi_add_handle(multi, easy);
        transfers.emplace(easy, std::move(transfer));
    }
    return true;
}

void CurlSender::Impl::finish()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        const CURLcode code = message->data.result;
        auto node = transfers.extract(easy);
        Transfer &transfer = *node.mapped();
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_off_t retryAfter = 0;
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retryAfter);
        transfer.reply.status = int(status);
        if (retryAfter > 0)
            transfer.reply.retryAfter = std::chrono::seconds(retryAfter);
        transfer.reply.isWhole = code == CURLE_OK;
        if (code != CURLE_OK)
            transfer.reply.failure = failureOf(transfer, code);
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
        transfer.answer(std::move(transfer.reply));
    }
}

void CurlSender::Impl::run()
{
    while (takeAsked()) {
        int running = 0;
        curl_multi_perform(multi, &running);
        finish();
        curl_multi_poll(multi, nullptr, 0, longestWaitMs, nullptr);
    }
    for (const auto &[easy, transfer] : transfers) {
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
    }
    transfers.clear();
}

CurlSender::CurlSender(Reach reach) : m_impl(std::make_unique<Impl>(reach))
{
    static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)once;
    m_impl->multi = curl_multi_init();
    curl_multi_setopt(m_impl->multi, CURLMOPT_MAXCONNECTS, connectionsKept);
}

CurlSender::~CurlSender()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->stop = true;
    }
    curl_multi_wakeup(m_impl->multi);
    if (m_impl->thread.joinable())
        m_impl->thread.join();
    curl_multi_cleanup(m_impl->multi);
}

void CurlSender::post(HttpPost post, Answer answer)
{
    auto transfer = std::make_unique<Transfer>();
    transfer->post = std::move(post);
    transfer->answer = std::move(answer);
    transfer->reach = m_impl->reach;
    const std::lock_guard lock(m_impl->mutex);
    m_impl->asked.push_back(std::move(transfer));
    if (!m_impl->thread.joinable())
        m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
    curl_multi_wakeup(m_impl->multi);
}

} // namespace mws
