// SPDX-License-Identifier: Apache-2.0
// Entitlement (P7) and forbidden targets (P4): uses of what an agent may not use, and what it could still use when a
// revocation says that it cannot.
#include "entitlement.h"

#include <algorithm>
#include <cstring>

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;
using event::Kind;

namespace {

Hazard hazard_at(HazardId id, Verdict verdict, const Event& e, const char* what) {
  return {.id = id,
          .verdict = verdict,
          .agent = e.agent,
          .line = e.line,
          .cycle = e.cycle,
          .address = e.address,
          .bytes = std::max<std::uint64_t>(e.size, 1),
          .what = what};
}

}  // namespace

bool Judge::Implementation::watched(arm::PhysAddr line) const {
  return entitlements.concerns(line, arm::kLineBytes) ||
         std::any_of(parameters.forbidden.begin(), parameters.forbidden.end(),
                     [line](const Parameters::Forbidden& f) { return line < f.base + f.bytes && f.base < line + 64; });
}

void Judge::Implementation::entitle(const Event& e) {
  const event::AgentId agent{static_cast<std::uint16_t>(e.aux)};
  const Entitlement said{.agent = agent,
                         .begin = e.address,
                         .end = e.address + e.data[0],
                         .granted = e.kind == Kind::Grant,
                         .by = e.agent,
                         .epoch = orders.tick(e.agent),
                         .intent = orders.intent_of(e.agent)};
  for_each_line(said.begin, said.end, [&](Line& l) {
    l.watched = true;
    l.upset();
  });
  if (!said.granted) revoke(e, said);
  entitlements.add(said);
}

void Judge::Implementation::revoke(const Event& e, const Entitlement& said) {
  std::vector<Fix> again;  // what the erratum asks for where that is all that is missing
  const bool reaches = report_reach(e, said, again);
  const auto tell = [&](Hazard h, bool may_land) {
    if (!may_land || again.empty()) return advise(std::move(h));
    h.fixes = again;
    findings.note(std::move(h));
  };
  // Accesses that need not come before it, and stores that may still land.
  for (const auto& [key, use] : entitlements.uses) {
    const auto& [agent, line, store] = key;
    if (agent != said.agent || agent == e.agent || !said.meets(use.event.address, use.event.size)) continue;
    // Completed TLB maintenance waits for accesses through what it removes (DDI 0487 D8.14.5).
    if (use.event.entry != 0 && !reaches) continue;
    if (!orders.intended(e.agent, agent, use.epoch)) {
      tell(hazard_at(HazardId::UseAfterRevocation, Verdict::Latent, use.event,
                     "uses memory that is revoked, and nothing puts the use before the revocation"),
           use.event.entry != 0);
    } else if (store &&
               !orders.store_before(Use::Store, e.agent, agent, use.epoch, arm::is_cacheable(use.event.path.memory))) {
      tell(hazard_at(HazardId::UseAfterRevocation, Verdict::Latent, use.event,
                     "stores to memory that is revoked, and the store may land after the revocation"),
           use.event.entry != 0);
    }
  }
}

// Translations by which the agent can still reach what is revoked; true where there are some, or where stores through
// those that are gone may still land: `again` is what keeps them from it.
bool Judge::Implementation::report_reach(const Event& e, const Entitlement& said, std::vector<Fix>& again) {
  const auto users = translations.used_by.find(said.agent);
  if (users == translations.used_by.end()) return false;
  bool some = false;
  // On a PE each agent has its own tables, or its own uses of those it shares; what an SMMU holds serves all devices
  // of the same context.
  const bool cut = cut_off(said.agent, e.agent);
  const auto terminates = [&](const TranslationUser& by) {  // whatever was translated before may still land
    const Walker& w = translations.at(by.walker);
    return w.pe == event::kNoPe && w.aborts && !w.on[0];
  };
  some = std::any_of(users->second.begin(), users->second.end(), terminates);
  const auto uses = [&](const TableUse& u) {
    const bool pe = translations.at(u.walker).pe != event::kNoPe;
    if (!pe && (cut || terminates({.walker = u.walker}))) return false;
    return std::any_of(users->second.begin(), users->second.end(), [&](const TranslationUser& by) {
      return by.walker == u.walker && by.el == u.el && by.vmid == u.vmid &&
             (pe ? u.agent == said.agent : u.stage == 2 || by.asid == u.asid);
    });
  };
  const auto reaches = [&](std::uint64_t descriptor, const TableUse& u) {
    const auto kind = arm::kind_of(descriptor, format_of(u), u.level);
    if (!arm::is_leaf(kind) || !may_be_held(descriptor, u) || (u.stage == 1 && u.behind_stage2)) return false;
    const arm::PhysAddr first{arm::leaf_address(descriptor, format_of(u), u.level)};
    return said.meets(first, arm::bytes_mapped(u.granule, u.level));
  };
  const auto tell = [&](const char* why, std::vector<Fix> fixes) {
    some = true;
    Hazard h = hazard_at(HazardId::UseAfterRevocation, Verdict::Latent, e, why);
    h.agent = said.agent;
    h.bytes = said.end - said.begin;
    h.fixes = std::move(fixes);
    findings.note(std::move(h));
  };
  const auto tell_mapped = [&](const char* advice) {
    tell("is still mapped what is revoked", {{.operation = advice, .agent = e.agent, .before = e.line}});
  };
  for (Line* l : translations.lines) {
    for (std::size_t g = 0; g < l->tables->granules.size(); ++g) {
      const TableGranule* granule = l->tables->granules[g].get();
      if (granule == nullptr) continue;
      std::uint64_t newest = 0;
      std::memcpy(&newest, &l->newest[g * 8], 8);
      const HeldDescriptor* by_entry = nullptr;
      const bool mapped = std::any_of(granule->uses.begin(), granule->uses.end(), [&](const TableUse& u) {
        return translations.at(u.walker).pe != event::kNoPe && uses(u) && reaches(newest, u);
      });
      for (const HeldDescriptor& h : granule->held) {
        if (!uses(h.use) || !reaches(h.value, h.use)) continue;
        if (const auto times = known_clears(h, e.agent, Use::Store); times != 0) {
          if (!parameters.tlbi_completes_early || times != 1) continue;
          some = true;
          again = before_revocation(e, *l, h, true);
          continue;
        }
        by_entry = &h;
      }
      if (by_entry != nullptr)
        tell("can still reach what is revoked by an entry that a TLB may hold",
             before_revocation(e, *l, *by_entry, false));
      else if (mapped)
        tell_mapped("// before this: clear the descriptor, dsb ishst, tlbi, dsb ish");
    }
  }
  // All that an SMMU could read, whether or not anybody has: its configuration leads it there, which may name other
  // tables by now.
  for (const auto& [page, firsts] : translations.pages) {
    for (const TableUse& u : firsts) {
      if (translations.at(u.walker).pe != event::kNoPe || !uses(u)) continue;
      for (std::uint64_t at = page; at < page + arm::page_bytes(u.granule); at += 8)
        if (reaches(peek(arm::PhysAddr{at}), u) && linked(u, arm::PhysAddr{page}, e.agent))
          tell_mapped(
              "// before this: clear the descriptor, dsb osh, CMD_TLBI_NH_VA and CMD_SYNC in the command queue of the "
              "SMMU, and wait for that");
    }
  }
  return some;
}

