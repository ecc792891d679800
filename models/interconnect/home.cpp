// SPDX-License-Identifier: Apache-2.0
// The home of every line: requests one at a time a line, snoops, responses, replies.
#include "home.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace staleline::interconnect {

namespace protocol = cache::protocol;
using protocol::Dirty;
using protocol::Request;
using protocol::SharedLevels;
using protocol::Snoop;
using protocol::Source;
using Channel = Message::Channel;
using Result = Message::Result;

void Interconnect::Implementation::run(Cycle until) {
  while (next() < until) {
    const Cycle now = next();
    if (late_next_ == now) {
      settle_late(now);
      continue;
    }
    handle(now, inbox_.front());  // nothing that this does puts anything in the home's own inbox
    inbox_.pop();
  }
}

void Interconnect::Implementation::handle(Cycle now, const Message& m) {
  switch (m.channel) {
    case Channel::Response:
      response(now, m);
      break;
    case Channel::Acknowledge:
      unblock(now, m.line);
      break;
    case Channel::Target:
      target_replied(now, m);
      break;
    default:
      if (m.source < kFirstDevice) {
        request(now, m);
      } else if (Port& port = ports_[m.source]; port.performing) {
        port.waiting.push_back(m);
      } else {
        port.performing = true;
        request(now, m);
      }
      break;
  }
  if (!freed_ports_.empty()) perform_waiting(now);
}

void Interconnect::Implementation::perform_waiting(Cycle now) {
  while (!freed_ports_.empty()) {
    Port& port = ports_[freed_ports_.back()];
    freed_ports_.pop_back();
    port.performing = !port.waiting.empty();
    if (!port.performing) continue;
    const Message m = port.waiting.front();
    port.waiting.pop_front();
    request(now, m);
  }
}

void Interconnect::Implementation::request(Cycle now, const Message& m) {
  if (!is_memory(m.line + m.offset) && to_target(now, m)) return;
  Line* line = lines_.find(m.line);
  if (line != nullptr && line->transaction != kNone) {
    wait(*line, m);
  } else {
    start(now, m, line);
  }
}

void Interconnect::Implementation::wait(Line& line, const Message& m) {
  std::uint32_t at;
  if (free_waiting_.empty()) {
    at = static_cast<std::uint32_t>(waiting_.size());
    waiting_.emplace_back();
  } else {
    at = free_waiting_.back();
    free_waiting_.pop_back();
  }
  waiting_[at].m = m;
  waiting_[at].next = kNone;
  if (line.tail == kNone) {
    line.head = at;
  } else {
    waiting_[line.tail].next = at;
  }
  line.tail = at;
}

// The line is not blocked. Requests that need nobody's answer are over when this returns.
void Interconnect::Implementation::start(Cycle now, const Message& m, Line* line) {
  const Cycle at = std::max(now, pipeline_free_);
  pipeline_free_ = at + parameters_.home_occupancy_cycles;
  ++counters_.requests;
  if ((monitors_set_ != 0 || m.exclusive) && !pass_monitors(m, line)) {
    reply(at, m, Result::Done).exclusive = false;
    return;
  }
  switch (m.request) {
    case Request::AtomicNoSnp:
      atomic_past_caches(now, at, m);
      return;
    case Request::ReadNoSnp: {
      std::array<std::uint8_t, arm::kLineBytes> bytes;
      reply_bytes(read_memory(at, m.line, bytes.data()), m, bytes.data());
      break;
    }
    case Request::WriteNoSnp:
      reply(write_memory(now, at, m.line, m.offset, m.size, m.data.data() + m.offset).done, m, Result::Done);
      break;
    case Request::LevelMaintenance: {
      cache::LevelMaintenance what;
      std::memcpy(&what, m.data.data(), sizeof what);
      reply(maintain_levels(now, at, what), m, Result::Done);
      break;
    }
    case Request::Evict:
      if (line != nullptr) {
        const bool tracked = line->directory.holders != 0;
        protocol::forget(line->directory, m.source);
        if (tracked && line->directory.holders == 0) --tracked_;
        forget_if_idle(m.line, *line);
      }
      break;
    case Request::WriteBackFull: {
      Cycle accepted = at;
      if (line != nullptr && protocol::accepts_write_back(line->directory, m.source)) {
        protocol::forget(line->directory, m.source);
        if (line->directory.holders == 0) --tracked_;
        accepted = write_shared(now, at, 0, m.line, m.data.data(), true);
        forget_if_idle(m.line, *line);
      }
      Message& r = reply(at, m, Result::Grant);
      r.grant = protocol::LineEvent::WriteBackDone;
      r.credit = accepted == at;
      if (accepted > at) reply(accepted, m, Result::Credit);
      break;
    }
    default:
      open(now, at, m, line != nullptr ? *line : lines_[m.line]);
      return;
  }
  if (m.source >= kFirstDevice && m.source != kOwnRequests) freed_ports_.push_back(m.source);
}

