// SPDX-License-Identifier: Apache-2.0
// One ordered table of symbols, and System.map.
#include "staleline/guest/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "gzip.h"
#include "staleline/guest/image.h"

namespace staleline::guest {

std::string Symbols::Place::text() const {
  return offset == 0 ? std::string(name) : fmt::format("{}+{:#x}", name, offset);
}

Symbols::Symbols(std::vector<Symbol> symbols, std::uint64_t end) : symbols_(std::move(symbols)), end_(end) {
  for (const Symbol& s : symbols_) by_name_.emplace_back(s.name, s.address);
  std::sort(by_name_.begin(), by_name_.end());
  std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
    if (a.address != b.address) return a.address < b.address;
    if ((a.bytes != 0) != (b.bytes != 0)) return a.bytes != 0;
    if (a.rank != b.rank) return a.rank > b.rank;
    return a.name < b.name;
  });
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(),
                             [](const Symbol& a, const Symbol& b) { return a.address == b.address; }),
                 symbols_.end());
}

void Symbols::also_at(std::uint64_t linked, std::uint64_t runs_at, std::uint64_t bytes) {
  if (linked != runs_at) moved_.push_back({linked, runs_at, bytes});
}

std::optional<Symbols::Place> Symbols::as_linked(std::uint64_t address) const {
  const auto next = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                     [](std::uint64_t a, const Symbol& s) { return a < s.address; });
  if (next == symbols_.begin()) return std::nullopt;
  const Symbol& s = *std::prev(next);
  const std::uint64_t offset = address - s.address;
  if (s.bytes != 0 ? offset >= s.bytes : next == symbols_.end() && address >= end_) return std::nullopt;
  return Place{s.name, offset};
}

std::optional<Symbols::Place> Symbols::at(std::uint64_t address) const {
  if (const auto place = as_linked(address)) return place;
  for (const Moved& m : moved_) {
    if (address - m.runs_at >= m.bytes) continue;
    if (const auto place = as_linked(address - m.runs_at + m.linked)) return place;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Symbols::find(std::string_view name) const {
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [](const auto& entry, std::string_view n) { return entry.first < n; });
  if (found == by_name_.end() || found->first != name) return std::nullopt;
  return found->second;
}

Symbols parse_system_map(const std::string& name, std::vector<std::uint8_t> bytes) {
  constexpr std::uint64_t kMost = std::uint64_t{128} << 20;
  if (is_gzip(bytes)) bytes = unpack_gzip(name, bytes, kMost);
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  std::vector<Symbol> symbols;
  std::uint64_t end = 0;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, newline - begin);
    begin = newline + 1;
    ++line_number;
    if (line.empty()) continue;
    std::uint64_t address = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const std::size_t at = static_cast<std::size_t>(rest - line.data());
    if (error != std::errc{} || line.size() < at + 4 || line[at] != ' ' || line[at + 2] != ' ') {
      throw FileError(
          fmt::format("{}:{}: not a line of a System.map, as in `ffff800008000000 T _text`", name, line_number));
    }
    const char kind = line[at + 1];
    if (kind == 'a' || kind == 'A' || kind == 'U') continue;
    const std::string_view symbol = line.substr(at + 3);
    if (symbol.front() == '$') continue;
    end = std::max(end, address);
    const bool code = kind == 'T' || kind == 't' || kind == 'W' || kind == 'w';
    const bool global = kind >= 'A' && kind <= 'Z';
    symbols.push_back({address, 0, std::string(symbol), static_cast<std::uint8_t>((code ? 2 : 0) + (global ? 1 : 0))});
  }
  if (symbols.empty()) throw FileError(name + ": no symbols in it");
  return {std::move(symbols), end + 1};
}

}  // namespace staleline::guest
