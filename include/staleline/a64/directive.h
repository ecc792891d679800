// SPDX-License-Identifier: Apache-2.0
// Dot-directives of scenario programs, resolved: what an agent does besides A64 instructions.
#pragma once

#include <cstdint>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/event/types.h"

namespace staleline::a64 {

/// Bytes of an agent's virtual address space. `region` indexes the scenario's memory regions.
struct Span {
  arm::VirtAddr begin{};
  std::uint64_t bytes = 0;
  std::uint32_t region = 0;
};

enum class Relation : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };  // unsigned

struct Directive {
  enum class Kind : std::uint8_t {
    Publish,   ///< .publish NAME [, release]       edge
    Await,     ///< .await AGENT[.NAME] [, acquire|fetched] edge
    Handoff,   ///< .handoff AGENT                  edge
    Doorbell,  ///< .doorbell DEVICE                edge
    Complete,  ///< .complete                       edge (device programs)
    Copy,      ///< .copy DST, SRC    SRC a span (loads and stores) or payload bytes (stores only)
    Fill,      ///< .fill DST, BYTE   stores of one byte value
    Read,      ///< .read SRC         loads, values discarded
    Expect,    ///< .expect Xn REL VALUE
    Delay,     ///< .delay CYCLES
    Grant,     ///< .grant AGENT, RANGE    `agent` may use the bytes of `destination`
    Revoke,    ///< .revoke AGENT, RANGE   ... may not
    Vector,    ///< .vector LABEL    synchronous exceptions go to the code address `value`
    PowerOff,  ///< .poweroff [cluster]  this PE leaves coherency and loses its private caches
    PowerOn,   ///< .poweron         it joins, its caches invalid
    Emulate,   ///< .emulate         the MSR or MRS that was trapped last is done for the guest
  };
  Kind kind = Kind::Delay;
  event::SourceLine line{};
  event::EdgeId edge{};
  event::Mechanism mechanism = event::Mechanism::Flag;
  event::AgentId agent{};  ///< Grant, Revoke
  Span destination{};
  Span source{};                      ///< Copy from memory, Read
  std::vector<std::uint8_t> bytes{};  ///< Copy from a payload; Fill: the one byte value
  std::uint8_t register_number = 0;   ///< Expect: 0 to 30
  Relation relation = Relation::Equal;
  std::uint64_t value = 0;  ///< Expect: right-hand side; Delay: cycles; Vector: the code address; PowerOff: 1 with
                            ///< the shared caches of the cluster
};

}  // namespace staleline::a64
