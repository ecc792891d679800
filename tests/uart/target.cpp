// SPDX-License-Identifier: Apache-2.0
// The PL011 and a hole as targets: what a device's accesses through the interconnect reach, and when.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "staleline/engine/engine.h"
#include "staleline/uart/uart.h"

namespace {

using namespace staleline;
using engine::Cycle;

/// Makes one access at a time and remembers the last answer.
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

struct Rig {
  interconnect::Interconnect interconnect{interconnect::Parameters{}};
  std::string sent;
  std::vector<std::pair<bool, Cycle>> levels;
  std::vector<Cycle> times;
  Master master{interconnect};
  uart::Uart uart{interconnect,
                  {0x900'0000},
                  {[this](std::uint8_t byte, Cycle at) {
                     sent += static_cast<char>(byte);
                     times.push_back(at);
                   },
                   [this](bool level, Cycle at) { levels.emplace_back(level, at); }}};
  interconnect::Hole hole{interconnect, {0xa00'0000}, 0x1000, interconnect::Hole::Reply::Nothing};
  interconnect::Hole abyss{interconnect, {0xb00'0000}, 0x1000, interconnect::Hole::Reply::ExternalAbort};
  engine::Engine engine;
  Cycle now = 0;

  Rig() {
    engine.add(master);
    engine.add(uart);
    engine.add(hole);
    engine.add(abyss);
    engine.add(interconnect);
    engine.configure(interconnect.lookahead(), false);
  }
  std::uint64_t access(bool write, std::uint64_t address, std::uint8_t size, std::uint64_t value = 0) {
    interconnect::IoRequest r;
    r.write = write;
    r.address = {address};
    r.size = size;
    std::memcpy(r.data.data(), &value, sizeof value);
    master.port->access(now, r);
    for (Cycle end = engine.run_window(); end != engine::kNever; end = engine.run_window()) now = end;
    std::uint64_t result = 0;
    std::memcpy(&result, master.last.data.data(), std::min<std::size_t>(size, sizeof result));
    return result;
  }
};

}  // namespace

TEST_CASE("stores to DR reach the sink in order, each at its cycle, and interrupts are told where they change") {
  Rig r;
  CHECK(r.access(false, 0x900'0018, 4) == 0x90);
  CHECK(r.access(false, 0x900'0fe0, 4) == 0x11);
  for (const char c : std::string("hi\n")) r.access(true, 0x900'0000, 1, static_cast<std::uint8_t>(c));
  CHECK(r.sent == "hi\n");
  REQUIRE(r.times.size() == 3);
  CHECK(r.times[0] < r.times[1]);
  CHECK(r.times[1] < r.times[2]);
  CHECK(r.levels.empty());
  r.access(true, 0x900'0038, 4, uart::interrupt::TX);
  REQUIRE(r.levels.size() == 1);
  CHECK(r.levels[0].first);
  r.access(true, 0x900'0000, 4, '!');
  CHECK(r.levels.size() == 1);
  r.access(true, 0x900'0044, 4, 0x7ff);
  REQUIRE(r.levels.size() == 2);
  CHECK_FALSE(r.levels[1].first);
}

TEST_CASE("a hole reads as zero, ignores writes and counts them") {
  Rig r;
  r.access(true, 0xa00'0010, 8, 0x1234);
  CHECK(r.access(false, 0xa00'0010, 8) == 0);
  CHECK(r.hole.accesses() == 2);
}

TEST_CASE("a hole that aborts fails reads and writes, and what comes after them does not") {
  Rig r;
  for (const bool write : {false, true}) {
    for (const std::uint8_t size : {std::uint8_t{4}, std::uint8_t{64}}) {
      r.access(write, 0xb00'0040, size, 0xff);
      CHECK(r.master.last.failed);
      if (!write) CHECK(r.master.last.data[0] == 0);
      CHECK(r.access(false, 0x900'0018, 4) == 0x90);
      CHECK_FALSE(r.master.last.failed);
      r.access(write, 0xa00'0000, 4);
      CHECK_FALSE(r.master.last.failed);
      r.access(write, 0x4000'0000, 64);
      CHECK_FALSE(r.master.last.failed);
    }
  }
  CHECK(r.abyss.accesses() == 4);
}
