// SPDX-License-Identifier: Apache-2.0
// A PL011 on the interconnect.
#pragma once

#include <functional>
#include <utility>

#include "staleline/interconnect/registers.h"
#include "staleline/uart/pl011.h"

namespace staleline::uart {

using engine::Cycle;

class Uart final : public interconnect::Registers {
 public:
  /// Called in simulated order.
  struct Outputs {
    std::function<void(std::uint8_t byte, Cycle at)> sent = [](std::uint8_t, Cycle) {};
    std::function<void(bool level, Cycle at)> interrupt = [](bool, Cycle) {};  ///< only where UARTINTR changes
  };
  static constexpr std::uint64_t kBytes = 0x1000;

  Uart(interconnect::Interconnect& interconnect, arm::PhysAddr base, Outputs outputs)
      : Registers(interconnect, base, kBytes),
        outputs_(std::move(outputs)),
        pl011_([this](std::uint8_t byte) { outputs_.sent(byte, now_); }) {}

  [[nodiscard]] Pl011& registers() { return pl011_; }

 protected:
  std::uint64_t read(std::uint64_t offset, std::uint8_t, std::uint8_t, Cycle at) override {
    const std::uint64_t value = pl011_.read(offset);
    tell(at);
    return value;
  }
  void write(std::uint64_t offset, std::uint8_t, std::uint64_t value, std::uint8_t, Cycle at) override {
    now_ = at;
    pl011_.write(offset, static_cast<std::uint32_t>(value));
    tell(at);
  }

 private:
  void tell(Cycle at) {
    if (pl011_.interrupt() == level_) return;
    level_ = !level_;
    outputs_.interrupt(level_, at);
  }

  Outputs outputs_;
  Pl011 pl011_;
  Cycle now_ = 0;
  bool level_ = false;
};

}  // namespace staleline::uart
