// SPDX-License-Identifier: Apache-2.0
// Instructions that an agent changes while it may execute them: which pairs are right either way until the change is
// complete (DDI 0487 B2.2.5).
#include <algorithm>
#include <cstring>

#include "implementation.h"

namespace staleline::judge {

using event::Event;

namespace {

/// B, BL, BRK, HVC, ISB, NOP, SMC and SVC: of two of these a fetch gives one or the other, and nothing else.
bool exchangeable(std::uint32_t word) {
  constexpr std::uint32_t kBranch = 0x1400'0000, kImmediate26 = 0x7c00'0000, kCall = 0xd400'0000,
                          kCallBits = 0xffe0'001f, kBrk = 0xd420'0000, kNop = 0xd503'201f, kIsb = 0xd503'30df;
  const std::uint32_t call = word & kCallBits;
  return (word & kImmediate26) == kBranch || call == kBrk || (call > kCall && call <= (kCall | 3)) || word == kNop ||
         (word & 0xffff'f0ff) == kIsb;
}

std::uint32_t word_in(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

void Judge::Implementation::exchange(const Event& e, Line& l) {
  auto& exchanged = l.instructions->exchanged;
  const std::uint64_t begin = e.address.offset_in(arm::kLineBytes), end = begin + e.size;
  for (std::uint64_t at = begin & ~std::uint64_t{3}; at < end; at += 4) {
    const Mask word = Mask{0xf} << at;
    const auto before =
        std::find_if(exchanged.begin(), exchanged.end(), [word](const auto& x) { return x.word == word; });
    const bool cacheable = looks_up(e.path);
    bool either = at >= begin && at + 4 <= end && e.pe != event::kNoPe && exchangeable(word_in(&l.newest[at]));
    if (either) {
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), e.data.data(), bytes.size());
      either = exchangeable(word_in(&bytes[at - begin]));
    }
    if (either && before != exchanged.end()) {
      either = before->agent == e.agent && before->cacheable == cacheable;
    } else if (either) {
      // Nothing older than what is replaced now may be fetched.
      Event fetch = e;
      fetch.data = {};
      const FetchView now = fetch_view(fetch, l, word);
      either = (now.stale | now.overtaken) == 0;
    }
    if (before != exchanged.end() && !either) exchanged.erase(before);
    if (before == exchanged.end() && either) exchanged.push_back({word, e.agent, cacheable});
  }
}

Mask Judge::Implementation::either_does(const Event& e, const Line& l) {
  Mask bytes = 0;
  for (const auto& x : l.instructions->exchanged)
    if (x.agent == e.agent && x.cacheable == looks_up(e.path)) bytes |= x.word;
  return bytes;
}

void Judge::Implementation::suspend(const Event& e, Findings&& found, Mask bytes) {
  constexpr std::size_t many = 64;
  const bool known = std::any_of(suspended.begin(), suspended.end(), [&](const SuspendedFetch& s) {
    return s.fetch.agent == e.agent && s.fetch.line == e.line && s.fetch.address == e.address && s.bytes == bytes;
  });
  if (known) return;
  if (suspended.size() == many) {
    for (Hazard& h : suspended.front().hazards) findings.note(std::move(h));
    suspended.pop_front();
  }
  suspended.push_back({e, bytes, found.sorted()});
}

void Judge::Implementation::end_exchanges(event::AgentId a) {
  for (auto s = suspended.begin(); s != suspended.end();) {
    const bool complete =
        s->fetch.agent == a && (fetch_view(s->fetch, line_of(s->fetch.address), s->bytes).stale & s->bytes) == 0;
    if (!complete) {
      ++s;
      continue;
    }
    for (Hazard& h : s->hazards) {
      h.verdict = Verdict::Note;
      h.what = "may execute the one or the other of two instructions, which it exchanges and has not completed";
      h.fixes.clear();
      findings.note(std::move(h));
    }
    s = suspended.erase(s);
  }
}

}  // namespace staleline::judge
