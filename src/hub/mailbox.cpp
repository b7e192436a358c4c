#include "hub/mailbox.h"

#include <QAbstractEventDispatcher>
#include <utility>

namespace mws {

void Mailbox::setDispatcher(QAbstractEventDispatcher *dispatcher)
{
    const std::lock_guard lock(m_mutex);
    m_dispatcher = dispatcher;
    if (m_dispatcher && !m_letters.empty())
        m_dispatcher->wakeUp();
}

void Mailbox::post(std::function<void()> task)
{
    add(std::move(task));
}

void Mailbox::deliver(std::shared_ptr<const RoutedMessage> message)
{
    add(std::move(message));
}

void Mailbox::add(Letter letter)
{
    const std::lock_guard lock(m_mutex);
    m_letters.push_back(std::move(letter));
    // Only the first letter since the last turn wakes; under the mutex, so that the dispatcher is still
    // there.
    if (m_letters.size() == 1 && m_dispatcher)
        m_dispatcher->wakeUp();
}

bool Mailbox::take(const Deliver &deliver)
{
    {
        const std::lock_guard lock(m_mutex);
        m_taken.swap(m_letters);
    }
    if (m_taken.empty())
        return false;
    std::vector<Letter> letters = std::exchange(m_taken, {}); // a task may run a nested turn
    for (const Letter &letter : letters) {
        if (const auto *message = std::get_if<std::shared_ptr<const RoutedMessage>>(&letter))
            deliver(**message);
        else
            std::get<std::function<void()>>(letter)();
    }
    letters.clear();
    m_taken = std::move(letters);
    return true;
}

bool Mailbox::discard()
{
    std::vector<Letter> letters; // outlives the lock: what a letter holds may post another one
    const std::lock_guard lock(m_mutex);
    letters.swap(m_letters);
    return !letters.empty();
}

} // namespace mws
