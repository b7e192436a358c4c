#include "state/tar_file.h"

#include <QFile>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace mws {

namespace {

constexpr size_t bufferBytes = 65536;

Unexpected unavailable(const std::filesystem::path &file, const std::string &reason)
{
    return Unexpected(ErrorCode::Unavailable, file.string() + ": " + reason);
}

struct FreeEntry
{
    void operator()(archive_entry *entry) const { archive_entry_free(entry); }
};

std::string reasonOf(::archive *archive)
{
    const char *text = archive_error_string(archive);
    return text ? text : "unknown error";
}

} // namespace

TarWriter::Descriptor::Descriptor(Descriptor &&other) noexcept : number(std::exchange(other.number, -1)) {}

TarWriter::Descriptor &TarWriter::Descriptor::operator=(Descriptor &&other) noexcept
{
    std::swap(number, other.number);
    return *this;
}

TarWriter::Descriptor::~Descriptor()
{
    if (number >= 0)
        ::close(number);
}

void TarWriter::Free::operator()(::archive *archive) const
{
    archive_write_free(archive);
}

Unexpected TarWriter::failed() const
{
    return unavailable(m_file, "cannot be written: " + reasonOf(m_archive.get()));
}

Result<TarWriter> TarWriter::create(const std::filesystem::path &file, WallTime time)
{
    TarWriter writer;
    writer.m_file = file;
    writer.m_time = time;
    writer.m_descriptor = Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (writer.m_descriptor.number < 0 && errno == EEXIST)
        return Unexpected(ErrorCode::Conflict, file.string() + " is there already");
    if (writer.m_descriptor.number < 0)
        return unavailable(file, std::string("cannot be written: ") + std::strerror(errno));
    writer.m_archive.reset(archive_write_new());
    ::archive *archive = writer.m_archive.get();
    archive_write_set_format_pax_restricted(archive);
    archive_write_set_bytes_in_last_block(archive, 1);
    if (archive_write_open_fd(archive, writer.m_descriptor.number) != ARCHIVE_OK)
        return writer.failed();
    return writer;
}

Result<void> TarWriter::header(std::string_view name, uint64_t size)
{
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), std::string(name).c_str());
    archive_entry_set_size(entry.get(), int64_t(size));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_mtime(entry.get(), std::chrono::system_clock::to_time_t(m_time), 0);
    if (archive_write_header(m_archive.get(), entry.get()) != ARCHIVE_OK)
        return failed();
    return {};
}

Result<void> TarWriter::write(std::string_view bytes)
{
    if (archive_write_data(m_archive.get(), bytes.data(), bytes.size()) != la_ssize_t(bytes.size()))
        return failed();
    return {};
}

Result<void> TarWriter::add(std::string_view name, std::string_view bytes)
{
    if (Result<void> begun = header(name, bytes.size()); !begun)
        return begun;
    return write(bytes);
}

Result<void> TarWriter::addFile(std::string_view name, const std::filesystem::path &source)
{
    QFile file(QFile::decodeName(source.c_str()));
    if (!file.open(QIODevice::ReadOnly))
        return unavailable(source, "cannot be read: " + file.errorString().toStdString());
    auto left = uint64_t(file.size());
    if (Result<void> begun = header(name, left); !begun)
        return begun;
    std::string buffer(bufferBytes, '\0');
    while (left > 0) {
        const qint64 got = file.read(buffer.data(), qint64(std::min<uint64_t>(left, buffer.size())));
        if (got <= 0)
            return unavailable(source, "has changed while it was read");
        if (Result<void> written = write(std::string_view(buffer.data(), size_t(got))); !written)
            return written;
        left -= uint64_t(got);
    }
    return {};
}

Result<void> TarWriter::finish()
{
    if (archive_write_close(m_archive.get()) != ARCHIVE_OK)
        return failed();
    if (::fsync(m_descriptor.number) != 0)
        return unavailable(m_file, std::string("cannot be written: ") + std::strerror(errno));
    return {};
}

void TarReader::Free::operator()(::archive *archive) const
{
    archive_read_free(archive);
}

Unexpected TarReader::broken() const
{
    return Unexpected(ErrorCode::InvalidData,
                      m_file.string() + " is no whole tar file: " + reasonOf(m_archive.get()));
}

Result<TarReader> TarReader::open(const std::filesystem::path &file)
{
    TarReader reader;
    reader.m_file = file;
    reader.m_archive.reset(archive_read_new());
    ::archive *archive = reader.m_archive.get();
    archive_read_support_format_tar(archive);
    if (archive_read_open_filename(archive, file.c_str(), bufferBytes) != ARCHIVE_OK) {
        if (archive_errno(archive) == ENOENT)
            return unavailable(file, "there is no such file");
        return reader.broken();
    }
    return reader;
}

Result<std::optional<TarReader::Entry>> TarReader::next()
{
    archive_entry *entry = nullptr;
    const int code = archive_read_next_header(m_archive.get(), &entry);
    if (code == ARCHIVE_EOF)
        return std::optional<Entry>();
    if (code != ARCHIVE_OK)
        return broken();
    const char *name = archive_entry_pathname(entry);
    const bool isPlain = name && archive_entry_filetype(entry) == AE_IFREG &&
                         archive_entry_size_is_set(entry) && !archive_entry_hardlink(entry);
    if (!isPlain)
        return Unexpected(ErrorCode::InvalidData,
                          m_file.string() + " has something else than plain files in it");
    return std::optional<Entry>(Entry{name, uint64_t(archive_entry_size(entry))});
}

Result<std::string> TarReader::text(size_t most)
{
    std::string text(most + 1, '\0');
    size_t size = 0;
    while (size < text.size()) {
        const la_ssize_t got = archive_read_data(m_archive.get(), text.data() + size, text.size() - size);
        if (got < 0)
            return broken();
        if (got == 0)
            break;
        size += size_t(got);
    }
    if (size > most)
        return Unexpected(ErrorCode::InvalidData,
                          m_file.string() + " is no backup: its first entry is too long");
    text.resize(size);
    return text;
}

Result<void> TarReader::copyTo(const std::filesystem::path &target)
{
    QFile file(QFile::decodeName(target.c_str()));
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly,
                   QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return unavailable(target, "cannot be written: " + file.errorString().toStdString());
    std::array<char, bufferBytes> buffer;
    for (;;) {
        const la_ssize_t got = archive_read_data(m_archive.get(), buffer.data(), buffer.size());
        if (got < 0)
            return broken();
        if (got == 0)
            break;
        if (file.write(buffer.data(), got) != got)
            return unavailable(target, "cannot be written: " + file.errorString().toStdString());
    }
    if (!file.flush() || ::fsync(file.handle()) != 0)
        return unavailable(target, "cannot be written");
    return {};
}

} // namespace mws
