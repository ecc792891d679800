// SPDX-License-Identifier: Apache-2.0
// Merging findings into hazards, and their order.
#include "findings.h"

#include <algorithm>
#include <bit>

namespace staleline::judge {
namespace {

/// Reads of one line of a program this near to each other are one hazard: a loop over a buffer.
constexpr std::uint64_t kMergeDistance = 4096;

Verdict verdict_of(const Finding& f) {
  if (f.observed != 0) return Verdict::Observed;
  return (f.bytes & ~f.benign) != 0 ? Verdict::Latent : Verdict::Note;
}

std::uint8_t consumed(const event::Event& e, std::size_t i) {
  return static_cast<std::uint8_t>(e.data[i / 8] >> (8 * (i % 8)));
}

void sample(Hazard& h, const event::Event& e, const Line& line) {
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  h.sample_address = e.address;
  h.sample_size = e.size;
  for (std::size_t i = 0; i < e.size; ++i) {
    h.saw[i] = consumed(e, i);
    h.should[i] = line.newest[offset + i];
  }
}

}  // namespace

Hazard* Findings::record(const Finding& f, const event::Event& e, const Line& line) {
  const auto first = static_cast<std::uint64_t>(std::countr_zero(f.bytes));
  const auto last = static_cast<std::uint64_t>(63 - std::countl_zero(f.bytes));
  const arm::PhysAddr begin = line.address + first, end = line.address + (last + 1);
  const Verdict verdict = verdict_of(f);

  auto& here = by_place_[{f.id, e.agent, e.line}];
  for (const std::size_t index : here) {
    Hazard& h = all_[index];
    const arm::PhysAddr h_end = h.address + h.bytes;
    if (begin.value > h_end.value + kMergeDistance || end.value + kMergeDistance < h.address.value) continue;
    const arm::PhysAddr new_end = std::max(h_end, end);
    h.address = std::min(h.address, begin);
    h.bytes = new_end - h.address;
    if (verdict <= h.verdict) return nullptr;
    const bool was_note = h.verdict == Verdict::Note;
    h.verdict = verdict;
    sample(h, e, line);
    if (!was_note) return nullptr;
    h.writer = f.writer.deed();
    h.culprit = f.culprit;
    h.what = f.what;
    return &h;
  }
  here.push_back(all_.size());
  Hazard h{.id = f.id,
           .verdict = verdict,
           .agent = e.agent,
           .line = e.line,
           .cycle = e.cycle,
           .address = begin,
           .bytes = end - begin,
           .writer = f.writer.deed(),
           .culprit = f.culprit,
           .holder = f.holder,
           .under_way = f.under_way,
           .what = f.what,
           .in_tlb = f.tlb.what != TlbMissing::What::None};
  sample(h, e, line);
  all_.push_back(std::move(h));
  return &all_.back();
}

bool Findings::note(Hazard h) {
  auto& here = by_place_[{h.id, h.agent, h.line}];
  for (const std::size_t index : here) {
    Hazard& before = all_[index];
    const arm::PhysAddr end = h.address + h.bytes, before_end = before.address + before.bytes;
    if (h.address.value > before_end.value + kMergeDistance || end.value + kMergeDistance < before.address.value)
      continue;
    const arm::PhysAddr new_end = std::max(end, before_end);
    before.address = std::min(before.address, h.address);
    before.bytes = new_end - before.address;
    if (h.verdict > before.verdict && before.verdict == Verdict::Note) {
      h.address = before.address;
      h.bytes = before.bytes;
      before = std::move(h);
    } else if (h.verdict > before.verdict) {
      before.verdict = h.verdict;
      before.what = std::move(h.what);
    }
    return false;
  }
  here.push_back(all_.size());
  all_.push_back(std::move(h));
  return true;
}

std::vector<Hazard> Findings::sorted() const {
  std::vector<Hazard> hazards = all_;
  for (Hazard& h : hazards) {
    for (Fix& f : h.fixes) {  // a fix covers all that its hazard grew to
      if (f.bytes == 0 || f.elsewhere) continue;
      f.address = h.address;
      f.bytes = h.bytes;
    }
  }
  std::sort(hazards.begin(), hazards.end(), [](const Hazard& a, const Hazard& b) {
    return std::tie(a.cycle, a.agent, a.line, a.id, a.address) < std::tie(b.cycle, b.agent, b.line, b.id, b.address);
  });
  return hazards;
}

}  // namespace staleline::judge
