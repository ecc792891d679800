// SPDX-License-Identifier: Apache-2.0
// A long DMA stream behind an SMMU: 100 MB, half read and half written, in pages of 4KB.
#include <catch2/catch.hpp>
#include <ctime>

#include "rig.h"

namespace staleline::smmu_rig {

namespace {

constexpr std::uint64_t kLines = 100'000'000 / 64;
constexpr std::uint64_t kWindow = 16;  // transfers on their way

}  // namespace

TEST_CASE("a DMA stream of 100 MB in seconds", "[slow]") {
  Rig rig;
  auto tables = rig.stage1_tables();
  // Pages of 4KB in reverse order, so that no neighbours share an entry.
  constexpr std::uint64_t kPages = (kLines * 64 + 0xfff) / 0x1000;
  for (std::uint64_t i = 0; i < kPages; ++i) {
    tables.map(0x1000'0000 + i * 0x1000, {.address = kData + (kPages - 1 - i) * 0x1000});
  }
  rig.cd(Rig::usual_cd(tables.root()));
  rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
  rig.start();

  std::uint64_t next = 0, done = 0, astray = 0;
  const auto issue = [&](Cycle now) {
    if (next == kLines) return;
    interconnect::IoRequest r;
    r.write = next % 2 != 0;
    r.address = {0x1000'0000 + next * 64};
    std::memcpy(r.data.data(), &next, 8);
    ++next;
    rig.masters[0]->port->access(now, r);
  };
  rig.masters[0]->done = [&](const interconnect::IoRequest& r, Cycle at) {
    ++done;
    if (r.address.value < kData) ++astray;
    issue(at);
  };
  const std::clock_t from = std::clock();
  for (std::uint64_t i = 0; i < kWindow; ++i) issue(rig.now);
  while (rig.engine.run_window() != engine::kNever) {
    rig.log.events.clear();
  }
  const double seconds = static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC;
  CHECK(done == kLines);
  CHECK(astray == 0);
  CHECK(rig.smmu.counters().walks == kPages);
  CHECK(rig.smmu.counters().terminated == 0);
  CHECK(seconds < 30);
  const std::uint64_t last = kLines - 1;
  CHECK(rig.word(kData + (kPages - 1 - last * 64 / 0x1000) * 0x1000 + last * 64 % 0x1000) == last);
}

}  // namespace staleline::smmu_rig
