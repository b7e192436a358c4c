#include "cli/input_lines.h"

#include <array>
#include <unistd.h>
#include <utility>

namespace mws::cli {

InputLines::InputLines(std::function<bool(const QByteArray &)> take)
    : m_take(std::move(take)), m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    m_notifier.setEnabled(false);
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] { arrived(); });
}

void InputLines::resume()
{
    m_notifier.setEnabled(false);
    for (;;) {
        qsizetype end = m_waiting.indexOf('\n');
        if (end < 0 && (!m_isAtEnd || m_waiting.isEmpty()))
            break;
        if (end < 0)
            end = m_waiting.size();
        const QByteArray line = m_waiting.left(end);
        if (!m_take(line.endsWith('\r') ? line.chopped(1) : line))
            return;
        m_waiting.remove(0, end + 1);
    }
    m_notifier.setEnabled(!m_isAtEnd);
}

void InputLines::arrived()
{
    std::array<char, 16384> block;
    const ssize_t size = ::read(STDIN_FILENO, block.data(), block.size());
    if (size > 0)
        m_waiting.append(block.data(), size);
    else
        m_isAtEnd = true;
    resume();
}

} // namespace mws::cli
