// SPDX-License-Identifier: Apache-2.0
// A platform for tests: PEs that are nothing but a load/store port, devices, and one call an access.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "staleline/cache/private_caches.h"
#include "staleline/engine/engine.h"
#include "staleline/interconnect/interconnect.h"

namespace staleline::rig {

using cache::Request;
using engine::Cycle;

inline event::Path path_of(arm::MemoryClass memory) {
  event::Path p;
  p.memory = memory;
  if (!arm::is_cacheable(memory)) {
    p.node = event::kNoNode;
    p.shareability = arm::Shareability::OuterShareable;
  }
  return p;
}

/// A PE whose driver is called when it may act.
class Port final : public engine::Component, public cache::Client {
 public:
  Port(std::uint8_t pe, const cache::Parameters& p, interconnect::Interconnect& x)
      : caches(event::PeId{pe}, p, *this, x, *this) {}

  cache::PrivateCaches caches;
  /// Acts at `now`; returns when to be called again (kNever: only after a completion).
  std::function<Cycle(Cycle now)> act = [](Cycle) { return engine::kNever; };
  std::function<void(const Request&, Cycle)> done = [](const Request&, Cycle) {};
  std::function<cache::Answer(const cache::TlbMaintenance&, Cycle)> tlb = [](const cache::TlbMaintenance&, Cycle) {
    return cache::Answer::Now;
  };
  Cycle wake = engine::kNever;

  [[nodiscard]] Cycle next() const override { return std::min(wake, caches.next()); }
  void run(Cycle until) override {
    while (next() < until) {
      const Cycle now = next();
      if (caches.next() <= now) caches.deliver(now);
      if (wake <= now) wake = act(now);
    }
  }
  void completed(const Request& r, Cycle at) override { done(r, at); }
  cache::Answer tlb_maintenance(const cache::TlbMaintenance& t, Cycle at) override { return tlb(t, at); }
};

class Device final : public engine::Component, public interconnect::IoClient {
 public:
  explicit Device(interconnect::Interconnect& x) : port(x.attach(*this, *this)) {}

  std::unique_ptr<interconnect::IoPort> port;
  std::function<Cycle(Cycle now)> act = [](Cycle) { return engine::kNever; };
  std::function<void(const interconnect::IoRequest&, Cycle)> done = [](const interconnect::IoRequest&, Cycle) {};
  std::function<cache::Answer(const cache::TlbMaintenance&, Cycle)> tlb = [](const cache::TlbMaintenance&, Cycle) {
    return cache::Answer::Now;
  };
  Cycle wake = engine::kNever;

  [[nodiscard]] Cycle next() const override { return std::min(wake, port->next()); }
  void run(Cycle until) override {
    while (next() < until) {
      const Cycle now = next();
      if (port->next() <= now) port->deliver(now);
      if (wake <= now) wake = act(now);
    }
  }
  void completed(const interconnect::IoRequest& r, Cycle at) override { done(r, at); }
  cache::Answer tlb_maintenance(const cache::TlbMaintenance& t, Cycle at) override { return tlb(t, at); }
};

/// PEs, one device and an interconnect, driven one access at a time to its end.
class Rig {
 public:
  Rig(std::size_t pes, const cache::Parameters& caches, const interconnect::Parameters& x) : interconnect(x) {
    for (std::size_t i = 0; i < pes; ++i) {
      ports.push_back(std::make_unique<Port>(static_cast<std::uint8_t>(i), caches, interconnect));
    }
    device = std::make_unique<Device>(interconnect);
    for (auto& p : ports) engine.add(*p);
    engine.add(*device);
    engine.add(interconnect);
    engine.configure(interconnect.lookahead(), false);
  }

  interconnect::Interconnect interconnect;
  std::vector<std::unique_ptr<Port>> ports;
  std::unique_ptr<Device> device;
  engine::Engine engine;
  Cycle now = 0;

  struct Outcome {
    Request r;
    Cycle latency = 0;
  };
  Outcome access(std::size_t pe, Request r) {
    Port& port = *ports[pe];
    std::optional<Outcome> outcome;
    const Cycle from = now;
    port.done = [&](const Request& seen, Cycle at) { outcome = Outcome{seen, at - from}; };
    if (const auto latency = port.caches.access(now, r)) outcome = Outcome{r, *latency};
    settle();
    if (!outcome) throw std::runtime_error("an access never completed");
    return *outcome;
  }
  /// Runs until nothing is under way.
  void settle() {
    for (;;) {
      const Cycle end = engine.run_window();
      if (end == engine::kNever) break;
      now = std::max(now, end);
    }
    ++now;
  }

  static Request make(Request::Op op, std::uint64_t address, arm::MemoryClass memory, std::uint8_t size = 8) {
    Request r;
    r.op = op;
    r.address = {address};
    r.path = path_of(memory);
    r.size = size;
    return r;
  }
  std::uint64_t load(std::size_t pe, std::uint64_t a, arm::MemoryClass m = arm::MemoryClass::NormalWB) {
    return access(pe, make(Request::Op::Load, a, m)).r.data[0];
  }
  std::uint64_t fetch(std::size_t pe, std::uint64_t a, arm::MemoryClass m = arm::MemoryClass::NormalWB) {
    return access(pe, make(Request::Op::Fetch, a, m)).r.data[0];
  }
  void store(std::size_t pe, std::uint64_t a, std::uint64_t v, arm::MemoryClass m = arm::MemoryClass::NormalWB) {
    Request r = make(Request::Op::Store, a, m);
    r.data[0] = v;
    access(pe, r);
  }
  void maintain(std::size_t pe, arm::CacheOp op, std::uint64_t a = 0) {
    Request r = make(Request::Op::Maintenance, a, arm::MemoryClass::NormalWB);
    r.maintenance = op;
    access(pe, r);
  }
  void nudge(std::size_t pe, Request::Op op, std::uint64_t a) {
    Request r = make(op, a, arm::MemoryClass::NormalWB);
    ports[pe]->caches.access(now, r);
    settle();
  }
  interconnect::IoRequest transfer(bool write, bool snoop, std::uint64_t a, std::uint64_t v = 0) {
    interconnect::IoRequest r;
    r.write = write;
    r.snoop = snoop;
    r.address = {a};
    r.size = 8;
    std::memcpy(r.data.data(), &v, 8);
    std::optional<interconnect::IoRequest> outcome;
    device->done = [&](const interconnect::IoRequest& seen, Cycle) { outcome = seen; };
    device->port->access(now, r);
    settle();
    if (!outcome) throw std::runtime_error("a transfer never completed");
    return *outcome;
  }
  std::uint64_t io_read(bool snoop, std::uint64_t a) {
    std::uint64_t v;
    std::memcpy(&v, transfer(false, snoop, a).data.data(), 8);
    return v;
  }
  void io_write(bool snoop, std::uint64_t a, std::uint64_t v) { transfer(true, snoop, a, v); }
  std::uint64_t memory(std::uint64_t a) const {
    std::uint64_t v;
    std::array<std::uint8_t, 8> bytes;
    interconnect.peek({a}, bytes);
    std::memcpy(&v, bytes.data(), 8);
    return v;
  }
  void poke(std::uint64_t a, std::uint64_t v) {
    std::array<std::uint8_t, 8> bytes;
    std::memcpy(bytes.data(), &v, 8);
    interconnect.poke({a}, bytes);
  }
};

}  // namespace staleline::rig
