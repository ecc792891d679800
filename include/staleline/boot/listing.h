// SPDX-License-Identifier: Apache-2.0
// The instructions that a guest executes with its MMU off, as text.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "staleline/boot/boot.h"
#include "staleline/event/listener.h"
#include "staleline/pe/guest.h"

namespace staleline::boot {

/// Counts instructions by address, and takes their words from fetches: with the MMU off a VA is the PA. Listens behind
/// the window, which says how long.
class Listing final : public pe::InstructionObserver, public event::Listener {
 public:
  /// `next` is told of instructions too, and answers for counters; it may be null.
  Listing(const Window& window, event::AgentId guest, pe::InstructionObserver* next)
      : window_(window), guest_(guest), next_(next) {}
  void before(arm::VirtAddr pc, const a64::Registers& registers) override;
  std::optional<std::uint64_t> counter(arm::SystemRegister r) override;
  void on_event(const event::Event& e) override;

  struct Line {
    pe::CodePlace place{};
    std::uint64_t times = 0;
  };
  /// By address.
  [[nodiscard]] std::vector<Line> lines() const;

 private:
  const Window& window_;
  event::AgentId guest_;
  pe::InstructionObserver* next_;
  std::map<std::uint64_t, std::uint64_t> times_;
  std::map<std::uint64_t, std::uint32_t> words_;
};

/// For people: functions, each instruction with how often it was executed, "..." where addresses leave some out.
[[nodiscard]] std::string listing_text(const Listing& listing, const Guest& guest);

}  // namespace staleline::boot
