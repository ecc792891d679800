// SPDX-License-Identifier: Apache-2.0
// Names of addresses of a guest, from an ELF file or a System.map.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace staleline::guest {

struct Symbol {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< 0: up to the next symbol
  std::string name{};
  /// Among symbols of one address that with the largest is shown.
  std::uint8_t rank = 0;
};

/// Ordered by address, one symbol an address.
class Symbols {
 public:
  struct Place {
    std::string_view name{};  ///< valid as long as the Symbols
    std::uint64_t offset = 0;
    /// "name" or "name+0x10".
    [[nodiscard]] std::string text() const;
  };

  Symbols() = default;
  /// `end`: where the last symbol without a size ends.
  Symbols(std::vector<Symbol> symbols, std::uint64_t end);

  /// Symbols are addresses of the linker. A guest that runs `bytes` of them somewhere else as well (with the MMU off,
  /// after it has moved itself) is found there, too: what lies at `linked` is also at `runs_at`.
  void also_at(std::uint64_t linked, std::uint64_t runs_at, std::uint64_t bytes);

  /// The symbol that covers the address: as linked, else where it was said to run also.
  [[nodiscard]] std::optional<Place> at(std::uint64_t address) const;
  /// The address of a name as linked.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return symbols_.size(); }

 private:
  struct Moved {
    std::uint64_t linked = 0, runs_at = 0, bytes = 0;
  };
  [[nodiscard]] std::optional<Place> as_linked(std::uint64_t address) const;

  std::vector<Symbol> symbols_;
  std::vector<std::pair<std::string, std::uint64_t>> by_name_;
  std::vector<Moved> moved_;
  std::uint64_t end_ = 0;
};

/// Symbols of a System.map (lines of an address, a letter and a name), which may be compressed by gzip. `name` is for
/// messages. Throws FileError. Absolute symbols are left out.
[[nodiscard]] Symbols parse_system_map(const std::string& name, std::vector<std::uint8_t> bytes);

}  // namespace staleline::guest
