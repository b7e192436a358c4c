#include "hot_paths.h"
#include "measured.h"

namespace mws::micro {

void QuietMailbox::passMessages()
{
    m_taken = 0;
    for (size_t i = 0; i < letters; ++i)
        m_mailbox.deliver(m_message);
    m_mailbox.take([this](const RoutedMessage &) { ++m_taken; });
    require(m_taken == letters, "letters were lost");
}

void QuietMailbox::passTasks()
{
    m_taken = 0;
    for (size_t i = 0; i < letters; ++i)
        m_mailbox.post([this] { ++m_taken; });
    m_mailbox.take([](const RoutedMessage &) {});
    require(m_taken == letters, "tasks were lost");
}

BusyMailbox::BusyMailbox(size_t senders) : m_begin(std::ptrdiff_t(senders) + 1)
{
    for (size_t i = 0; i < senders; ++i)
        m_senders.emplace_back([this] { send(); });
}

BusyMailbox::~BusyMailbox()
{
    m_ended = true;
    m_begin.arrive_and_wait();
    for (std::thread &sender : m_senders)
        sender.join();
}

void BusyMailbox::send()
{
    for (;;) {
        m_begin.arrive_and_wait();
        if (m_ended)
            return;
        for (size_t i = 0; i < lettersPerSender; ++i)
            m_mailbox.deliver(m_message);
    }
}

void BusyMailbox::passAll()
{
    m_begin.arrive_and_wait();
    size_t left = lettersPerSender * m_senders.size();
    while (left > 0)
        if (!m_mailbox.take([&left](const RoutedMessage &) { --left; }))
            std::this_thread::yield();
}

} // namespace mws::micro
