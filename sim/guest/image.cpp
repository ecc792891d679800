// SPDX-License-Identifier: Apache-2.0
// Which kind of image a file is, where it goes, and whether there is memory.
#include "staleline/guest/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "elf_file.h"
#include "gzip.h"

namespace staleline::guest {

namespace {

constexpr std::uint64_t kTwoMebibytes = std::uint64_t{2} << 20;
/// Offsets of the arm64 Image header (Linux, Documentation/arm64/booting.rst).
constexpr std::size_t kTextOffset = 8, kImageSize = 16, kFlags = 24, kMagic = 56, kHeaderBytes = 64;
constexpr char kLinuxMagic[] = "ARM\x64";
/// What text_offset was before the header had image_size.
constexpr std::uint64_t kOldTextOffset = 0x8'0000;

std::uint64_t word(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

bool has(const std::vector<std::uint8_t>& bytes, std::size_t at, std::string_view text) {
  return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

bool is_linux(const std::vector<std::uint8_t>& bytes) { return has(bytes, kMagic, std::string_view(kLinuxMagic, 4)); }

Image linux_image(const std::string& name, std::vector<std::uint8_t>& bytes, const ImageOptions& options) {
  if (bytes.size() < kHeaderBytes) throw FileError(name + ": a truncated arm64 Image: its header is not complete");
  Image image;
  image.kind = ImageKind::LinuxImage;
  std::uint64_t memory_bytes = word(bytes, kImageSize);
  image.text_offset = memory_bytes == 0 ? kOldTextOffset : word(bytes, kTextOffset);
  if (memory_bytes == 0) memory_bytes = bytes.size();
  if ((word(bytes, kFlags) & 1) != 0) throw FileError(name + ": a big-endian kernel; only little-endian guests run");
  if (memory_bytes < bytes.size()) {
    throw FileError(fmt::format("{}: its header says {} bytes, the file has {}", name, memory_bytes, bytes.size()));
  }
  arm::PhysAddr at{image.text_offset};
  if (options.load_at) {
    at = *options.load_at;
  } else if (!options.memory.empty()) {
    at = options.memory.front().base.aligned_up(kTwoMebibytes) + kTwoMebibytes + image.text_offset;
  }
  if ((at.value - image.text_offset) % kTwoMebibytes != 0) {
    throw FileError(fmt::format("{}: an arm64 Image is loaded at a multiple of 2 MiB plus {:#x}, not at {:#x}", name,
                                image.text_offset, at.value));
  }
  image.entry = at;
  image.segments.push_back({at, std::move(bytes), memory_bytes, {at.value}});
  return image;
}

Image raw_image(const std::string& name, std::vector<std::uint8_t>& bytes, const ImageOptions& options) {
  const auto at = options.load_at ? options.load_at : options.raw_at;
  const bool efi = has(bytes, 4, "zimg");
  if (!at || (efi && !options.load_at)) {
    throw FileError(name + (efi ? ": a compressed EFI kernel; unpack it first"
                                : ": neither an ELF file nor an arm64 Image; a raw file needs a "
                                  "load address"));
  }
  Image image;
  image.kind = ImageKind::Raw;
  image.entry = *at;
  const std::uint64_t size = bytes.size();
  image.segments.push_back({image.entry, std::move(bytes), size, {image.entry.value}});
  return image;
}

void move(Image& image, arm::PhysAddr to) {
  const auto lowest = std::min_element(image.segments.begin(), image.segments.end(),
                                       [](const Segment& a, const Segment& b) { return a.address < b.address; });
  const std::uint64_t distance = to - lowest->address;
  for (Segment& s : image.segments) s.address = s.address + distance;
  image.entry = image.entry + distance;
}

std::string range_text(const Segment& s) {
  return fmt::format("{:#x} to {:#x}", s.address.value, s.address.value + (s.memory_bytes - 1));
}

void check(const std::string& name, Image& image, const std::vector<MemoryRange>& memory) {
  std::sort(image.segments.begin(), image.segments.end(),
            [](const Segment& a, const Segment& b) { return a.address < b.address; });
  for (const Segment& s : image.segments) {
    if (s.address.value + (s.memory_bytes - 1) < s.address.value) {
      throw FileError(
          fmt::format("{}: {} bytes at {:#x} go past the last address", name, s.memory_bytes, s.address.value));
    }
    const bool inside = std::any_of(memory.begin(), memory.end(), [&](const MemoryRange& m) {
      const std::uint64_t offset = s.address - m.base;
      return s.address >= m.base && offset < m.bytes && s.memory_bytes <= m.bytes - offset;
    });
    if (inside || memory.empty()) continue;
    std::string ranges;
    for (const MemoryRange& m : memory) {
      ranges += fmt::format("{}{:#x} to {:#x}", ranges.empty() ? "" : ", ", m.base.value, m.base.value + (m.bytes - 1));
    }
    throw FileError(fmt::format("{}: {} is not in memory, which is {}", name, range_text(s), ranges));
  }
  for (std::size_t i = 1; i < image.segments.size(); ++i) {
    const Segment& a = image.segments[i - 1];
    const Segment& b = image.segments[i];
    if (b.address - a.address < a.memory_bytes) {
      throw FileError(fmt::format("{}: two segments overlap: {} and {}", name, range_text(a), range_text(b)));
    }
  }
}

}  // namespace

std::string_view name_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::Raw:
      return "raw";
    case ImageKind::LinuxImage:
      return "Image";
    case ImageKind::Elf:
      return "ELF";
  }
  return "";
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& file, std::uint64_t most_bytes) {
  const std::string name = file.string();
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw FileError(name + ": there is no such file");
  if (!std::filesystem::is_regular_file(status)) throw FileError(name + ": not a file");
  const std::uint64_t bytes = std::filesystem::file_size(file, error);
  if (error) throw FileError(name + ": " + error.message());
  if (bytes > most_bytes) throw FileError(fmt::format("{}: has {} bytes, more than {}", name, bytes, most_bytes));
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint8_t> content(bytes);
  if (!in || !in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes))) {
    throw FileError(name + ": cannot be read");
  }
  return content;
}

