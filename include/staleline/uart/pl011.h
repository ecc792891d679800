// SPDX-License-Identifier: Apache-2.0
// The registers of a PL011 UART (DDI 0183): what is written to it is sent at once, what arrives waits in a FIFO of 16.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

namespace staleline::uart {

/// Offsets (DDI 0183 table 3-1).
enum class Register : std::uint16_t {
  DR = 0x000,
  RSR = 0x004,  ///< ECR where it is written
  FR = 0x018,
  ILPR = 0x020,
  IBRD = 0x024,
  FBRD = 0x028,
  LCR_H = 0x02c,
  CR = 0x030,
  IFLS = 0x034,
  IMSC = 0x038,
  RIS = 0x03c,
  MIS = 0x040,
  ICR = 0x044,
  DMACR = 0x048,
  PeriphID0 = 0xfe0,
  PeriphID1 = 0xfe4,
  PeriphID2 = 0xfe8,
  PeriphID3 = 0xfec,
  PCellID0 = 0xff0,
  PCellID1 = 0xff4,
  PCellID2 = 0xff8,
  PCellID3 = 0xffc,
};

namespace fr {
inline constexpr std::uint32_t BUSY = 1U << 3, RXFE = 1U << 4, TXFF = 1U << 5, RXFF = 1U << 6, TXFE = 1U << 7;
}
namespace lcr_h {
inline constexpr std::uint32_t FEN = 1U << 4;
}
namespace cr {
inline constexpr std::uint32_t UARTEN = 1U << 0, LBE = 1U << 7, TXE = 1U << 8, RXE = 1U << 9;
}
/// Bits of IMSC, RIS, MIS and ICR.
namespace interrupt {
inline constexpr std::uint32_t RX = 1U << 4, TX = 1U << 5, RT = 1U << 6, OE = 1U << 10;
}

/// It takes no time: the transmit FIFO is empty whenever one looks. It sends even where CR does not enable it, as a
/// machine whose firmware has done so before the guest starts.
class Pl011 {
 public:
  /// `sink` gets every byte that is sent, in order.
  explicit Pl011(std::function<void(std::uint8_t)> sink) : sink_(std::move(sink)) {}

  /// Reads of DR take a byte out of the FIFO. Offsets that are no register read as zero and ignore writes.
  [[nodiscard]] std::uint32_t read(std::uint64_t offset);
  void write(std::uint64_t offset, std::uint32_t value);

  /// A byte arrives. Lost, and an overrun, where the FIFO (or, without FEN, the one place) is full.
  void receive(std::uint8_t byte);
  /// UARTINTR: an interrupt that is not masked.
  [[nodiscard]] bool interrupt() const { return (raw_ & masked_) != 0; }

 private:
  [[nodiscard]] std::size_t depth() const { return (line_ & lcr_h::FEN) != 0 ? 16 : 1; }
  /// How many bytes in the FIFO raise RX.
  [[nodiscard]] std::size_t trigger() const;
  [[nodiscard]] std::uint32_t flags() const;
  [[nodiscard]] std::uint32_t take();
  void send(std::uint8_t byte);

  std::function<void(std::uint8_t)> sink_;
  std::deque<std::uint16_t> received_;  // each with its error bits, as DR shows them
  std::uint32_t status_ = 0;            // RSR
  bool overrun_ = false;
  std::uint32_t low_power_ = 0, integer_ = 0, fraction_ = 0, line_ = 0, dma_ = 0;
  std::uint32_t control_ = cr::TXE | cr::RXE;
  std::uint32_t levels_ = 0x12;
  std::uint32_t masked_ = 0;  // IMSC: a set bit lets the interrupt out
  std::uint32_t raw_ = 0;
};

}  // namespace staleline::uart
