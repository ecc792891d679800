// SPDX-License-Identifier: Apache-2.0
// Unpacks with zlib, and never more than was agreed.
#include "gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "staleline/guest/image.h"

namespace staleline::guest {

namespace {

/// Ends the stream whatever happens.
struct Inflater {
  z_stream stream{};
  explicit Inflater(const std::string& name) {
    // 16 asks for the gzip format, and for nothing else.
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw FileError(name + ": no memory to unpack it");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

}  // namespace

bool is_gzip(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

std::vector<std::uint8_t> unpack_gzip(const std::string& name, const std::vector<std::uint8_t>& bytes,
                                      std::uint64_t most_bytes) {
  Inflater z{name};
  std::vector<std::uint8_t> out;
  std::vector<std::uint8_t> part(std::size_t{1} << 18);
  std::size_t taken = 0;
  for (int status = Z_OK;;) {
    if (z.stream.avail_in == 0) {
      const std::size_t more = std::min<std::size_t>(bytes.size() - taken, std::numeric_limits<std::int32_t>::max());
      // zlib's interface is older than const.
      z.stream.next_in = const_cast<Bytef*>(bytes.data() + taken);
      z.stream.avail_in = static_cast<uInt>(more);
      taken += more;
    }
    z.stream.next_out = part.data();
    z.stream.avail_out = static_cast<uInt>(part.size());
    status = inflate(&z.stream, Z_NO_FLUSH);
    const std::size_t made = part.size() - z.stream.avail_out;
    if (made > most_bytes - out.size()) {
      throw FileError(fmt::format("{}: unpacks to more than {} bytes", name, most_bytes));
    }
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(made));
    const std::size_t left = bytes.size() - taken + z.stream.avail_in;
    if (status == Z_STREAM_END) {
      // Another member may follow; anything else behind the last one is padding, as gzip has it.
      const std::size_t at = bytes.size() - left;
      if (left < 2 || bytes[at] != 0x1f || bytes[at + 1] != 0x8b) return out;
      if (inflateReset(&z.stream) != Z_OK) throw FileError(name + ": no memory to unpack it");
      continue;
    }
    if (status == Z_BUF_ERROR || (status == Z_OK && left == 0 && made == 0)) {
      throw FileError(name + ": the gzip data end too early");
    }
    if (status != Z_OK) {
      throw FileError(fmt::format("{}: the gzip data are damaged{}{}", name, z.stream.msg == nullptr ? "" : ": ",
                                  z.stream.msg == nullptr ? "" : z.stream.msg));
    }
  }
}

}  // namespace staleline::guest
