#pragma once

#include "mws/base/clock.h"
#include "mws/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct archive;

namespace mws {

/// Makes a tar file (pax) of plain files, readable by its owner only. Thread: one at a time.
class TarWriter
{
public:
    /// Errors: Conflict if there is such a file; Unavailable.
    static Result<TarWriter> create(const std::filesystem::path &file, WallTime time);

    /// Errors: Unavailable.
    Result<void> add(std::string_view name, std::string_view bytes);
    /// The same with the content of `source`.
    Result<void> addFile(std::string_view name, const std::filesystem::path &source);
    /// All is on disk then. Errors: Unavailable.
    Result<void> finish();

private:
    struct Free
    {
        void operator()(::archive *archive) const;
    };
    struct Descriptor
    {
        int number = -1;
        Descriptor() = default;
        explicit Descriptor(int opened) : number(opened) {}
        Descriptor(Descriptor &&other) noexcept;
        Descriptor &operator=(Descriptor &&other) noexcept;
        ~Descriptor();
    };

    TarWriter() = default;
    Result<void> header(std::string_view name, uint64_t size);
    Result<void> write(std::string_view bytes);
    Unexpected failed() const;

    std::filesystem::path m_file;
    WallTime m_time;
    Descriptor m_descriptor; ///< outlives m_archive
    std::unique_ptr<::archive, Free> m_archive;
};

/// Reads a tar file, entry by entry. Thread: one at a time.
class TarReader
{
public:
    struct Entry
    {
        std::string name;
        uint64_t size = 0;
    };
    /// Errors: Unavailable.
    static Result<TarReader> open(const std::filesystem::path &file);

    /// Nothing at the end. Errors: InvalidData for what is no tar file, or no plain file in it.
    Result<std::optional<Entry>> next();
    /// The content of the entry. Errors: InvalidData if it has more than `most` bytes, or is cut off.
    Result<std::string> text(size_t most);
    /// Into a new file, mode 0600. Errors: InvalidData if it is cut off; Unavailable if it cannot be written.
    Result<void> copyTo(const std::filesystem::path &target);

private:
    struct Free
    {
        void operator()(::archive *archive) const;
    };
    TarReader() = default;
    Unexpected broken() const;

    std::filesystem::path m_file;
    std::unique_ptr<::archive, Free> m_archive;
};

} // namespace mws
