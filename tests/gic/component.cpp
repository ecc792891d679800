// SPDX-License-Identifier: Apache-2.0
// The GIC on an interconnect: wires and accesses in the order of their cycles, and the same for every window.
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <tuple>
#include <vector>

#include "staleline/engine/engine.h"
#include "staleline/gic/gic.h"

namespace {

using namespace staleline;
using engine::Cycle;

constexpr std::uint64_t kDistributor = 0x800'0000, kInterface = 0x801'0000;

// A device is no PE: its accesses to banked registers reach nothing. So the state is set up behind the interconnect.
class Master final : public engine::Component, public interconnect::IoClient {
 public:
  explicit Master(interconnect::Interconnect& x) : port(x.attach(*this, *this)) {}
  [[nodiscard]] Cycle next() const override { return port->next(); }
  void run(Cycle until) override {
    while (next() < until) port->deliver(next());
  }
  void completed(const interconnect::IoRequest& r, Cycle) override { last = r; }
  std::unique_ptr<interconnect::IoPort> port;
  interconnect::IoRequest last{};
};

std::vector<std::tuple<unsigned, bool, Cycle>> told(Cycle window, bool reversed) {
  interconnect::Interconnect x{interconnect::Parameters{}};
  std::vector<std::tuple<unsigned, bool, Cycle>> told;
  gic::Gic gic({{kDistributor}, {kInterface}, 2, 96}, x,
               [&](unsigned pe, gic::Pending p, Cycle at) { told.emplace_back(pe, p.irq, at); });
  Master master(x);
  engine::Engine engine;
  engine.add(master);
  engine.add(gic);
  engine.add(x);
  engine.configure(window == 0 ? x.lookahead() : window, reversed);
  gic::GicV2& state = gic.registers();
  state.write_distributor(0, 0, 4, 1);
  for (unsigned pe = 0; pe < 2; ++pe) {
    state.write_distributor(pe, 0x100, 4, 1U << 27);
    state.write_interface(pe, 0x00, 4, 1);
    state.write_interface(pe, 0x04, 4, 0xf0);
  }
  state.write_distributor(0, 0x104, 4, 3);
  state.write_distributor(0, 0x820, 4, 0x0201);
  // Put in out of order, from two senders, two of them in one cycle.
  gic.set_line(300, 2, 1, 1, 27, false);
  gic.set_line(100, 1, 0, 0, 32, true);
  gic.set_line(200, 2, 0, 1, 27, true);
  gic.set_line(200, 1, 1, 0, 33, true);
  gic.set_line(250, 1, 2, 0, 32, false);
  interconnect::IoRequest r;
  r.address = {kDistributor + 4};
  r.size = 4;
  master.port->access(0, r);
  for (Cycle end = engine.run_window(); end != engine::kNever;) end = engine.run_window();
  CHECK(master.last.data[0] == 0);
  return told;
}

}  // namespace

TEST_CASE("wires are told to PEs in the order of their cycles, whatever the window and the visits") {
  const std::vector<std::tuple<unsigned, bool, Cycle>> expected{{0, true, 100}, {1, true, 200}, {0, false, 250}};
  // PE 1 keeps an interrupt pending when its PPI falls: SPI 33.
  CHECK(told(0, false) == expected);
  for (const Cycle window : {1U, 3U, 8U}) {
    for (const bool reversed : {false, true}) CHECK(told(window, reversed) == expected);
  }
}
