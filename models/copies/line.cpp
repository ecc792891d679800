// SPDX-License-Identifier: Apache-2.0
// The transition function over the copies of one line.
#include "staleline/copies/line.h"

namespace staleline::copies {
namespace {

void fill(Line& l, Copy& c) {
  if (c.present) return;
  c = {.present = true, .dirty = false, .bytes = l.memory};
}

void write_back(Line& l, Copy& c) {
  if (!c.dirty) return;
  l.memory = c.bytes;
  c.dirty = false;
}

}  // namespace

std::optional<Stepped> step(const Line& before, const Action& a) {
  Stepped after{.line = before};
  Line& l = after.line;
  Copy& c = l.node[a.node];
  using What = Action::What;
  switch (a.what) {
    case What::Fill:
      if (c.present) return std::nullopt;
      fill(l, c);
      break;
    case What::Drop:
      if (!c.present || c.dirty) return std::nullopt;
      c = {};
      break;
    case What::WriteBack:
      if (!c.dirty) return std::nullopt;
      write_back(l, c);
      break;
    case What::ReadCacheable:
      fill(l, c);
      after.read = c.bytes[a.byte];
      break;
    case What::ReadNonCacheable:
      after.read = l.memory[a.byte];
      break;
    case What::ReadSnooping:
      after.read = c.present ? c.bytes[a.byte] : l.memory[a.byte];
      break;
    case What::WriteBackWrite:
      fill(l, c);
      c.bytes[a.byte] = a.version;
      c.dirty = true;
      break;
    case What::WriteThroughWrite:
      fill(l, c);
      c.bytes[a.byte] = a.version;
      l.memory[a.byte] = a.version;
      break;
    case What::WriteNonCacheable:
      l.memory[a.byte] = a.version;
      break;
    case What::WriteSnooping:
      if (!c.present) {
        l.memory[a.byte] = a.version;
      } else if (a.hit == SnoopHit::Update) {
        c.bytes[a.byte] = a.version;
        c.dirty = true;
      } else if (a.hit == SnoopHit::UpdateThrough) {
        write_back(l, c);
        c.bytes[a.byte] = a.version;
        l.memory[a.byte] = a.version;
      } else {
        write_back(l, c);
        c = {};
        l.memory[a.byte] = a.version;
      }
      break;
    case What::Clean:
      write_back(l, c);
      break;
    case What::Invalidate:
      c = {};
      break;
    case What::CleanAndInvalidate:
      write_back(l, c);
      c = {};
      break;
  }
  return after;
}

}  // namespace staleline::copies
