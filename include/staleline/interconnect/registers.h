// SPDX-License-Identifier: Apache-2.0
// Targets that answer at once: registers of a device whose state is a plain object, and addresses with nothing behind.
#pragma once

#include <cstring>
#include <memory>

#include "staleline/interconnect/interconnect.h"

namespace staleline::interconnect {

/// A component that is one range of registers and has no time of its own.
class Registers : public engine::Component, public Target {
 public:
  Registers(Interconnect& interconnect, arm::PhysAddr base, std::uint64_t bytes)
      : port_(interconnect.map_target(base, bytes, *this)), base_(base) {}
  Registers(const Registers&) = delete;
  Registers& operator=(const Registers&) = delete;

  [[nodiscard]] Cycle next() const override { return port_->next(); }
  void run(Cycle until) override {
    while (next() < until) port_->deliver(next());
  }
  /// Of at most 8 bytes: what is longer reads as zero, and its writes are ignored.
  cache::Answer access(TargetRequest& r, Cycle at) override {
    std::uint64_t value = 0;
    const bool fits = r.size <= sizeof value;
    if (r.write) {
      if (!fits) return cache::Answer::Now;
      std::memcpy(&value, r.data.data(), r.size);
      write(r.address - base_, r.size, value, r.source, at);
    } else {
      r.data = {};
      if (fits) value = read(r.address - base_, r.size, r.source, at);
      std::memcpy(r.data.data(), &value, sizeof value);
    }
    return cache::Answer::Now;
  }

 protected:
  /// `source`: TargetRequest::source.
  virtual std::uint64_t read(std::uint64_t offset, std::uint8_t bytes, std::uint8_t source, Cycle at) = 0;
  virtual void write(std::uint64_t offset, std::uint8_t bytes, std::uint64_t value, std::uint8_t source, Cycle at) = 0;

 private:
  std::unique_ptr<TargetPort> port_;
  arm::PhysAddr base_;
};

/// Addresses that nothing answers for. Accesses are counted.
class Hole final : public Registers {
 public:
  enum class Reply : std::uint8_t {
    Nothing,       ///< reads as zero, ignores writes
    ExternalAbort  ///< every access fails
  };
  Hole(Interconnect& interconnect, arm::PhysAddr base, std::uint64_t bytes, Reply reply)
      : Registers(interconnect, base, bytes), reply_(reply) {}
  [[nodiscard]] std::uint64_t accesses() const { return accesses_; }

  cache::Answer access(TargetRequest& r, Cycle at) override {
    ++accesses_;
    r.failed = reply_ == Reply::ExternalAbort;
    return Registers::access(r, at);
  }

 protected:
  std::uint64_t read(std::uint64_t, std::uint8_t, std::uint8_t, Cycle) override { return 0; }
  void write(std::uint64_t, std::uint8_t, std::uint64_t, std::uint8_t, Cycle) override {}

 private:
  Reply reply_;
  std::uint64_t accesses_ = 0;
};

}  // namespace staleline::interconnect