const protocol::HomeRow& Interconnect::Implementation::row_for(Request r) const {
  if (r == Request::ReadInstruction) {
    if (idc()) return protocol::row_of(Request::ReadInstructionCoherent);
    if (private_l2_) return protocol::row_of(Request::ReadInstructionUnified);
  }
  return protocol::row_of(r);
}

std::uint32_t Interconnect::Implementation::take_transaction() {
  if (free_transactions_.empty()) {
    transactions_.emplace_back();
    return static_cast<std::uint32_t>(transactions_.size() - 1);
  }
  const std::uint32_t t = free_transactions_.back();
  free_transactions_.pop_back();
  return t;
}

// Blocks the line and asks whom the table says; concludes at once if that is nobody.
void Interconnect::Implementation::open(Cycle now, Cycle at, const Message& m, Line& line) {
  const protocol::HomeRow& row = row_for(m.request);
  const std::uint8_t requester = requester_of(m);
  const std::uint32_t number = take_transaction();
  Transaction& t = transactions_[number];
  t.request = m;
  t.start = at;
  t.has_data = false;
  t.leaving = m.request == Request::BackInvalidate;
  line.transaction = number;
  ++blocked_;

  const protocol::Targets targets = protocol::targets_of(row, line.directory, requester);
  std::uint64_t instructions = 0;
  if (m.request == Request::InvalidateInstruction || m.request == Request::InvalidateAllInstructions) {
    instructions = all_pes_;
  } else if (m.request == Request::ReadUnique || m.request == Request::WriteUnique ||
             m.request == Request::AtomicUnique) {
    instructions = line.instruction_holders;
    line.instruction_holders = 0;
  }
  t.asked = targets.all();
  t.awaited = t.asked | instructions;
  t.awaited_devices = 0;
  if (m.request == Request::TlbMaintenance) {
    broadcast_tlb_maintenance(at, t);
    return;
  }
  if (t.awaited == 0) {
    conclude(now, number, line);
    return;
  }
  for (std::uint64_t left = t.awaited; left != 0; left &= left - 1) {
    const auto pe = static_cast<std::size_t>(std::countr_zero(left));
    const std::uint64_t bit = std::uint64_t{1} << pe;
    Message& s = tell(ports_[pe], at + parameters_.snoop_cycles);
    s.channel = Channel::Snoop;
    s.line = m.line;
    s.has_data = false;
    s.instructions_too = (instructions & bit) != 0 && m.request != Request::InvalidateInstruction;
    s.virtual_index = m.virtual_index;
    s.snoop = (targets.owner & bit) != 0                        ? row.owner
              : (targets.sharers & bit) != 0                    ? row.sharers
              : m.request == Request::InvalidateAllInstructions ? Snoop::InvalidateAllInstructions
                                                                : Snoop::InvalidateInstruction;
    ++counters_.snoops;
  }
}

