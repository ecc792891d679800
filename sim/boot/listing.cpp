// SPDX-License-Identifier: Apache-2.0
// The instructions that a guest executes with its MMU off, as text.
#include "staleline/boot/listing.h"

#include <fmt/format.h>

namespace staleline::boot {

void Listing::before(arm::VirtAddr pc, const a64::Registers& registers) {
  if (window_.open()) ++times_[pc.value];
  if (next_ != nullptr) next_->before(pc, registers);
}

std::optional<std::uint64_t> Listing::counter(arm::SystemRegister r) {
  return next_ == nullptr ? std::nullopt : next_->counter(r);
}

void Listing::on_event(const event::Event& e) {
  if (e.kind != event::Kind::Fetch || e.agent != guest_ || !window_.open()) return;
  for (std::uint64_t at = 0; at + 4 <= e.size; at += 4)
    words_[e.address.value + at] = static_cast<std::uint32_t>(e.data[at / 8] >> (8 * (at % 8)));
}

std::vector<Listing::Line> Listing::lines() const {
  std::vector<Line> out;
  for (const auto& [pc, times] : times_) {
    const auto word = words_.find(pc);
    if (word != words_.end()) out.push_back({{{pc}, word->second}, times});
  }
  return out;
}

std::string listing_text(const Listing& listing, const Guest& guest) {
  const auto lines = listing.lines();
  std::string out = fmt::format("executed with the MMU off: {} instructions\n", lines.size());
  std::string function;
  std::uint64_t next = 0;
  for (const auto& l : lines) {
    const std::string symbol = symbol_text(guest, l.place.pc);
    const std::string name = symbol.substr(0, symbol.find('+'));
    if (name != function && !name.empty()) {
      out += name + ":\n";
    } else if (next != 0 && l.place.pc.value != next) {
      out += "  ...\n";
    }
    function = name;
    next = l.place.pc.value + 4;
    out +=
        fmt::format("  {:#x}  {:08x}  {:>9}  {}\n", l.place.pc.value, l.place.word, l.times, instruction_text(l.place));
  }
  return out + "\n";
}

}  // namespace staleline::boot
