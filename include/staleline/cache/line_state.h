// SPDX-License-Identifier: Apache-2.0
// The states of a line in one PE's data caches: what stands in an array, what is under way, what
// waits in a write-back buffer.
#pragma once

#include <cstdint>
#include <string_view>

namespace staleline::cache {

/// The first four are stable and are what `detail` of Fill, Upgrade and WriteBack events holds.
enum class LineState : std::uint8_t {
  Invalid,
  Shared,             ///< clean, others may hold it too (CHI SharedClean)
  Exclusive,          ///< clean, nobody else holds it (CHI UniqueClean)
  Modified,           ///< dirty, nobody else holds it (CHI UniqueDirty)
  SharedToModified,   ///< Shared, and a ReadUnique is under way: stays in its array until that ends
  InvalidToShared,    ///< a ReadShared is under way
  InvalidToModified,  ///< a ReadUnique is under way
  WriteBackModified,  ///< evicted dirty: the write-back buffer holds the bytes until they are acknowledged
  WriteBackInvalid,   ///< a snoop took the bytes of the write-back buffer; the acknowledgement is still due
};

[[nodiscard]] constexpr std::string_view name_of(LineState s) {
  switch (s) {
    case LineState::Invalid:
      return "Invalid";
    case LineState::Shared:
      return "Shared";
    case LineState::Exclusive:
      return "Exclusive";
    case LineState::Modified:
      return "Modified";
    case LineState::SharedToModified:
      return "SharedToModified";
    case LineState::InvalidToShared:
      return "InvalidToShared";
    case LineState::InvalidToModified:
      return "InvalidToModified";
    case LineState::WriteBackModified:
      return "WriteBackModified";
    case LineState::WriteBackInvalid:
      return "WriteBackInvalid";
  }
  return "?";
}

}  // namespace staleline::cache
