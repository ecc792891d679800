// SPDX-License-Identifier: Apache-2.0
// What the PE asks for: the plain call of an L1D hit, and everything that is not one.
#include <algorithm>
#include <cassert>

#include "private_side.h"

namespace staleline::cache {

using Op = Request::Op;

std::optional<Cycle> PrivateCaches::Implementation::access(Cycle now, Request& r) {
  const std::uint64_t line = line_of(r);
  // The common case: nothing is under way for any line, and the L1D can serve.
  if (pendings_open == 0 && looks_up(r)) {
    if (r.op == Op::Load || r.op == Op::Walk) {
      const std::uint32_t slot = l1d.find(line);
      if (slot != Array::kNoSlot) [[likely]] {
        ++counters.accesses;
        l1d.touch(slot, line);
        read_bytes(r, l1d.data(slot));
        return parameters.l1d.hit_cycles;
      }
    } else if (r.op == Op::Fetch) {
      const std::uint64_t key = l1i_key(line, r.virtual_index);
      const std::uint32_t slot = l1i.present() ? l1i.find(key) : Array::kNoSlot;
      if (slot != Array::kNoSlot) [[likely]] {
        ++counters.fetches;
        l1i.touch(slot, key);
        read_bytes(r, l1i.data(slot));
        return parameters.l1i.hit_cycles;
      }
    } else if (r.op == Op::Store && r.path.memory != arm::MemoryClass::NormalWT) {
      const std::uint32_t slot = l1d.find(line);
      if (slot != Array::kNoSlot && l1d.state(slot) == LineState::Modified) [[likely]] {
        ++counters.accesses;
        l1d.touch(slot, line);
        write_bytes(r, l1d.data(slot));
        return parameters.l1d.hit_cycles;
      }
    }
  }
  return access_slowly(now, r, line);
}

const std::uint8_t* PrivateCaches::Implementation::fetched_at_once(arm::PhysAddr address, event::Path path) {
  if (path.node == event::kNoNode || alias_mask != 0 || !l1i.present()) return nullptr;
  const std::uint64_t line = address.aligned_down(arm::kLineBytes).value;
  if (pendings_open != 0 && find_pending(line) != kNone) return nullptr;
  const std::uint32_t slot = l1i.find(line);
  if (slot == Array::kNoSlot) return nullptr;
  ++counters.fetches;
  l1i.touch(slot, line);
  return l1i.data(slot) + (address.value - line);
}

const std::uint8_t* PrivateCaches::Implementation::loaded_at_once(arm::PhysAddr address, event::Path path) {
  const std::uint64_t line = address.aligned_down(arm::kLineBytes).value;
  if (path.node == event::kNoNode || (pendings_open != 0 && find_pending(line) != kNone)) return nullptr;
  const std::uint32_t slot = l1d.find(line);
  if (slot == Array::kNoSlot) return nullptr;
  ++counters.accesses;
  l1d.touch(slot, line);
  return l1d.data(slot) + (address.value - line);
}

// What send_past_caches() and the reply to it do, in one: nobody can tell that there were no messages.
std::optional<Cycle> PrivateCaches::Implementation::answered_at_once(Cycle now, Request& r, Cycle until) {
  assert(!off);
  const Cycle departure = now + 1;
  if (pendings_open != 0 || next_departure > departure || looks_up(r) || r.exclusive) return std::nullopt;
  std::array<std::uint64_t, 2> bytes{};
  const auto replied =
      home.read_at_once(departure + timing.link_cycles, r.address,
                        {reinterpret_cast<std::uint8_t*>(bytes.data()), r.size}, std::min(until, inbox.next()));
  if (!replied) return std::nullopt;
  if (r.op == Op::Fetch) ++counters.fetches;
  r.data = bytes;
  return replied;
}

std::optional<Cycle> PrivateCaches::Implementation::access_slowly(Cycle now, Request& r, std::uint64_t line) {
  assert(!off || r.op == Op::Prefetch || r.op == Op::PrefetchInstruction || r.op == Op::Evict);
  if (off) return 0;
  switch (r.op) {
    case Op::Prefetch:
    case Op::PrefetchInstruction:
      speculate(now, r, line);
      return 0;
    case Op::Evict:
      if (find_pending(line) == kNone) evict_everywhere(now, line);
      return 0;
    case Op::Fetch:
      ++counters.fetches;
      break;
    case Op::Load:
    case Op::Store:
    case Op::Atomic:
    case Op::Walk:
      if (looks_up(r)) ++counters.accesses;
      break;
    case Op::Maintenance:
      if (is_set_way(r.maintenance)) return set_way(now, r);
      if (r.maintenance == arm::CacheOp::IC_IALLUIS) line = kEveryLine;
      break;
    case Op::PowerOffShared:
      return send_level_maintenance(
          now, r, {.shared = LevelMaintenance::kAllLevels, .op = arm::CacheOp::DC_ISW, .whole = true});
    case Op::TlbMaintenance:
      if (!r.broadcast) return own_tlb_maintenance(now, r);
      line = kTlbLines + port * arm::kLineBytes;
      break;
  }
  std::uint32_t pending = find_pending(line);
  const bool alone = pending == kNone;
  if (alone) {
    if (const auto latency = local(now, r, line)) return latency;
    pending = open_pending(line);
  }
  if (looks_up(r)) {
    if (r.op == Op::Fetch) ++counters.fetch_misses;
    if (r.op == Op::Load || r.op == Op::Store || r.op == Op::Walk) ++counters.l1_misses;
  }
  ++taken;
  append(pending, r, For::Client);
  advance(pending, now, alone);
  if (r.op == Op::Load && parameters.prefetch_lines != 0 && looks_up(r)) prefetch_after(now, r, line);
  return std::nullopt;
}

std::optional<Cycle> PrivateCaches::Implementation::own_tlb_maintenance(Cycle now, const Request& r) {
  const std::uint32_t node = new_node(r);
  ++taken;
  if (client.tlb_maintenance({r.data, kOwnTicket | node}, now) == Answer::Later) return std::nullopt;
  --taken;
  free_nodes.push_back(node);
  return 1;
}

void PrivateCaches::Implementation::answer_tlb_maintenance(Cycle now, std::uint32_t ticket) {
  if ((ticket & kOwnTicket) == 0) {
    respond(now, kTlbLines + ticket * arm::kLineBytes);
    return;
  }
  const std::uint32_t node = ticket & ~kOwnTicket;
  Request r = nodes[node].r;
  free_nodes.push_back(node);
  finish(now, r, For::Client);
}

// A fill that nobody asked for; anything under way for the line makes it pointless.
void PrivateCaches::Implementation::speculate(Cycle now, const Request& r, std::uint64_t line) {
  if (!looks_up(r) || !r.path.allocates || find_pending(line) != kNone || find_write_back(line) != nullptr) return;
  const bool instruction = r.op == Op::PrefetchInstruction;
  if (instruction) {
    if (!l1i.present() || l1i.find(l1i_key(line, r.virtual_index)) != Array::kNoSlot) return;
    Request probe = r;
    if (local_fetch(now, probe, line)) return;
  } else {
    if (l1d.find(line) != Array::kNoSlot) return;
    Request probe = r;
    probe.size = 1;
    if (local(now, probe, line)) return;
  }
  const std::uint32_t pending = open_pending(line);
  ++taken;
  append(pending, r, For::Nobody);
  advance(pending, now, true);
}

void PrivateCaches::Implementation::prefetch_after(Cycle now, const Request& miss, std::uint64_t line) {
  constexpr std::uint64_t kPage = 4096;
  for (std::uint32_t i = 1; i <= parameters.prefetch_lines; ++i) {
    Request r = miss;
    r.op = Op::Prefetch;
    r.address = {line + i * arm::kLineBytes};
    if ((r.address.value ^ line) >= kPage) break;
    speculate(now, r, r.address.value);
  }
}

}  // namespace staleline::cache
