// SPDX-License-Identifier: Apache-2.0
// Writes the fixes of one hazard: the operation, whose program, which line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "implementation.h"

namespace staleline::judge {

class FixWriter {
 public:
  FixWriter(const Judge::Implementation& judge, const Finding& f, const event::Event& e, const Line& l, Use use,
            std::vector<Fix>& out)
      : judge_(judge), f_(f), e_(e), l_(l), use_(use), out_(out) {}

  void write();

 private:
  [[nodiscard]] bool reader_is_device() const { return judge_.orders.is_device(e_.agent); }
  [[nodiscard]] std::string completion() const {
    return use_ == Use::Fetch || (use_ == Use::Walk && !reader_is_device()) ? "dsb ish" : "dsb sy";
  }
  /// True where a clean that does not invalidate is not enough on this platform.
  [[nodiscard]] bool unreliable_clean() const {
    return judge_.parameters.quirks.clean_loses_to_eviction || judge_.parameters.quirks.clean_leaves_dirty;
  }
  [[nodiscard]] std::string clean_to_poc() const { return unreliable_clean() ? "dc civac" : "dc cvac"; }
  [[nodiscard]] MayState seen() const { return judge_.view(l_, e_.agent, use_, true); }

  /// True where the newest bytes may still be only in a cache that the read goes past.
  [[nodiscard]] bool missing_below() const;

  void add(std::string operation, event::AgentId agent, event::SourceLine after, event::SourceLine before,
           bool covers) {
    out_.push_back({.operation = std::move(operation),
                    .address = l_.address,
                    .bytes = covers ? std::uint64_t{1} : 0,
                    .agent = agent,
                    .after = after,
                    .before = before});
  }
  void before_read(std::string operation, bool covers) { add(std::move(operation), e_.agent, {}, e_.line, covers); }
  /// In `agent`'s program, after its deed of `epoch` at `line`: before what tells others, if anything does.
  void after_deed(std::string operation, event::AgentId agent, Epoch epoch, event::SourceLine line, bool covers) {
    const event::SourceLine send = judge_.orders.send_after(agent, epoch);
    if (send.value != 0) return add(std::move(operation), agent, {}, send, covers);
    add(std::move(operation), agent, line, {}, covers);
  }
  void after_write(std::string operation, bool covers) {
    after_deed(std::move(operation), f_.writer.agent, f_.writer.epoch, f_.writer.line, covers);
  }

  /// Maintenance was done but the reader need not come after it. True where that is all that is missing.
  template <class Concerns>
  bool only_a_barrier(Concerns&& concerns) {
    for (const Clear& c : l_.clears) {
      if (!concerns(c) || !judge_.orders.intended(e_.agent, c.by.agent, c.by.epoch)) continue;
      if (c.by.agent == e_.agent) {
        before_read("dsb sy", false);
      } else if (!judge_.orders.cmo_announced(e_.agent, c.by.agent, c.by.epoch)) {
        after_deed(completion(), c.by.agent, c.by.epoch, c.by.line, false);
      } else {
        before_read("dmb ish", false);
      }
      return true;
    }
    return false;
  }

  /// The writer did the maintenance, which need not come after the write. True where that is all that is missing.
  bool only_a_barrier_before();

  // Copies of data and instructions (fixes.cpp).
  void below_cache();
  void stale_copy();
  /// The poll has to look again each time; or what it waits for has to come out of a cache.
  void polled();
  /// Bytes of the line that are of someone else, who writes them while these are written: no maintenance helps both.
  bool neighbours_at_once(Mask others);
  /// Bytes of the line whose newest write is that of `line` at `cycle`, these apart.
  [[nodiscard]] Mask written_by(event::SourceLine line, event::Cycle cycle) const;
  void lost_to_write_back();
  void lost_to_invalidate();
  void lost_to_power_off();
  void stale_instruction();
  /// True where an instruction that was fetched ahead may be executed although a newer one told of it.
  [[nodiscard]] bool overtaken() const;
  void not_ordered();

  // Translations (fixes_translation.cpp).
  /// `e_` is the revocation: what is missing goes before it.
  void revocation();
  /// What is stale sits in an SMMU that hears its own commands only.
  [[nodiscard]] bool in_smmu() const;
  /// Commands are stores to a queue and to a register: no line that could be pasted.
  void by_commands(std::string_view command, event::AgentId agent, event::SourceLine after, event::SourceLine before);
  /// The command that removes what the SMMU holds of the descriptor (IHI 0070 4.4).
  [[nodiscard]] static std::string_view command_for(const TableUse& u);
  /// `operation` names what was mapped, not the descriptor.
  void add_tlbi(event::AgentId agent, event::SourceLine after, event::SourceLine before);
  void tlb_maintenance();
  void break_before_make();

  const Judge::Implementation& judge_;
  const Finding& f_;
  const event::Event& e_;
  const Line& l_;
  Use use_;
  std::vector<Fix>& out_;
};

}  // namespace staleline::judge
