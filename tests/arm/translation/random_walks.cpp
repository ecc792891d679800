// SPDX-License-Identifier: Apache-2.0
// Property: over random registers, tables and accesses the walk agrees with the second reading in every result, fault,
// descriptor read and hardware update; walks that resume, stage 2 that is known, and held translations agree too.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "random_tables.h"
#include "reference.h"
#include "staleline/arm/walk.h"

using namespace staleline::arm;
using random_tables::Case;
using random_tables::Generator;
using random_tables::Tables;
using reference::Outcome;
using reference::Touched;
using u64 = std::uint64_t;

namespace {

void once(std::vector<Touched>& list, const Touched& t) {
  for (const Touched& other : list) {
    if (other == t) return;
  }
  list.push_back(t);
}

/// Runs a walk to its end; `grow` makes descriptors that are not there yet.
Outcome run(TableWalk walk, Tables& tables, const Case& c, Generator* grow, std::vector<WalkPoint>* points = nullptr,
            std::map<u64, Stage2Leaf>* leaves = nullptr) {
  Outcome out;
  for (;;) {
    switch (walk.next()) {
      case TableWalk::Next::Read: {
        const DescriptorRead& read = walk.read();
        const u64 pa = read.address.value;
        once(out.reads, {pa, read.attributes, read.stage, read.level});
        if (grow != nullptr && !tables.has(pa)) tables.plant(pa, grow->descriptor(c, read.stage, read.level));
        walk.supply(tables.read(pa));
        break;
      }
      case TableWalk::Next::Update: {
        const DescriptorUpdate& update = walk.update();
        const u64 pa = update.address.value, found = tables.read(pa);
        once(out.writes, {pa, update.attributes, update.stage, update.level});
        if (found == update.old_value) tables.write(pa, update.new_value);
        walk.supply_update(found);
        break;
      }
      case TableWalk::Next::Stage2: {
        const auto known = leaves == nullptr ? decltype(leaves->find(0)){} : leaves->find(walk.ipa().value);
        if (leaves != nullptr && known != leaves->end()) {
          walk.supply_stage2(known->second);
        } else {
          walk.walk_stage2();
        }
        break;
      }
      case TableWalk::Next::Done:
        out.result = walk.result();
        return out;
      case TableWalk::Next::Fault:
        out.fault = walk.fault();
        return out;
    }
    if (points != nullptr && walk.point()) points->push_back(*walk.point());
  }
}

bool same(const TranslationResult& a, const TranslationResult& b) {
  return a.regime == b.regime && a.pa == b.pa && a.ipa == b.ipa && a.attributes == b.attributes && a.bytes == b.bytes &&
         a.contiguous_bytes == b.contiguous_bytes && a.stage1 == b.stage1 && a.stage2 == b.stage2 &&
         a.global == b.global && a.asid == b.asid && a.vmid == b.vmid && a.level1 == b.level1 && a.level2 == b.level2 &&
         (!a.stage1 || a.granule1 == b.granule1) && (!a.stage2 || a.granule2 == b.granule2) && a.upper == b.upper &&
         a.contiguous1 == b.contiguous1 && a.contiguous2 == b.contiguous2 && a.permissions1 == b.permissions1 &&
         a.permissions2 == b.permissions2 && a.clean1 == b.clean1 && a.clean2 == b.clean2 && a.accessed == b.accessed;
}
bool same(const Outcome& a, const Outcome& b) { return a.fault == b.fault && (a.fault || same(a.result, b.result)); }

std::string text(const Outcome& o) {
  if (o.fault) {
    const TranslationFault& f = *o.fault;
    constexpr const char* names[] = {"translation", "address size", "access flag", "permission", "alignment"};
    return std::string(names[static_cast<std::size_t>(f.type)]) + " stage " + std::to_string(f.stage) +
           (f.s1ptw ? " walk" : "") + " level " + std::to_string(f.level) + (f.write ? " write" : "") + " ipa " +
           std::to_string(f.ipa.value);
  }
  const TranslationResult& t = o.result;
  const auto flags = [](const Permissions& p) {
    return std::to_string(p.privileged_read) + std::to_string(p.privileged_write) +
           std::to_string(p.privileged_execute) + std::to_string(p.unprivileged_read) +
           std::to_string(p.unprivileged_write) + std::to_string(p.unprivileged_execute);
  };
  return "pa " + std::to_string(t.pa.value) + " ipa " + std::to_string(t.ipa.value) + " bytes " +
         std::to_string(t.bytes) + "/" + std::to_string(t.contiguous_bytes) + " stages " + std::to_string(t.stage1) +
         std::to_string(t.stage2) + " levels " + std::to_string(t.level1) + "," + std::to_string(t.level2) + " p1 " +
         flags(t.permissions1) + " p2 " + flags(t.permissions2) + " clean " + std::to_string(t.clean1) +
         std::to_string(t.clean2) + " global " + std::to_string(t.global) + " accessed " + std::to_string(t.accessed) +
         " asid " + std::to_string(t.asid) + " vmid " + std::to_string(t.vmid);
}

constexpr const char* kGranules[] = {"4KB", "16KB", "64KB"};
constexpr const char* kRegimes[] = {"EL1&0", "EL2", "EL2&0"};

/// How often each kind of outcome was seen.
class Census {
 public:
  void add(const std::string& what) { ++counts_[what]; }
  [[nodiscard]] int operator[](const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  void add(const Case& c, const Outcome& o) {
    const std::string regime = kRegimes[static_cast<std::size_t>(c.regime)];
    if (o.fault) {
      const TranslationFault& f = *o.fault;
      constexpr const char* names[] = {"translation", "address size", "access flag", "permission", "alignment"};
      const std::string stage = f.s1ptw ? "walk" : "stage " + std::to_string(f.stage);
      const std::string name = names[static_cast<std::size_t>(f.type)];
      add(name + " " + stage + " level " + std::to_string(f.level));
      add(name + " " + stage);
      add("fault " + regime);
    } else {
      const TranslationResult& t = o.result;
      add("done " + regime + " stages " + std::to_string(t.stage1) + std::to_string(t.stage2));
      if (t.stage1) leaf(1, t.granule1, t.level1, t.contiguous1);
      if (t.stage2) leaf(2, t.granule2, t.level2, t.contiguous2);
      if (!t.global) add("not global");
      if (t.upper) add("upper");
      if (t.clean1) add("clean 1");
      if (t.clean2) add("clean 2");
      if (t.pa.value >> 48 != 0) add("52-bit pa");
      if (!t.accessed) add("not accessed");
    }
    for (const Touched& r : o.reads) {
      add("read stage " + std::to_string(r.stage) + " level " + std::to_string(r.level));
    }
    int updates[3] = {0, 0, 0};
    for (const Touched& w : o.writes) ++updates[w.stage];
    add("updates " + std::to_string(updates[1]) + "," + std::to_string(updates[2]));
  }

 private:
  void leaf(int stage, Granule g, int level, bool contiguous) {
    const std::string what = "leaf " + std::to_string(stage) + " " + kGranules[static_cast<std::size_t>(g)] +
                             " level " + std::to_string(level);
    add(what);
    if (contiguous) add(what + " contiguous");
  }
  std::map<std::string, int> counts_;
};

}  // namespace

TEST_CASE("walks agree with a second reading of the architecture over random tables") {
  constexpr int kWalks = 200'000;
  Generator random(20240917);
  Census census;
  int mismatches = 0;
  for (int i = 0; i < kWalks && mismatches < 5; ++i) {
    const Case c = random.next();
    const TableWalk start(c.registers, c.regime, {c.va}, c.request);
    Tables grown;
    run(start, grown, c, &random);
    const Tables planted = grown.as_planted();
    Tables mine = planted, theirs = planted;
    std::vector<WalkPoint> points;
    const Outcome got = run(start, mine, c, nullptr, &points);
    const Outcome expected = reference::translate(c.registers, c.regime, c.va, c.request, theirs);
    census.add(c, expected);
    const bool agree = same(got, expected) && got.reads == expected.reads && got.writes == expected.writes &&
                       mine == theirs && mine == grown;
    if (!agree) {
      ++mismatches;
      INFO("walk " << i << " of va " << std::hex << c.va << " tcr " << c.registers.tcr << " vtcr " << c.registers.vtcr
                   << std::dec << " regime " << static_cast<int>(c.regime) << " kind "
                   << static_cast<int>(c.request.kind) << "\n  walk      " << text(got) << "\n  reference "
                   << text(expected) << "\n  reads " << got.reads.size() << "/" << expected.reads.size() << " writes "
                   << got.writes.size() << "/" << expected.writes.size() << " memory " << (mine == theirs));
      CHECK(agree);
    }
    // From every point that a walk cache may hold.
    for (const WalkPoint& point : points) {
      Tables again = planted;
      const Outcome resumed = run(TableWalk(c.registers, c.regime, {c.va}, c.request, point), again, c, nullptr);
      if (!same(resumed, got)) {
        ++mismatches;
        CHECK(text(resumed) == text(got));
      }
    }
  }
  CHECK(mismatches == 0);

  // Every kind of outcome, often.
  const auto seen = [&](const std::string& what, int times = 20) {
    INFO(what << ": " << census[what]);
    CHECK(census[what] >= times);
  };
  for (const char* type : {"translation", "address size", "access flag", "permission"}) {
    for (const char* stage : {"stage 1", "stage 2", "walk"}) seen(std::string(type) + " " + stage);
    for (int level = 0; level <= 3; ++level) {
      seen(std::string(type) + " stage 1 level " + std::to_string(level), level == 0 ? 5 : 20);
      seen(std::string(type) + " stage 2 level " + std::to_string(level), level == 0 ? 1 : 20);
    }
  }
  seen("translation stage 1 level -1");
  seen("translation stage 2 level -1", 5);
  seen("alignment stage 1");
  seen("alignment stage 2");
  for (const char* regime : kRegimes) {
    seen(std::string("done ") + regime + " stages 10");
    seen(std::string("done ") + regime + " stages 00");
    seen(std::string("fault ") + regime);
  }
  seen("done EL1&0 stages 11", 500);
  seen("done EL1&0 stages 01");
  for (const char* stage : {"1", "2"}) {
    const std::string leaf = std::string("leaf ") + stage;
    for (const char* g : {" 4KB", " 16KB", " 64KB"}) {
      for (const char* level : {" level 1", " level 2", " level 3"}) seen(leaf + g + level);
      for (const char* level : {" level 2", " level 3"}) seen(leaf + g + level + " contiguous", 10);
    }
    seen(leaf + " 4KB level 0", 5);
    seen(leaf + " 4KB level 1 contiguous", 5);
    CHECK(census[leaf + " 16KB level 0"] == 0);
    CHECK(census[leaf + " 16KB level 1 contiguous"] == 0);
    CHECK(census[leaf + " 64KB level 1 contiguous"] == 0);
    for (int level = -1; level <= 3; ++level)
      seen("read stage " + std::string(stage) + " level " + std::to_string(level));
  }
  for (const char* what : {"not global", "upper", "clean 1", "clean 2", "52-bit pa", "not accessed", "updates 0,0",
                           "updates 1,0", "updates 0,1", "updates 1,1", "updates 1,2", "updates 0,2"}) {
    seen(what);
  }
}

TEST_CASE("a held translation answers any other access as a walk would") {
  Generator random(77);
  int answered = 0, faulted = 0, walked = 0;
  for (int i = 0; i < 20'000; ++i) {
    Case c = random.next();
    Tables tables;
    const Outcome first = run(TableWalk(c.registers, c.regime, {c.va}, c.request), tables, c, &random);
    if (first.fault || !first.result.accessed) continue;
    const TranslationResult& held = first.result;
    AccessRequest other = random.request();
    // Anywhere in what the translation covers.
    const u64 inside = held.bytes - 1, va = (c.va & ~inside) | (random.bits(64) & inside);
    other.stage1_only = c.request.stage1_only;
    const bool fetch = other.kind == AccessRequest::Kind::Fetch;
    // A tag that only data may carry is another address to a fetch.
    if (without_tag({va}, c.registers, c.regime, fetch) != without_tag({va}, c.registers, c.regime, !fetch)) continue;
    if (needs_walk(held, other)) {
      ++walked;
      continue;
    }
    const Outcome expected = reference::translate(c.registers, c.regime, va, other, tables);
    const auto fault = access_fault(held, c.registers, {va}, other);
    CAPTURE(i, text(first), text(expected));
    REQUIRE(fault == expected.fault);
    if (fault) {
      ++faulted;
    } else {
      ++answered;
      REQUIRE(expected.result.pa.value == ((held.pa.value & ~inside) | (va & inside)));
      REQUIRE(attributes_of(held, c.registers, attribute_kind(other.kind)) == expected.result.attributes);
      // AT leaves AF of the tables themselves as it was.
      if (!c.request.no_update) REQUIRE(expected.writes.empty());
    }
  }
  CHECK(answered > 1500);
  CHECK(faulted > 500);
  CHECK(walked > 200);
}

TEST_CASE("stage 2 leaves that a TLB holds lead to the same end") {
  Generator random(5);
  int used = 0;
  for (int i = 0; i < 20'000; ++i) {
    Case c = random.next();
    Tables tables;
    const Outcome first = run(TableWalk(c.registers, c.regime, {c.va}, c.request), tables, c, &random);
    if (!stage2_on(c.registers, c.regime)) continue;
    // Descriptors as updated; gather every leaf by its IPA, then walk with nothing but stage 1 reads.
    std::map<u64, Stage2Leaf> leaves;
    TableWalk walk(c.registers, c.regime, {c.va}, c.request, std::nullopt, true);
    u64 ipa = 0;
    bool inside = false;
    const auto note = [&] {
      if (inside && (walk.next() != TableWalk::Next::Read || walk.read().stage == 1)) leaves[ipa] = walk.stage2_leaf();
    };
    while (walk.next() != TableWalk::Next::Done && walk.next() != TableWalk::Next::Fault) {
      if (walk.next() == TableWalk::Next::Stage2) {
        ipa = walk.ipa().value;
        inside = true;
        walk.walk_stage2();
      } else if (walk.next() == TableWalk::Next::Read) {
        walk.supply(tables.read(walk.read().address.value));
      } else {
        const u64 found = tables.read(walk.update().address.value);
        tables.write(walk.update().address.value, walk.update().new_value);
        walk.supply_update(found);
      }
      note();
    }
    if (walk.next() != TableWalk::Next::Done) continue;
    const Outcome again = run(TableWalk(c.registers, c.regime, {c.va}, c.request, std::nullopt, true), tables, c,
                              nullptr, nullptr, &leaves);
    CAPTURE(i, text(first), text(again));
    REQUIRE(same(again, first));
    for (const Touched& t : again.reads) REQUIRE(t.stage == 1);
    ++used;
  }
  CHECK(used > 500);
}
