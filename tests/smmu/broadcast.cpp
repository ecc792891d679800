// SPDX-License-Identifier: Apache-2.0
// Broadcast TLB maintenance of PEs (IDR0.BTM, CR2.PTM).
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/cache/private_caches.h"

namespace staleline::smmu_rig {

namespace {

/// A PE that does nothing but broadcast.
class Broadcaster final : public engine::Component, public cache::Client {
 public:
  explicit Broadcaster(interconnect::Interconnect& x) : caches(event::PeId{0}, {}, *this, x, *this) {}
  [[nodiscard]] Cycle next() const override { return caches.next(); }
  void run(Cycle until) override {
    while (next() < until) caches.deliver(next());
  }
  void completed(const cache::Request&, Cycle at) override { done = at; }
  cache::PrivateCaches caches;
  Cycle done = 0;
};

struct Broadcasting : Rig {
  explicit Broadcasting(bool broadcast) : Rig(smmu::Parameters{.broadcast = broadcast}), tables(stage1_tables()) {
    engine.add(pe);
    tables.map(0x1000, {.address = kData, .not_global = true});
    cd(usual_cd(tables.root()));
    ste(3, usual_ste(SteConfig::Stage1));
  }
  void tlbi(std::string_view name, std::uint64_t xt) {
    cache::Request r;
    r.op = cache::Request::Op::TlbMaintenance;
    r.data = mmu::words_of(arm::find_tlbi(name).value(), xt, {});
    pe.done = 0;
    pe.caches.access(now, r);
  }
  Broadcaster pe{interconnect};
  Tables tables;
};

}  // namespace

TEST_CASE("3.17 broadcast TLB maintenance reaches an SMMU with BTM unless CR2.PTM is set") {
  for (const bool broadcast : {false, true}) {
    for (const std::uint64_t ptm : {0U, 4U}) {
      Broadcasting rig(broadcast);
      rig.set(Register::CR2, ptm);
      rig.start();
      rig.read(0x1000);
      rig.tlbi("vae1is", arm::encode_operand(2, 0x1000));
      rig.settle();
      CHECK(rig.pe.done != 0);
      rig.read(0x1000);
      CHECK(rig.smmu.counters().walks == 1);  // another ASID
      rig.tlbi("vae1is", arm::encode_operand(1, 0x1000));
      rig.settle();
      rig.read(0x1000);
      CHECK(rig.smmu.counters().walks == (broadcast && ptm == 0 ? 2 : 1));
      CHECK((rig.reg(Register::IDR0) >> 5 & 1) == (broadcast ? 1 : 0));
    }
  }
}

namespace {

/// Those that tell of `which`.
template <class Events>
Events of_register(Events all, std::uint32_t which) {
  std::erase_if(all, [which](const auto& e) { return e.aux != which; });
  return all;
}

}  // namespace

TEST_CASE("6.3.11 an SMMU says whether it takes broadcast TLB maintenance") {
  Broadcasting rig(true);
  rig.settle();
  rig.set(Register::CR2, 4);
  rig.set(Register::CR2, 4);
  rig.set(Register::CR2, 0);
  const auto told = of_register(rig.told(Kind::SystemRegister, kSmmu), event::kSmmuTakesBroadcasts);
  REQUIRE(told.size() == 3);
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].data[0] == (i == 1 ? 0 : 1));
  CHECK(told[0].cycle == 0);
  Broadcasting silent(false);
  silent.settle();
  CHECK(of_register(silent.told(Kind::SystemRegister), event::kSmmuTakesBroadcasts).empty());
}

TEST_CASE("6.3.9 an SMMU says whether CR0.SMMUEN is set") {
  Broadcasting rig(false);
  rig.settle();
  rig.set(Register::CR0, 1);
  rig.set(Register::CR0, 1);
  rig.set(Register::CR0, 0);
  const auto told = of_register(rig.told(Kind::SystemRegister, kSmmu), event::kSmmuEnabled);
  REQUIRE(told.size() == 3);  // set is what it is until it is told
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].data[0] == (i == 1 ? 1 : 0));
}

TEST_CASE("6.3.12 an SMMU says whether GBPA.ABORT is set") {
  Broadcasting rig(false);
  rig.settle();
  const std::uint32_t update = std::uint32_t{1} << 31, abort = 1 << 20;
  rig.set(Register::GBPA, abort);  // without Update
  rig.set(Register::GBPA, update | abort);
  rig.set(Register::GBPA, update | abort);
  rig.set(Register::GBPA, update);
  const auto told = of_register(rig.told(Kind::SystemRegister, kSmmu), event::kSmmuAborts);
  REQUIRE(told.size() == 2);  // clear is what it is until it is told
  CHECK(told[0].data[0] == 1);
  CHECK(told[1].data[0] == 0);
}

TEST_CASE("3.17 broadcast TLB maintenance waits for accesses that used what it removes") {
  Broadcasting rig(true);
  rig.start();
  rig.read(0x1000);
  Cycle last = 0;
  rig.masters[0]->done = [&](const interconnect::IoRequest&, Cycle at) { last = at; };
  for (std::uint64_t i = 0; i < 8; ++i) {
    interconnect::IoRequest w;
    w.write = true;
    w.address = {0x1000 + i * 64};
    rig.masters[0]->port->access(rig.now, w);
  }
  while (rig.told(Kind::Write, event::AgentId{1}).size() < 8) {
    rig.now = rig.engine.run_window();
    rig.engine.deliver();
  }
  rig.tlbi("vmalle1is", 0);
  rig.settle();
  CHECK(last != 0);
  CHECK(rig.pe.done > last - 8);  // the SMMU saw the completions a link before the device did
}

}  // namespace staleline::smmu_rig
