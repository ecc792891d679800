// SPDX-License-Identifier: Apache-2.0
// Listens to what caches do and remembers which cache held which line, in which state, since when.
#pragma once

#include <deque>
#include <memory_resource>
#include <optional>
#include <vector>

#include "staleline/event/listener.h"
#include "staleline/memory/line_table.h"
#include "staleline/run/run.h"

namespace staleline::run {

/// Counts of what copies did.
struct CopyCounts {
  std::uint64_t fills = 0, write_backs = 0;
};

class Residency final : public event::Listener {
 public:
  /// `shared_name`: what the first cache that all PEs share is called.
  explicit Residency(std::string shared_name) : shared_name_(std::move(shared_name)) {}

  void on_event(const event::Event& e) override;
  [[nodiscard]] bool wants_copy_events() const override { return true; }
  [[nodiscard]] std::uint32_t kinds() const override {
    using event::Kind;
    return just(Kind::Fill) | just(Kind::Upgrade) | just(Kind::Drop) | just(Kind::WriteBack) | just(Kind::Invalidate);
  }

  /// Tells of a line that is held before cycle 0.
  void preloaded(event::CacheRef cache, arm::PhysAddr line, bool dirty);

  /// The copy that explains a hazard, as it was just before its read.
  [[nodiscard]] std::optional<HolderState> holder(const judge::Hazard& h, event::PeId reader) const;
  [[nodiscard]] const CopyCounts& counts() const { return counts_; }

 private:
  // What became of a line in one cache; `state` empty: gone.
  struct Change {
    event::Cycle cycle = 0;
    event::CacheRef cache{};
    std::uint8_t state = 0;
    bool present = false;
  };
  struct Held {
    Change change{};
    event::Cycle since = 0;
  };
  using History = std::pmr::vector<Change>;
  [[nodiscard]] History& history_of(arm::PhysAddr line);
  [[nodiscard]] std::vector<Held> held(arm::PhysAddr line, event::Cycle before) const;
  [[nodiscard]] std::string name_of(event::CacheRef cache) const;
  void note(const event::Event& e, bool present);

  std::string shared_name_;
  std::pmr::monotonic_buffer_resource memory_;  // many short histories, which stay
  std::deque<History> histories_;
  memory::LineTable<std::uint32_t> numbers_;  // by line: which of them, from 1
  CopyCounts counts_;
};

}  // namespace staleline::run
