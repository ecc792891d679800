// SPDX-License-Identifier: Apache-2.0
// Records of registers, by zlib's CRC.
#include "staleline/guest/register_hash.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace staleline::guest {

namespace {

constexpr std::size_t kWords = 34;
constexpr std::uint64_t kFlags = 0xf000'0000;

}  // namespace

void RegisterHash::add(std::uint64_t pc, std::span<const std::uint64_t, 31> x, std::uint64_t sp, std::uint64_t nzcv) {
  std::array<std::uint64_t, kWords> record{};
  record[0] = pc;
  std::copy(x.begin(), x.end(), record.begin() + 1);
  record[32] = sp;
  record[33] = nzcv & kFlags;
  std::array<std::uint8_t, 8 * kWords> bytes;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(bytes.data(), record.data(), bytes.size());
  } else {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(record[i / 8] >> (8 * (i % 8)));
  }
  value_ = static_cast<std::uint32_t>(crc32(value_, bytes.data(), static_cast<uInt>(bytes.size())));
  ++instructions_;
}

}  // namespace staleline::guest