// The issuer is a PE, so there is always somebody to answer.
void Interconnect::Implementation::broadcast_tlb_maintenance(Cycle at, Transaction& t) {
  const auto send = [&](std::size_t to) {
    Message& s = tell(ports_[to], at + parameters_.snoop_cycles);
    s.channel = Channel::Snoop;
    s.snoop = Snoop::TlbMaintenance;
    s.line = t.request.line;
    s.instructions_too = false;
    s.has_data = true;
    s.data = t.request.data;
    ++counters_.snoops;
  };
  t.awaited = all_pes_;
  for (std::uint64_t left = all_pes_; left != 0; left &= left - 1)
    send(static_cast<std::size_t>(std::countr_zero(left)));
  t.awaited_devices = static_cast<std::uint32_t>(tlb_listeners_.size());
  for (const std::uint8_t device : tlb_listeners_) send(device);
}

void Interconnect::Implementation::response(Cycle now, const Message& m) {
  Line& line = *lines_.find(m.line);
  Transaction& t = transactions_[line.transaction];
  if (m.source >= kFirstDevice) {
    assert(t.awaited_devices != 0);
    if (--t.awaited_devices == 0 && t.awaited == 0) conclude(now, line.transaction, line);
    return;
  }
  const std::uint64_t bit = std::uint64_t{1} << m.source;
  assert((t.awaited & bit) != 0);
  t.awaited &= ~bit;
  if ((t.asked & bit) != 0) {
    const bool tracked = line.directory.holders != 0;
    protocol::note(line.directory, m.source, m.holds);
    if (tracked && line.directory.holders == 0) --tracked_;
  }
  if (m.has_data) {
    t.has_data = true;
    t.data = m.data;
  }
  if (t.awaited == 0 && t.awaited_devices == 0) conclude(now, line.transaction, line);
}

// Every answer is there: bytes move as the table says, the requester gets its reply.
void Interconnect::Implementation::conclude(Cycle now, std::uint32_t number, Line& line) {
  Transaction& t = transactions_[number];
  const Message& m = t.request;
  const protocol::HomeRow& row = row_for(m.request);
  const std::uint8_t requester = requester_of(m);
  const std::uint64_t address = m.line;
  Cycle at = std::max(now, t.start);
  const std::uint8_t* dirty = t.has_data ? t.data.data() : nullptr;

  // Dirty bytes go down before anything is read.
  if (dirty != nullptr && row.dirty == Dirty::SharedLevel) {
    const Cycle accepted = write_shared(now, at, 0, address, dirty, true);
    if (t.leaving) room_at_ = std::max(room_at_, accepted);
    at = std::max(at, accepted);
  }

  protocol::LineEvent grant{};
  bool wants_bytes = row.source == Source::Newest;
  const bool grants = m.request == Request::ReadShared || m.request == Request::ReadUnique;
  const bool untracked = line.directory.holders == 0;
  if (grants) {
    grant = protocol::grant(line.directory, m.request, requester, m.alone && line.instruction_holders == 0);
    wants_bytes = grant != protocol::LineEvent::Upgraded;
    at = std::max(at, room_at_);
  }
  if (wants_bytes && dirty == nullptr) {
    at = std::max(at, read_shared(now, t.start, address, t.data.data(), row.shared == SharedLevels::Allocate));
  }
  switch (row.shared) {
    case SharedLevels::Clean:
    case SharedLevels::CleanAndDrop:
      if (m.promoted && parameters_.quirks.invalidate_promoted_not_forwarded) drop_shared(now, address);
      if (m.undivided && parameters_.quirks.maintenance_needs_dsb && dirty != nullptr && !levels_.empty()) {
        at = std::max(at, write_shared(now, at, 0, address, dirty, true));
        break;
      }
      at = std::max(at, clean_shared(now, at, address, dirty));
      if (row.shared == SharedLevels::CleanAndDrop) drop_shared(now, address);
      break;
    case SharedLevels::Drop:
      drop_shared(now, address);
      break;
    case SharedLevels::Update:
      at = std::max(at, m.request == Request::AtomicUnique ? atomic_unique(now, at, m, t.data.data(), dirty != nullptr)
                                                           : write_unique(now, at, m, dirty));
      break;
    default:
      break;
  }

  if (m.source != kOwnRequests) {
    if ((row.source == Source::Newest && wants_bytes && !grants) || m.request == Request::AtomicUnique) {
      reply_bytes(at, m, t.data.data());
    } else {
      Message& r = reply(at, m, grants ? Result::Grant : Result::Done);
      r.grant = grant;
      r.has_data = grants && wants_bytes;
      if (r.has_data) r.data = t.data;
    }
  }
  if (parameters_.dic && m.request == Request::ReadInstruction) {
    line.instruction_holders |= std::uint64_t{1} << requester;
  }
  if (t.leaving) --leaving_;
  const bool device = m.source >= kFirstDevice && m.source != kOwnRequests;
  if (device) freed_ports_.push_back(m.source);
  const bool blocked = row.acknowledged && requester != protocol::kNobody;
  if (grants && untracked) {
    ++tracked_;
    if (parameters_.snoop_filter_lines != 0) track(now, address);
  }
  if (!blocked) unblock(now, address);
}

