// SPDX-License-Identifier: Apache-2.0
// Transactions of devices: translated one after the other, in order, on their way as many as the port takes.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "core.h"

namespace staleline::smmu {

using event::Kind;
using Next = Translator::Next;

void Smmu::Core::request(std::size_t stream, Cycle due, const interconnect::IoRequest& r) {
  Stream& s = *streams_[stream];
  s.arrived.put(due + shared_.parameters.translate_cycles, 0, s.sequence++) = r;
}

void Smmu::Core::begin(Stream& s) {
  const interconnect::IoRequest& r = s.arrived.front();
  ++s.begun;
  ++shared_.counters.transactions;
  s.translator.begin({r.address.value, r.write});
  go_on(s);
}

// A read of the stream's translation is there: it is told before what comes of it.
void Smmu::Core::supplied(Stream& s, const interconnect::IoRequest& r) {
  if (r.failed) {  // an external abort: nothing was read
    s.translator.fail();
    go_on(s);
    return;
  }
  const Fetch f = s.translator.fetch();
  const bool descriptor = f.what == Fetch::What::Descriptor;
  event::Event e = own(descriptor ? Kind::Walk : Kind::Read);
  e.address = f.address;
  e.path = f.path;
  e.entry = f.entry;
  if (descriptor) {
    e.size = f.bytes;
    e.detail = f.detail;
    std::memcpy(e.data.data(), r.data.data(), f.bytes);
    e.data[1] = f.input;
    emit(e);
  } else {
    const bool stream_table = f.what == Fetch::What::StreamTable || f.what == Fetch::What::Ste;
    e.aux = (stream_table ? event::SmmuConfiguration{f.configuration, 0} : event::SmmuConfiguration{0, f.configuration})
                .packed();
    emit_bytes(e, r.data.data(), f.bytes);
  }
  s.translator.supply({r.data.data(), f.bytes});
  go_on(s);
}

void Smmu::Core::go_on(Stream& s) {
  if (const auto made = s.translator.take_made()) {
    event::Event e = own(Kind::Translation);
    e.address = {made->pa};
    e.data = {made->va, made->tag.packed()};
    e.detail = made->fault ? 1 : 0;
    e.aux = made->from;
    e.entry = made->entry;
    emit(e);
    if (walking_ == &s) next_walk();
  }
  switch (s.translator.next()) {
    case Next::Read:
      if (s.translator.fetch().what == Fetch::What::Descriptor) {
        if (walking_ != nullptr && walking_ != &s) {
          walks_waiting_.push_back(&s);
          return;
        }
        walking_ = &s;
      }
      return fetch(s);
    case Next::Done:
      return issue(s);
    case Next::Abort:
      return terminate(s, false);
    case Next::Fault:
      return terminate(s, true);
    case Next::Idle:
      assert(false && "a transaction is under way");
  }
}

void Smmu::Core::fetch(const Stream& s) {
  const Fetch& f = s.translator.fetch();
  read(static_cast<std::uint32_t>(s.index) + kFirstStream, f.address, f.bytes, f.path);
}

// The descriptors of one translation are told without those of another in between: there is one walker.
void Smmu::Core::next_walk() {
  walking_ = nullptr;
  if (walks_waiting_.empty()) return;
  walking_ = walks_waiting_.front();
  walks_waiting_.pop_front();
  fetch(*walking_);
}

void Smmu::Core::issue(Stream& s) {
  const interconnect::IoRequest original = s.arrived.take();
  const Translator::Result result = s.translator.result();
  s.translator.retire();
  std::uint32_t slot;
  if (s.free.empty()) {
    slot = static_cast<std::uint32_t>(s.issued.size());
    s.issued.emplace_back();
  } else {
    slot = s.free.back();
    s.free.pop_back();
  }
  s.issued[slot] = {original, result, s.begun};
  interconnect::IoRequest r = original;
  r.address = result.pa;
  r.snoop = result.path.node == event::kCoherentDomain;
  r.tag = slot;
  if (r.write) tell_access(s, s.issued[slot], r);
  s.data->access(now_, r);
}

void Smmu::Core::tell_access(const Stream& s, const Issued& i, const interconnect::IoRequest& r) {
  event::Event e;
  e.kind = r.write ? Kind::Write : Kind::Read;
  e.agent = s.translator.device().agent;
  e.line = event::SourceLine{i.original.tag};
  e.address = r.address;
  e.path = i.result.path;
  e.entry = i.result.entry;
  e.aux = event::SmmuConfiguration{i.result.ste, i.result.cd}.packed();
  emit_bytes(e, r.data.data(), r.size);
}

// Reads get zeros, writes go nowhere; the device goes on (IHI 0070 3.12.1).
void Smmu::Core::terminate(Stream& s, bool fault) {
  interconnect::IoRequest r = s.arrived.take();
  ++shared_.counters.terminated;
  const arm::smmu::EventRecord& what = s.translator.record();
  const bool configured = !fault || arm::smmu::is_configuration_event(what.type);
  event::Event e;
  e.kind = Kind::Fault;
  e.agent = s.translator.device().agent;
  e.line = event::SourceLine{r.tag};
  e.aux =
      static_cast<std::uint32_t>(configured ? event::FaultKind::SmmuConfiguration : event::FaultKind::SmmuTranslation);
  e.data = {r.address.value, fault ? static_cast<std::uint64_t>(what.type) : 0};  // STE.Config and GBPA record nothing
  e.size = std::min<std::uint8_t>(r.size, 16);
  e.data[1] |= std::uint64_t{event::SmmuConfiguration{s.translator.result().ste, s.translator.result().cd}.packed()}
               << 32;
  if (fault) e.entry = s.translator.result().entry;
  emit(e);
  if (fault && s.translator.recorded()) record(what);
  s.translator.retire();
  if (!r.write) r.data.fill(0);
  reply(s, r);
}

void Smmu::Core::transferred(Stream& s, const interconnect::IoRequest& r, Cycle) {
  const Issued i = s.issued[r.tag];
  s.free.push_back(r.tag);
  s.issued[r.tag].number = 0;
  if (!r.write && !r.failed) tell_access(s, i, r);
  interconnect::IoRequest back = i.original;
  back.address = r.address;
  back.data = r.data;
  back.failed = r.failed;
  reply(s, back);
}

void Smmu::Core::reply(Stream& s, const interconnect::IoRequest& r) {
  s.port->reply(now_ + shared_.parameters.link_cycles, s.replies++, r);
}

void Smmu::Core::poison() {
  for (const auto& s : streams_) s->translator.poison();
}

}  // namespace staleline::smmu