Image parse_image(const std::string& name, std::vector<std::uint8_t> bytes, const ImageOptions& options) {
  if (bytes.empty()) throw FileError(name + ": the file is empty");
  const std::uint64_t file_bytes = bytes.size();
  const bool compressed = is_gzip(bytes);
  if (compressed) {
    bytes = unpack_gzip(name, bytes, options.most_bytes);
    if (bytes.empty()) throw FileError(name + ": nothing is compressed in it");
  }
  Image image;
  if (is_elf(bytes)) {
    image = read_elf(name, bytes);
    if (options.load_at) move(image, *options.load_at);
  } else if (is_linux(bytes)) {
    image = linux_image(name, bytes, options);
  } else {
    image = raw_image(name, bytes, options);
  }
  image.compressed = compressed;
  image.file_bytes = file_bytes;
  check(name, image, options.memory);
  if (image.entry.value % 4 != 0)
    throw FileError(
        fmt::format("{}: would start at {:#x}, but instructions lie at multiples of 4", name, image.entry.value));
  for (const Segment& s : image.segments) image.symbols.also_at(s.linked.value, s.address.value, s.memory_bytes);
  return image;
}

Image load_image(const std::filesystem::path& file, const ImageOptions& options) {
  return parse_image(file.string(), read_file(file, options.most_bytes), options);
}

void name_kernel(Image& image, const std::string& name, Symbols symbols) {
  const auto text = symbols.find("_text");
  if (!text) throw FileError(name + ": no symbol _text, which is the first byte of a kernel");
  const Segment& s = image.segments.front();
  symbols.also_at(*text, s.address.value, s.memory_bytes);
  image.symbols = std::move(symbols);
}

}  // namespace staleline::guest
