// SPDX-License-Identifier: Apache-2.0
// Who puts an image into memory, as parts of a scenario's text.
#pragma once

#include <span>
#include <string>

#include "staleline/boot/boot.h"

namespace staleline::boot {

/// A region of the scenario and the bytes that go there.
struct Piece {
  std::string region, payload;
  arm::PhysAddr at{};
  std::uint64_t bytes = 0;
};

/// What the VMM has of its own in `memory`; empty where that is nothing.
[[nodiscard]] std::string memory_of(const Vmm& vmm, unsigned cpus);
/// The views `host` and `guest`.
[[nodiscard]] std::string views_of(const Vmm& vmm, unsigned cpus);
/// The agent `vmm`, and others where a hypervisor runs on each PE; empty without one.
[[nodiscard]] std::string agents_of(const Vmm& vmm, unsigned cpus);
/// Their programs.
[[nodiscard]] std::string program_of(const Vmm& vmm, std::span<const Piece> pieces, unsigned cpus);

}  // namespace staleline::boot
