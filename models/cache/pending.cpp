// SPDX-License-Identifier: Apache-2.0
// Requests under way: one queue a line, served in order, and the messages that they send.
#include <algorithm>
#include <cassert>

#include "private_side.h"

namespace staleline::cache {

using Op = Request::Op;
using protocol::LineAction;
using protocol::LineEvent;

namespace {

// Accesses that are done at the home and change no state here: any number of them may be under way.
bool goes_past_caches(const Request& r) {
  if (r.op == Op::TlbMaintenance || r.op == Op::PowerOffShared || (r.op == Op::Maintenance && !is_zva(r))) return false;
  if (!looks_up(r)) return true;
  if (r.op == Op::Atomic) return r.path.memory == arm::MemoryClass::NormalWT;
  if (is_store(r)) return r.path.memory == arm::MemoryClass::NormalWT || !r.path.allocates;
  return (r.op == Op::Load || r.op == Op::Walk) && !r.path.allocates;
}

protocol::Request request_of(arm::CacheOp op) {
  switch (op) {
    case arm::CacheOp::DC_IVAC:
      return protocol::Request::MakeInvalid;
    case arm::CacheOp::DC_CIVAC:
      return protocol::Request::CleanInvalid;
    case arm::CacheOp::DC_CVAU:
      return protocol::Request::CleanToPoU;
    case arm::CacheOp::IC_IVAU:
      return protocol::Request::InvalidateInstruction;
    case arm::CacheOp::IC_IALLUIS:
      return protocol::Request::InvalidateAllInstructions;
    case arm::CacheOp::DC_ISW:
      return protocol::Request::InvalidateSetWay;
    case arm::CacheOp::DC_CSW:
      return protocol::Request::CleanSetWay;
    case arm::CacheOp::DC_CISW:
      return protocol::Request::CleanInvalidSetWay;
    default:
      return protocol::Request::CleanShared;  // DC CVAC, DC CVAP
  }
}

}  // namespace

std::uint32_t PrivateCaches::Implementation::find_pending(std::uint64_t line) const {
  if (pendings_open == 0) return kNone;
  for (std::uint32_t i = 0; i < pendings.size(); ++i) {
    if (pendings[i].line == line) return i;
  }
  return kNone;
}

std::uint32_t PrivateCaches::Implementation::open_pending(std::uint64_t line) {
  ++pendings_open;
  for (std::uint32_t i = 0; i < pendings.size(); ++i) {
    if (pendings[i].line != kNoLine) continue;
    pendings[i] = Pending{};
    pendings[i].line = line;
    return i;
  }
  pendings.emplace_back().line = line;
  return static_cast<std::uint32_t>(pendings.size() - 1);
}

std::uint32_t PrivateCaches::Implementation::new_node(const Request& r) {
  std::uint32_t node;
  if (free_nodes.empty()) {
    node = static_cast<std::uint32_t>(nodes.size());
    nodes.emplace_back();
  } else {
    node = free_nodes.back();
    free_nodes.pop_back();
  }
  nodes[node] = {r, kNone, kNone, For::Client};
  return node;
}

std::uint32_t PrivateCaches::Implementation::append(std::uint32_t pending, const Request& r, For whom) {
  const std::uint32_t node = new_node(r);
  nodes[node].pending = pending;
  nodes[node].whom = whom;
  Pending& p = pendings[pending];
  if (p.tail == kNone) {
    p.head = node;
  } else {
    nodes[p.tail].next = node;
  }
  p.tail = node;
  return node;
}

Request PrivateCaches::Implementation::pop(std::uint32_t pending) {
  Pending& p = pendings[pending];
  const std::uint32_t node = p.head;
  p.head = nodes[node].next;
  if (p.head == kNone) p.tail = kNone;
  free_nodes.push_back(node);
  return nodes[node].r;
}

void PrivateCaches::Implementation::finish(Cycle now, Request& r, For whom) {
  --taken;
  if (whom == For::Client) client.completed(r, now);
  if (whom == For::Sweep) swept_one(now);
}

// Serves the queue until its head has to wait. The client may make new requests from completed().
void PrivateCaches::Implementation::advance(std::uint32_t pending, Cycle now, bool tried) {
  if (pendings[pending].advancing) return;
  pendings[pending].advancing = true;
  for (;;) {
    Pending& p = pendings[pending];
    if (p.under != Under::Nothing) break;
    if (p.head == kNone) {
      if (p.past_caches != 0) break;
      p.line = kNoLine;
      --pendings_open;
      break;
    }
    const std::uint32_t head = p.head;
    Node& n = nodes[head];
    // A store that may go past the caches still writes a line that this PE holds alone.
    if (p.past_caches == 0 && !tried && local(now, n.r, p.line)) {
      const For whom = n.whom;
      Request r = pop(pending);
      finish(now, r, whom);
      continue;
    }
    tried = false;
    if (goes_past_caches(n.r)) {
      p.head = n.next;
      if (p.head == kNone) p.tail = kNone;
      ++p.past_caches;
      send_past_caches(head, now);
      continue;
    }
    if (p.past_caches != 0) break;
    start(pending, now);
  }
  pendings[pending].advancing = false;
}

void PrivateCaches::Implementation::start(std::uint32_t pending, Cycle at) {
  Pending& p = pendings[pending];
  const std::uint32_t head = p.head;
  const Request& r = nodes[head].r;
  switch (r.op) {
    case Op::Load:
    case Op::Walk:
    case Op::Prefetch: {
      const WriteBack* leaving = find_write_back(p.line);
      const auto step = protocol::step(leaving != nullptr ? leaving->state : LineState::Invalid, LineEvent::Load);
      if (step.action == LineAction::Wait) {
        p.under = Under::WriteBack;
        return;
      }
      assert(step.action == LineAction::SendReadShared);
      if (wait_for_room(pending)) return;
      p.under = Under::Read;
      Message& m = request(at + data_lookup, protocol::Request::ReadShared, p.line, head);
      m.alone = r.path.memory != arm::MemoryClass::NormalWT;
      return;
    }
    case Op::Store:
    case Op::Atomic:
      start_unique(pending, at);
      return;
    case Op::Fetch:
    case Op::PrefetchInstruction:
      p.under = Under::Instruction;
      p.poisoned = !r.path.allocates;
      request(at + instruction_lookup, protocol::Request::ReadInstruction, p.line, head);
      return;
    case Op::Maintenance:
      if (is_zva(r)) {
        start_unique(pending, at);
        return;
      }
      p.under = Under::Maintenance;
      send_maintenance(head, at);
      return;
    case Op::TlbMaintenance: {
      p.under = Under::Maintenance;
      Message& m = request(at + 1, protocol::Request::TlbMaintenance, p.line, head);
      m.has_data = true;
      std::memcpy(m.data.data(), r.data.data(), sizeof r.data);
      return;
    }
    case Op::PowerOffShared:  // sent by send_level_maintenance()
    case Op::Evict:
      assert(false);
      return;
  }
}

void PrivateCaches::Implementation::start_unique(std::uint32_t pending, Cycle at) {
  const std::uint64_t line = pendings[pending].line;
  const WriteBack* leaving = find_write_back(line);
  std::uint32_t slot = outer().find(line);
  // One way of a set stays free of lines that cannot be replaced, so that every fill finds a place.
  if (slot != Array::kNoSlot && outer().count(line, LineState::SharedToModified) + 1 >= outer().ways()) {
    evict(at, slot, false);
    slot = Array::kNoSlot;
  }
  const LineState state = leaving != nullptr       ? leaving->state
                          : slot == Array::kNoSlot ? LineState::Invalid
                                                   : outer().state(slot);
  const auto step = protocol::step(state, LineEvent::Store);
  if (step.action == LineAction::Wait) {
    pendings[pending].under = Under::WriteBack;
    return;
  }
  assert(step.action == LineAction::SendReadUnique);
  if (slot == Array::kNoSlot && wait_for_room(pending)) return;
  if (slot != Array::kNoSlot) outer().set_state(slot, step.next);
  pendings[pending].under = Under::Unique;
  request(at + data_lookup, protocol::Request::ReadUnique, line, pendings[pending].head);
}

bool PrivateCaches::Implementation::wait_for_room(std::uint32_t pending) {
  if (places_taken < parameters.write_back_entries) return false;
  pendings[pending].under = Under::Room;
  waiting_for_room.push_back(pending);
  return true;
}

void PrivateCaches::Implementation::send_maintenance(std::uint32_t node, Cycle at) {
  const Request& r = nodes[node].r;
  Message& m = request(at + 1, request_of(r.maintenance), pendings[nodes[node].pending].line, node);
  m.virtual_index = r.virtual_index;
  m.promoted = r.promoted;
  m.undivided = r.undivided;
}

void PrivateCaches::Implementation::send_past_caches(std::uint32_t node, Cycle at) {
  const Request& r = nodes[node].r;
  const std::uint64_t line = line_of(r);
  const bool looks = looks_up(r);
  const bool store = is_store(r);
  const bool atomic = r.op == Op::Atomic;
  const auto kind = atomic  ? (looks ? protocol::Request::AtomicUnique : protocol::Request::AtomicNoSnp)
                    : store ? (looks ? protocol::Request::WriteUnique : protocol::Request::WriteNoSnp)
                            : (looks ? protocol::Request::ReadOnce : protocol::Request::ReadNoSnp);
  Message& m = request(looks ? at + data_lookup : at + 1, kind, line, node);
  m.offset = is_zva(r) ? std::uint8_t{0} : static_cast<std::uint8_t>(r.address.offset_in(arm::kLineBytes));
  m.size = is_zva(r) ? static_cast<std::uint8_t>(arm::kLineBytes) : r.size;
  m.early = r.path.memory != arm::MemoryClass::DevicenGnRnE && !r.exclusive;
  m.exclusive = r.exclusive;
  m.modifier = r.modifier;
  if (store && !atomic) {
    m.has_data = true;
    write_bytes(r, m.data.data());
  }
}

Message& PrivateCaches::Implementation::request(Cycle at, protocol::Request kind, std::uint64_t line,
                                                std::uint32_t tag) {
  const Cycle departure = std::max(at, next_departure);
  next_departure = departure + 1;
  Message& m = home.put(departure + timing.link_cycles, port, sequence++);
  m.channel = Message::Channel::Request;
  m.request = kind;
  m.line = line;
  m.tag = tag;
  m.source = port;
  m.has_data = false;
  m.alone = true;
  m.exclusive = false;
  return m;
}

void PrivateCaches::Implementation::acknowledge(Cycle at, std::uint64_t line) {
  Message& m = home.put(at + timing.link_cycles, port, sequence++);
  m.channel = Message::Channel::Acknowledge;
  m.line = line;
  m.source = port;
}

}  // namespace staleline::cache
