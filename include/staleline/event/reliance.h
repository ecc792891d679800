// SPDX-License-Identifier: Apache-2.0
// What an Unsynchronised event says of the access: `data[1]`.
#pragma once

#include <cstdint>

#include "staleline/arm/translation.h"

namespace staleline::event {

/// How an access asks to be translated, and at which Exception level.
struct Reliance {
  arm::AccessRequest request{};
  std::uint8_t el = 1;          ///< for AT the one that it names
  bool at_instruction = false;  ///< AT: what it finds is the result
  bool next = false;            ///< the fetch of the instruction behind the MSR: nothing can stand between the two
  bool tlbi = false;            ///< TLB maintenance of one VMID
  [[nodiscard]] constexpr std::uint64_t packed() const {
    return static_cast<std::uint64_t>(request.kind) | std::uint64_t{request.privileged} << 8 |
           std::uint64_t{request.pan} << 9 | std::uint64_t{request.aligned} << 10 | std::uint64_t{request.zero} << 11 |
           std::uint64_t{request.stage1_only} << 12 | std::uint64_t{request.no_update} << 13 |
           std::uint64_t{at_instruction} << 14 | std::uint64_t{next} << 15 | std::uint64_t{el} << 16 |
           std::uint64_t{tlbi} << 18;
  }
  [[nodiscard]] static constexpr Reliance unpack(std::uint64_t v) {
    const auto bit = [v](unsigned n) { return (v >> n & 1) != 0; };
    Reliance r;
    r.request.kind = static_cast<arm::AccessRequest::Kind>(v & 0xff);
    r.request.privileged = bit(8);
    r.request.pan = bit(9);
    r.request.aligned = bit(10);
    r.request.zero = bit(11);
    r.request.stage1_only = bit(12);
    r.request.no_update = bit(13);
    r.at_instruction = bit(14);
    r.next = bit(15);
    r.el = static_cast<std::uint8_t>(v >> 16 & 3);
    r.tlbi = bit(18);
    return r;
  }
};

}  // namespace staleline::event