// The transaction of the line is over; those that wait have their turn.
void Interconnect::Implementation::unblock(Cycle now, std::uint64_t address) {
  Line* line = lines_.find(address);
  assert(line != nullptr && line->transaction != kNone);
  free_transactions_.push_back(line->transaction);
  line->transaction = kNone;
  --blocked_;
  while (line != nullptr && line->transaction == kNone && line->head != kNone) {
    const std::uint32_t at = line->head;
    line->head = waiting_[at].next;
    if (line->head == kNone) line->tail = kNone;
    const Message m = waiting_[at].m;
    free_waiting_.push_back(at);
    start(now, m, line);
    line = lines_.find(address);
  }
  if (line != nullptr) forget_if_idle(address, *line);
}

void Interconnect::Implementation::forget_if_idle(std::uint64_t address, const Line& line) {
  if (line.transaction != kNone || line.head != kNone) return;
  if (line.directory.holders != 0 || line.instruction_holders != 0) return;
  lines_.erase(address);
}

// A snoop filter of finite size: the line that has been in it longest makes room.
void Interconnect::Implementation::track(Cycle now, std::uint64_t address) {
  tracked_order_.push_back(address);
  for (std::size_t tries = tracked_order_.size(); tries != 0 && tracked_ - leaving_ > parameters_.snoop_filter_lines;
       --tries) {
    const std::uint64_t victim = tracked_order_.front();
    tracked_order_.pop_front();
    Line* line = lines_.find(victim);
    if (line == nullptr || line->directory.holders == 0) continue;
    if (line->transaction != kNone) {
      tracked_order_.push_back(victim);
      continue;
    }
    ++leaving_;
    ++counters_.back_invalidates;
    Message m{};
    m.request = Request::BackInvalidate;
    m.line = victim;
    m.source = kOwnRequests;
    start(now, m, line);
  }
}

Message& Interconnect::Implementation::reply(Cycle at, const cache::MessageHeader& to, Result result) {
  Port& port = ports_[to.source];
  Cycle due = at + parameters_.link_cycles;
  if (to.source >= kFirstDevice) due = port.last_reply = std::max(due, port.last_reply);
  Message& r = tell(port, due);
  r.channel = Channel::Reply;
  r.result = result;
  r.request = to.request;
  r.line = to.line;
  r.tag = to.tag;
  r.has_data = false;
  r.exclusive = to.exclusive;
  r.failed = false;
  return r;
}

void Interconnect::Implementation::reply_bytes(Cycle at, const Message& to, const std::uint8_t* line) {
  Message& r = reply(at, to, Result::Bytes);
  r.has_data = true;
  std::memcpy(r.data.data(), line, arm::kLineBytes);
}

}  // namespace staleline::interconnect