bool Judge::Implementation::watch(const Event& e) {
  bool registers = false;
  const bool normal = !arm::is_device(e.path.memory);
  for (const Parameters::Forbidden& f : parameters.forbidden) {
    if (!(f.base < e.address + std::max<std::uint64_t>(e.size, 1) && e.address < f.base + f.bytes)) continue;
    using Kind4 = Parameters::Forbidden::Kind;
    registers |= f.kind == Kind4::SideEffects;
    if (e.kind == Kind::Maintenance) {
      advise(hazard_at(HazardId::MaintenanceOfNonMemory, Verdict::Observed, e,
                       "issues cache maintenance to what is no memory"));
    } else if (f.kind == Kind4::Flash) {
      continue;
    } else if (f.kind != Kind4::SideEffects) {
      advise(hazard_at(HazardId::ForbiddenTarget, Verdict::Observed, e, "accesses what must not be accessed"));
    } else if (normal) {
      advise(
          hazard_at(HazardId::GatheredDevice, Verdict::Latent, e, "accesses what has side effects as Normal memory"));
    }
  }
  if (e.kind == Kind::Maintenance || (e.aux & 1) != 0) return registers;
  const Entitlement* said = entitlements.last(e.agent, e.address);
  if (said == nullptr) return registers;
  if (said->granted) {
    entitlements.uses[{e.agent, e.address.value / arm::kLineBytes, e.kind == Kind::Write}] = {e, orders.now(e.agent)};
  } else {
    advise(hazard_at(HazardId::UseAfterRevocation, Verdict::Observed, e, "uses memory that was revoked"));
  }
  return registers;
}

void Judge::Implementation::live_forbidden(const Event& e) {
  for (const Parameters::Forbidden& f : parameters.forbidden) {
    const arm::PhysAddr begin = std::max(f.base, e.address), end = std::min(f.base + f.bytes, e.address + e.data[0]);
    if (!(begin < end) || f.kind > Parameters::Forbidden::Kind::SideEffects) continue;
    const bool wall = f.kind == Parameters::Forbidden::Kind::Firewalled;
    const bool device = arm::is_device(e.path.memory);  // no more than instruction fetches (DDI 0487 B2.7.2)
    if (device && !wall) continue;
    Hazard h = hazard_at(wall ? HazardId::ForbiddenTarget : HazardId::GatheredDevice, Verdict::Latent, e,
                         device ? "maps what must not be accessed as memory that may be executed: instructions may be "
                                  "fetched from it by speculation"
                         : wall ? "maps what must not be accessed as Normal memory: speculation may read it"
                                : "maps what has side effects as Normal memory: speculation may read it");
    h.address = begin;
    h.bytes = end - begin;
    advise(std::move(h));
  }
}

bool Judge::Implementation::never_granted(const Event& e, const Line& l, const WriteRef& newest) const {
  if (!l.watched || newest.agent == e.agent || newest.epoch == 0) return false;
  const Entitlement* said = entitlements.last(e.agent, e.address);
  if (said == nullptr || !said->granted) return false;
  return newest.agent == said->by ? newest.epoch <= said->epoch : newest.epoch <= said->intent[newest.agent];
}

}  // namespace staleline::judge
