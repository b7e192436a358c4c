#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mws {

/// A hash table of pointers to what holds its own key: flat, linear probing, 12 bytes a place. Owns nothing.
/// The caller hashes and compares.
template <typename T>
class PointerTable
{
public:
    size_t size() const { return m_size; }

    /// The one of that hash for which `same` is true; null if there is none.
    template <typename Same>
    T *find(size_t hash, Same same) const
    {
        if (m_size == 0)
            return nullptr;
        const uint32_t mixed = mix(hash);
        for (size_t at = mixed & mask();; at = (at + 1) & mask()) {
            if (!m_items[at])
                return nullptr;
            if (m_hashes[at] == mixed && same(*m_items[at]))
                return m_items[at];
        }
    }

    /// Precondition: it is not there yet.
    void insert(size_t hash, T &item)
    {
        if ((m_size + 1) * 4 > m_items.size() * 3)
            resize(m_items.empty() ? smallest : m_items.size() * 2);
        place(mix(hash), item);
        ++m_size;
    }

    /// Precondition: it is there.
    void erase(size_t hash, const T &item)
    {
        size_t hole = mix(hash) & mask();
        while (m_items[hole] != &item)
            hole = (hole + 1) & mask();
        closeGap(hole);
        --m_size;
        if (m_items.size() > smallest && m_size * 8 < m_items.size())
            resize(m_items.size() / 4 < smallest ? smallest : m_items.size() / 4);
    }

private:
    static constexpr size_t smallest = 8;

    static uint32_t mix(size_t hash) { return static_cast<uint32_t>(hash ^ hash >> 32); }
    size_t mask() const { return m_items.size() - 1; }

    void place(uint32_t hash, T &item)
    {
        size_t at = hash & mask();
        while (m_items[at])
            at = (at + 1) & mask();
        m_items[at] = &item;
        m_hashes[at] = hash;
    }

    // Moves up those that stand behind the hole only because its place was taken.
    void closeGap(size_t hole)
    {
        for (size_t at = (hole + 1) & mask(); m_items[at]; at = (at + 1) & mask()) {
            const size_t distance = (at - m_hashes[at]) & mask();
            if (distance >= ((at - hole) & mask())) {
                m_items[hole] = m_items[at];
                m_hashes[hole] = m_hashes[at];
                hole = at;
            }
        }
        m_items[hole] = nullptr;
    }

    void resize(size_t places)
    {
        std::vector<T *> items(places, nullptr);
        std::vector<uint32_t> hashes(places);
        items.swap(m_items);
        hashes.swap(m_hashes);
        for (size_t i = 0; i < items.size(); ++i) {
            if (items[i])
                place(hashes[i], *items[i]);
        }
    }

    std::vector<T *> m_items;
    std::vector<uint32_t> m_hashes;
    size_t m_size = 0;
};

} // namespace mws
