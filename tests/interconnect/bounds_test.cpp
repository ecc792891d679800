// SPDX-License-Identifier: Apache-2.0
// What bounds what is under way: queues before memory, the write-back buffer, the ports of devices.
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/memory/memory.h"

namespace staleline {
namespace {

using arm::MemoryClass;
using engine::Cycle;
using rig::Rig;
using Op = cache::Request::Op;

constexpr std::uint64_t kA = 0x8000'0000;

}  // namespace

TEST_CASE("a channel of DRAM takes only so many writes ahead of time", "[bounds]") {
  memory::Dram dram(2, 100, 10, 4);
  for (Cycle i = 0; i < 5; ++i) {
    CHECK(dram.accepted(0, 0) == (i < 5 ? 0 : 10 * (i - 4)));
    dram.access(0, 0);
  }
  CHECK(dram.accepted(0, 0) == 10);
  CHECK(dram.accepted(0, 64) == 0);
  CHECK(dram.accepted(10, 0) == 10);
  dram.access(10, 0);
  CHECK(dram.accepted(10, 0) == 20);
}

TEST_CASE("a PE that only evicts dirty lines is slowed to what memory takes", "[bounds]") {
  // The cache holds one line, so that every store evicts the line before.
  for (const std::uint32_t entries : {1U, 8U}) {
    cache::Parameters c;
    c.l1d = {.bytes = 64, .ways = 1, .hit_cycles = 1};
    c.write_back_entries = entries;
    interconnect::Parameters x;
    x.memory_occupancy_cycles = 100;
    x.memory_cycles = 100;
    x.memory_writes_queued = 4;
    Rig rig(1, c, x);
    constexpr std::uint64_t kStores = 400;
    std::uint64_t done = 0;
    Cycle last = 0;
    std::uint64_t made = 0;
    const auto store = [&](Cycle now) {
      if (made == kStores) return;
      cache::Request r = Rig::make(Op::Store, kA + 64 * made, MemoryClass::NormalWB);
      r.data[0] = made++;
      rig.ports[0]->caches.access(now, r);
    };
    rig.ports[0]->done = [&](const cache::Request&, Cycle at) {
      ++done;
      last = at;
      store(at);
    };
    for (int in_flight = 0; in_flight < 4; ++in_flight) store(rig.now);
    rig.settle();
    CHECK(done == kStores);
    // A read and a write for each store, but for the few writes that may still wait.
    CHECK(last >= (2 * kStores - 16) * x.memory_occupancy_cycles);
    for (std::uint64_t i = 0; i + 1 < kStores; ++i) CHECK(rig.memory(kA + 64 * i) == i);
  }
}

TEST_CASE("a device port has a bounded number of requests on their way and performs all in order", "[bounds]") {
  interconnect::Parameters x;
  x.io_in_flight = 3;
  Rig rig(1, {}, x);
  std::vector<std::uint32_t> completed;
  rig.device->done = [&](const interconnect::IoRequest& r, Cycle) { completed.push_back(r.tag); };
  for (std::uint32_t i = 0; i < 50; ++i) {
    interconnect::IoRequest r;
    r.write = i % 3 == 0;
    r.snoop = i % 2 == 0;
    r.address = {kA + 64 * (i % 7)};
    r.tag = i;
    rig.device->port->access(rig.now, r);
    CHECK(rig.device->port->outstanding() == i + 1);
  }
  rig.settle();
  REQUIRE(completed.size() == 50);
  for (std::uint32_t i = 0; i < 50; ++i) CHECK(completed[i] == i);
  CHECK(rig.device->port->outstanding() == 0);
}

}  // namespace staleline
