// SPDX-License-Identifier: Apache-2.0
// A GICv2 on the interconnect: two ranges of registers, wires in, and a word to each PE when what it has pending
// changes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/engine/component.h"
#include "staleline/engine/inbox.h"
#include "staleline/gic/gicv2.h"
#include "staleline/interconnect/interconnect.h"

namespace staleline::gic {

using engine::Cycle;

struct Parameters {
  arm::PhysAddr distributor{}, cpu_interface{};  ///< of GICD_* (4 KiB) and GICC_* (8 KiB)
  unsigned pes = 1;
  unsigned interrupts = 288;
};

class Gic final : public engine::Component {
 public:
  static constexpr std::uint64_t kDistributorBytes = 0x1000, kInterfaceBytes = 0x2000;
  /// Told at `at` of what `pe` has pending now, where that has changed. The PE may learn of it no earlier than one
  /// lookahead later: the callee puts it into an inbox of the PE.
  using Output = std::function<void(unsigned pe, Pending pending, Cycle at)>;

  Gic(const Parameters& parameters, interconnect::Interconnect& interconnect, Output output);
  ~Gic() override;

  [[nodiscard]] Cycle next() const override;
  void run(Cycle until) override;

  /// The wire of an interrupt changes at `due`, at least one lookahead after the sender's time. `source` is the
  /// sender's component number, `sequence` counts its changes.
  void set_line(Cycle due, std::uint16_t source, std::uint32_t sequence, unsigned pe, IntId id, bool level);

  [[nodiscard]] GicV2& registers() { return state_; }

 private:
  class Range;
  struct Change {
    unsigned pe = 0;
    IntId id = 0;
    bool level = false;
  };
  void tell(Cycle at);

  GicV2 state_;
  Output output_;
  std::vector<Pending> told_;
  engine::Inbox<Change> changes_;
  std::unique_ptr<Range> distributor_, cpu_interface_;
};

}  // namespace staleline::gic
