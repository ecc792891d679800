// SPDX-License-Identifier: Apache-2.0
// MAIR_ELx bytes: a Device form, a few single encodings, and two nibbles of cache attributes.
#include "staleline/arm/mair.h"

namespace staleline::arm {

namespace {

constexpr std::uint8_t kNonCacheableNoXs = 0x40, kWriteThroughNoXs = 0xa0, kTagged = 0xf0;
constexpr std::uint8_t kNibbleNonCacheable = 0x4;

// One nibble: bits 3:2 select policy and transience, bit 1 read allocate, bit 0 write allocate.
CacheAttributes decode_nibble(unsigned nibble) {
  CacheAttributes a;
  if (nibble == kNibbleNonCacheable) return a;
  a.cacheability = (nibble & 4u) != 0 ? Cacheability::WriteBack : Cacheability::WriteThrough;
  a.read_allocate = (nibble & 2u) != 0;
  a.write_allocate = (nibble & 1u) != 0;
  a.transient = (nibble & 8u) == 0;
  return a;
}

unsigned encode_nibble(CacheAttributes a) {
  if (a.cacheability == Cacheability::NonCacheable) return kNibbleNonCacheable;
  const bool allocates = a.read_allocate || a.write_allocate;
  // Transience without allocation has no encoding of its own (0b0000 and 0b0100 mean other things).
  const bool transient = a.transient && allocates;
  return (transient ? 0u : 8u) | (a.cacheability == Cacheability::WriteBack ? 4u : 0u) | (a.read_allocate ? 2u : 0u) |
         (a.write_allocate ? 1u : 0u);
}

}  // namespace

bool mair_reserved(std::uint8_t byte, AttributeFeatures features) {
  if (byte < 0x10) return (byte & 2) != 0 || ((byte & 1) != 0 && !features.xs);
  if (byte == kNonCacheableNoXs || byte == kWriteThroughNoXs) return !features.xs;
  if (byte == kTagged) return !features.mte2;
  return (byte & 0xf) == 0;
}

MemoryAttributes mair_decode(std::uint8_t byte, AttributeFeatures features) {
  MemoryAttributes a;
  if (mair_reserved(byte, features)) return a;
  if (byte < 0x10) {
    a.device = static_cast<DeviceType>(byte >> 2);
    a.xs = (byte & 1) == 0;
    return a;
  }
  a.type = MemoryType::Normal;
  switch (byte) {
    case kNonCacheableNoXs:
      a.xs = false;
      return a;
    case kWriteThroughNoXs:
      a.inner = a.outer = {.cacheability = Cacheability::WriteThrough, .read_allocate = true};
      a.xs = false;
      return a;
    case kTagged:
      a.inner = a.outer = decode_nibble(0xf);
      a.tagged = true;
      a.xs = false;
      return a;
    default:
      a.outer = decode_nibble(byte >> 4);
      a.inner = decode_nibble(byte & 0xfu);
      a.xs = a.inner.cacheability != Cacheability::WriteBack || a.outer.cacheability != Cacheability::WriteBack;
      return a;
  }
}

std::uint8_t mair_encode(const MemoryAttributes& a) {
  if (a.type == MemoryType::Device) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(a.device) << 2) | (a.xs ? 0u : 1u));
  }
  if (a.tagged) return kTagged;
  const unsigned nibbles = encode_nibble(a.outer) << 4 | encode_nibble(a.inner);
  if (!a.xs && nibbles == 0x44) return kNonCacheableNoXs;
  // Write-Through without XS has one byte; the architecture looks at the outer hints alone.
  if (!a.xs && (nibbles >> 4) == 0xa && a.inner.cacheability == Cacheability::WriteThrough) return kWriteThroughNoXs;
  return static_cast<std::uint8_t>(nibbles);
}

}  // namespace staleline::arm
