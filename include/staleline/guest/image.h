// SPDX-License-Identifier: Apache-2.0
// What a guest starts from: a raw file, an arm64 Linux Image or an ELF file, any of them compressed by gzip, as bytes
// at physical addresses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/guest/symbols.h"

namespace staleline::guest {

/// A file that a user named is not what it should be: "FILE: what is wrong, what was expected". One line.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A range of physical addresses that has memory.
struct MemoryRange {
  arm::PhysAddr base{};
  std::uint64_t bytes = 0;
};

/// Bytes at an address. `memory_bytes` is at least `bytes.size()`; what is beyond the bytes is zero.
struct Segment {
  arm::PhysAddr address{};
  std::vector<std::uint8_t> bytes{};
  std::uint64_t memory_bytes = 0;
  arm::VirtAddr linked{};  ///< where the linker has put it; for anything but ELF the address itself
};

enum class ImageKind : std::uint8_t { Raw, LinuxImage, Elf };
[[nodiscard]] std::string_view name_of(ImageKind kind);

struct ImageOptions {
  /// Where it goes. A raw file must have it, or `raw_at`. A Linux Image: the address of its first byte; without, 2 MiB
  /// above the begin of the first memory range, plus its text offset. ELF: the lowest segment goes there, the others
  /// keep their distance; without, the physical addresses of the file.
  std::optional<arm::PhysAddr> load_at{};
  std::optional<arm::PhysAddr> raw_at{};  ///< where a raw file goes that no `load_at` sends elsewhere
  /// Every segment has to lie in one of these. Empty: nothing is checked.
  std::vector<MemoryRange> memory{};
  /// A file, compressed or not, with more bytes is refused.
  std::uint64_t most_bytes = std::uint64_t{512} << 20;
};

struct Image {
  ImageKind kind{};
  std::vector<Segment> segments{};  ///< by ascending address, not overlapping, none empty
  arm::PhysAddr entry{};
  std::uint64_t text_offset = 0;  ///< of a Linux Image, else 0
  bool compressed = false;
  std::uint64_t file_bytes = 0;  ///< as it lies on the disk
  Symbols symbols{};             ///< of an ELF file; see also load_system_map
};

/// Reads, unpacks and checks the file. Throws FileError.
[[nodiscard]] Image load_image(const std::filesystem::path& file, const ImageOptions& options);
/// The same of bytes; `name` is for messages.
[[nodiscard]] Image parse_image(const std::string& name, std::vector<std::uint8_t> bytes, const ImageOptions& options);

/// Gives a Linux Image the symbols of its kernel, which is linked elsewhere: `_text` is its first byte. Throws
/// FileError with `name` where there is no such symbol.
void name_kernel(Image& image, const std::string& name, Symbols symbols);

/// A whole regular file. Throws FileError where it cannot be read, is none, or has more bytes.
[[nodiscard]] std::vector<std::uint8_t> read_file(const std::filesystem::path& file, std::uint64_t most_bytes);

}  // namespace staleline::guest
