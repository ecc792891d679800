// SPDX-License-Identifier: Apache-2.0
// Copies of stream table entries and context descriptors that an SMMU keeps: a device's access must not be translated
// by an older one (IHI 0070 3.21).
#include <cstring>

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;
using event::Kind;

void Judge::Implementation::configuration(const Event& e) {
  Walker& w = translations.walker_of(e);
  const auto ids = event::SmmuConfiguration::unpack(e.aux);
  // The SMMU reads an entry before any device can use the copy.
  if (!w.smmu) w.smmu = e.agent;
  if (*w.smmu == e.agent) {
    ConfigurationCopy& copy = ids.ste != 0 ? w.stes[ids.ste] : w.cds[ids.cd];
    if (e.size == 16)  // level 1 descriptors have 8 bytes
      add_structure(e.address.aligned_down(arm::kLineBytes),
                    {.walker = w.index, .stream_table = ids.ste != 0, .held = {}});
    else
      table_side(line_of(e.address));
    for (std::size_t i = 0; i + 8 <= e.size; i += 8) {
      if (ids.ste == 0) retire_context(w, e, (e.address + i).value, e.data[i / 8]);
      copy.words.push_back({.address = e.address + i, .value = e.data[i / 8], .path = e.path});
    }
    return;
  }
  judge_configuration(e, ids);
}

bool Judge::Implementation::judge_configuration(const Event& e, const event::SmmuConfiguration& ids) {
  Walker& w = translations.walker_of(e);
  const auto judged = [&](std::map<std::uint16_t, ConfigurationCopy>& copies, std::uint16_t id) {
    const auto found = id == 0 ? copies.end() : copies.find(id);
    if (found == copies.end() || found->second.settled == translations.stamp(e.agent)) return true;
    bool safe = true;
    for (const WalkStep& word : found->second.words) safe = judge_word(e, word, &copies == &w.stes) && safe;
    if (!found->second.words.empty()) {
      const WalkStep& last = found->second.words.back();  // behind those of level 1
      const std::uint64_t address = last.address.aligned_down(arm::kLineBytes).value;
      translations.configured_by[e.agent][&copies == &w.stes ? 0 : 1] = address;
      // Where the newest refuses the access, that is told.
      if (e.kind != Kind::Fault) safe = safe && judge_structure(e, address, last.path);
    }
    if (safe) found->second.settled = translations.stamp(e.agent);
    return safe;
  };
  const bool stream = judged(w.stes, ids.ste);
  return judged(w.cds, ids.cd) && stream;
}

bool Judge::Implementation::configuration_is_older(const Event& e) {
  const auto ids = event::SmmuConfiguration::unpack(static_cast<std::uint32_t>(e.data[1] >> 32));
  return !judge_configuration(e, ids);
}

bool Judge::Implementation::judge_word(const Event& e, const WalkStep& word, bool of_stream_table) {
  Line& l = line_of(word.address);
  const std::uint64_t offset = word.address.offset_in(arm::kLineBytes);
  Mask older = 0;
  for (std::size_t i = 0; i < 8; ++i)
    if (l.newest[offset + i] != static_cast<std::uint8_t>(word.value >> (8 * i))) older |= Mask{1} << (offset + i);
  Mask wrong = 0;
  WriteRef writer{};
  l.writers.for_each(older, [&](const WriteRef& by, Mask part) {
    if ((part & l.raced) != 0 || !orders.intended(e.agent, by.agent, by.epoch)) return;
    wrong |= part & older;
    writer = by;
  });
  if (wrong == 0) return true;
  Finding f{.id = HazardId::StaleWalk, .bytes = wrong, .observed = wrong, .writer = writer};
  const bool refused = e.kind == Kind::Fault;
  f.what = of_stream_table ? (refused ? "is refused by an older stream table entry, which the SMMU still holds"
                                      : "is translated by an older stream table entry, which the SMMU still holds")
           : refused       ? "is refused by an older context descriptor, which the SMMU still holds"
                           : "is translated by an older context descriptor, which the SMMU still holds";
  f.command = of_stream_table ? "CMD_CFGI_STE" : "CMD_CFGI_CD";
  Event at = e;
  at.address = word.address;
  at.size = 8;
  at.data = {word.value, 0};
  at.path = word.path;
  report(f, at, l, Use::Walk);
  return false;
}

}  // namespace staleline::judge
