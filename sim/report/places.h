// SPDX-License-Identifier: Apache-2.0
// How reports spell places and bytes: regions instead of addresses, values instead of byte arrays.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace staleline::report {

/// The innermost region that holds all of [address, address + bytes); null if none does.
const scenario::Region* region_of(const scenario::Scenario& s, arm::PhysAddr address, std::uint64_t bytes);
/// "image+0x0", or the bare address where no region holds it.
std::string spelled(const scenario::Scenario& s, arm::PhysAddr address);
/// What a program line would say: "image[..]", "image[64..128]"; a range that only rounds the bytes of a
/// region to whole lines is spelled as the bytes, all lines of a region as the region. `hint` is the region that the
/// reader knows.
std::string spelled_span(const scenario::Scenario& s, arm::PhysAddr address, std::uint64_t bytes,
                         std::optional<std::uint32_t> hint);
/// "0x1122334455667788" for 1, 2, 4 and 8 bytes (little-endian), "16 x 0xee" or "00 11 22" otherwise.
std::string spelled_bytes(const std::array<std::uint8_t, 16>& bytes, std::uint8_t size);
/// "0x40080000".
std::string hex(std::uint64_t value);
std::string agent_name(const scenario::Scenario& s, event::AgentId agent);

/// The words of one line of the file that matter: without tag, label indentation and comment.
struct Quoted {
  std::string text;          ///< the whole line, control characters as spaces
  std::uint32_t column = 1;  ///< of the first word, from 1
  std::uint32_t length = 0;  ///< to the end of the last word
  std::string lead;          ///< what a new line beside it starts with: indentation and tag, a label as spaces
  std::string label;         ///< with what follows it up to the first word, where there is one
  /// `lead` with the label, for a new line that goes before this one but behind what branches to it.
  [[nodiscard]] std::string labelled_lead() const { return lead.substr(0, lead.size() - label.size()) + label; }
  /// The line as it stands once the label is before it.
  [[nodiscard]] std::string unlabelled() const { return label.empty() ? text : lead + text.substr(lead.size()); }
};
Quoted quoted(const scenario::Scenario& s, event::SourceLine line);
/// The same of an agent; where that executes code from memory, the instruction.
Quoted quoted(const run::Result& result, event::AgentId agent, event::SourceLine line);
/// "line 12", or of an agent that executes code from memory "start+0x10 (0x4000_0010)".
std::string line_name(const run::Result& result, event::AgentId agent, event::SourceLine line);

}  // namespace staleline::report
