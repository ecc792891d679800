// SPDX-License-Identifier: Apache-2.0
// What the home says: replies that end a wait, and snoops.
#include <cassert>

#include "private_side.h"

namespace staleline::cache {

using event::CacheRef;
using event::Kind;
using protocol::LineAction;
using protocol::LineEvent;
using protocol::Snoop;

void PrivateCaches::Implementation::deliver(Cycle now) {
  while (inbox.next() <= now) {
    const Cycle at = inbox.next();
    // Only the home puts anything in, and it does not run meanwhile.
    const Message& m = inbox.front();
    if (m.channel == Message::Channel::Snoop) {
      snoop(at, m);
    } else {
      reply(at, m);
    }
    inbox.pop();
  }
}

void PrivateCaches::Implementation::reply(Cycle now, const Message& m) {
  if (m.result == Message::Result::Credit) {
    write_back_room(now);
    return;
  }
  if (m.result == Message::Result::Grant) {
    if (m.grant == LineEvent::WriteBackDone) {
      write_back_done(now, m);
    } else {
      grant(now, m);
    }
    return;
  }
  const std::uint32_t node = m.tag;
  const std::uint32_t pending = nodes[node].pending;
  const For whom = nodes[node].whom;
  Request r = nodes[node].r;
  if (pending == kNone) {  // of a shared level: it belongs to no line
    free_nodes.push_back(node);
    finish(now, r, whom);
    return;
  }
  Pending& p = pendings[pending];
  if (p.under == Under::Nothing) {
    // Past the caches: the node left the queue when it was sent.
    --p.past_caches;
    free_nodes.push_back(node);
    const bool refused = r.exclusive && !m.exclusive;
    r.exclusive = m.exclusive;
    r.failed = m.failed;
    if (m.request == protocol::Request::WriteUnique && !refused) {
      update_copies(r);
      acknowledge(now, m.line);
    }
    if (m.request == protocol::Request::AtomicUnique) {
      update_copies(m.line, m.data.data());
      acknowledge(now, m.line);
    } else if (m.result == Message::Result::Bytes) {
      read_bytes(r, m.data.data());
    }
  } else {
    assert(p.head == node);
    if (p.under == Under::Instruction) {
      if (!p.poisoned) fill_l1i(now, m.line, r.virtual_index, m.data.data());
      if (whom == For::Client) read_bytes(r, m.data.data());
      acknowledge(now, m.line);
    }
    p.under = Under::Nothing;
    pop(pending);
  }
  // Requests that the client makes from completed() queue behind those that wait.
  pendings[pending].advancing = true;
  finish(now, r, whom);
  pendings[pending].advancing = false;
  advance(pending, now);
}

void PrivateCaches::Implementation::grant(Cycle now, const Message& m) {
  if (off) {
    decline(now, m);
    return;
  }
  const std::uint32_t pending = nodes[m.tag].pending;
  Pending& p = pendings[pending];
  const std::uint32_t slot = outer().find(m.line);
  const LineState before = p.under == Under::Read   ? LineState::InvalidToShared
                           : slot != Array::kNoSlot ? outer().state(slot)
                                                    : LineState::InvalidToModified;
  const auto step = protocol::step(before, m.grant);
  assert(step.action == LineAction::Acknowledge);
  if (m.grant == LineEvent::Upgraded) {
    outer().set_state(slot, step.next);
    emit(now, Kind::Upgrade, outer_level(), m.line, step.next);
    if (l2.present()) {
      const std::uint32_t inner = l1d.find(m.line);
      if (inner != Array::kNoSlot) l1d.set_state(inner, LineState::Exclusive);
    }
  } else {
    install(now, m.line, m.data.data(), step.next);
  }
  acknowledge(now, m.line);
  p.under = Under::Nothing;
  advance(pending, now);
}

void PrivateCaches::Implementation::write_back_done(Cycle now, const Message& m) {
  WriteBack* w = find_write_back(m.line);
  assert(w != nullptr && protocol::step(w->state, LineEvent::WriteBackDone).action == LineAction::Release);
  if (w->on_purpose) --taken;
  write_backs.erase(write_backs.begin() + (w - write_backs.data()));
  const bool credit = m.credit;
  const std::uint32_t pending = find_pending(m.line);
  if (pending != kNone && pendings[pending].under == Under::WriteBack) {
    pendings[pending].under = Under::Nothing;
    advance(pending, now);
  }
  if (credit) write_back_room(now);
}

void PrivateCaches::Implementation::write_back_room(Cycle now) {
  --places_taken;
  while (!waiting_for_room.empty() && places_taken < parameters.write_back_entries) {
    const std::uint32_t next = waiting_for_room.front();
    waiting_for_room.pop_front();
    pendings[next].under = Under::Nothing;
    advance(next, now);
  }
}

Message& PrivateCaches::Implementation::respond(Cycle now, std::uint64_t line) {
  Message& answer = home.put(now + timing.snoop_cycles, port, sequence++);
  answer.channel = Message::Channel::Response;
  answer.line = line;
  answer.source = port;
  answer.has_data = false;
  answer.holds = protocol::Holds::Nothing;
  return answer;
}

void PrivateCaches::Implementation::snoop(Cycle now, const Message& m) {
  if (m.snoop == Snoop::TlbMaintenance) {
    TlbMaintenance t;
    std::memcpy(t.words.data(), m.data.data(), sizeof t.words);
    const std::uint64_t line = m.line;
    t.ticket = static_cast<std::uint32_t>((line - kTlbLines) / arm::kLineBytes);
    if (off || client.tlb_maintenance(t, now) == Answer::Now) respond(now, line);
    return;
  }
  if (m.snoop == Snoop::InvalidateAllInstructions) {
    invalidate_instructions(now);
  } else if (m.snoop == Snoop::InvalidateInstruction || m.instructions_too) {
    const bool one_place = m.snoop == Snoop::InvalidateInstruction && !m.instructions_too;
    if (one_place) {
      drop_instruction(now, m.line, m.virtual_index, Kind::Invalidate);
    } else {
      drop_instructions(now, m.line, Kind::Invalidate);
    }
    const std::uint32_t pending = find_pending(m.line);
    if (pending != kNone && pendings[pending].under == Under::Instruction) {
      const std::uint16_t filled = nodes[pendings[pending].head].r.virtual_index;
      if (!one_place || l1i_key(m.line, filled) == l1i_key(m.line, m.virtual_index)) pendings[pending].poisoned = true;
    }
  }
  Message& answer = respond(now, m.line);
  if (m.snoop >= Snoop::InvalidateInstruction) return;

  const std::uint32_t slot = outer().find(m.line);
  const auto show = [&answer](const std::uint8_t* bytes) {
    answer.has_data = true;
    std::memcpy(answer.data.data(), bytes, arm::kLineBytes);
  };
  if (slot == Array::kNoSlot) {
    WriteBack* w = find_write_back(m.line);
    if (w == nullptr) return;  // Invalid, or a request is under way: answered without bytes either way
    const bool clean = m.snoop == Snoop::SnpCleanShared || m.snoop == Snoop::SnpCleanToPoU;
    if (quirks.clean_loses_to_eviction && clean) {
      // As if it were not there yet: the write-back is still this PE's to give.
      if (w->state == LineState::WriteBackModified) answer.holds = protocol::Holds::Alone;
      return;
    }
    const auto step = protocol::step(w->state, protocol::event_of(m.snoop));
    if (step.action == LineAction::RespondData) show(w->bytes.data());
    // The bytes of a write-back that was only looked at are still this PE's to give.
    if (step.next == LineState::WriteBackModified) answer.holds = protocol::Holds::Alone;
    w->state = step.next;
    return;
  }
  if (m.snoop == Snoop::SnpInstruction) {
    show(outer().data(slot));
    answer.holds = protocol::holds_of(outer().state(slot));
    return;
  }
  if (m.snoop == Snoop::SnpCleanOuter && l2.present()) {
    if (l2.state(slot) == LineState::Modified) {
      show(l2.data(slot));
      l2.set_state(slot, LineState::Exclusive);
      emit(now, Kind::WriteBack, CacheRef::Level::L2, m.line, LineState::Exclusive);
    }
    answer.holds = protocol::holds_of(l2.state(slot));
    return;
  }
  if (m.snoop == Snoop::SnpCleanToPoU && l2.present()) {
    collect(now, m.line);
    answer.holds = protocol::holds_of(outer().state(slot));
    return;
  }
  const LineState before = state_of(slot);
  if (quirks.clean_leaves_dirty && before == LineState::Modified &&
      (m.snoop == Snoop::SnpCleanShared || m.snoop == Snoop::SnpCleanToPoU)) {
    show(newest(slot));
    answer.holds = protocol::Holds::Alone;
    return;
  }
  const auto step = protocol::step(before, protocol::event_of(m.snoop));
  assert(step.action == LineAction::Respond || step.action == LineAction::RespondData);
  if (step.action == LineAction::RespondData) show(newest(slot));
  answer.holds = protocol::holds_of(step.next);
  if (step.next == before) return;
  if (answer.holds == protocol::Holds::Nothing) {
    if (l2.present()) drop(now, l1d, CacheRef::Level::L1D, m.line, Kind::Invalidate);
    drop(now, outer(), outer_level(), m.line, Kind::Invalidate);
    return;
  }
  collect(now, m.line);
  outer().set_state(slot, step.next);
  emit(now, before == LineState::Modified ? Kind::WriteBack : Kind::Upgrade, outer_level(), m.line, step.next);
  if (!l2.present()) return;
  const std::uint32_t inner = l1d.find(m.line);
  if (inner == Array::kNoSlot || l1d.state(inner) == step.next) return;
  l1d.set_state(inner, step.next);
  emit(now, Kind::Upgrade, CacheRef::Level::L1D, m.line, step.next);
}

}  // namespace staleline::cache
