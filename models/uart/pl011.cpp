// SPDX-License-Identifier: Apache-2.0
// Reads, writes and interrupts of the PL011, register by register (DDI 0183 chapter 3).
#include "staleline/uart/pl011.h"

#include <array>

namespace staleline::uart {

namespace {

constexpr std::uint32_t kOverrun = 1U << 11;  // in DR
/// PeriphID0 to 3 (part 011, designer 41, revision r1p1) and PCellID0 to 3.
constexpr std::array<std::uint8_t, 8> kIdentification{0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace

std::size_t Pl011::trigger() const {
  if ((line_ & lcr_h::FEN) == 0) return 1;
  // RXIFLSEL: eighths of the FIFO; reserved values act as the largest.
  constexpr std::array<std::size_t, 8> kLevels{2, 4, 8, 12, 14, 14, 14, 14};
  return kLevels[levels_ >> 3 & 7];
}

std::uint32_t Pl011::flags() const {
  return fr::TXFE | (received_.empty() ? fr::RXFE : 0U) | (received_.size() >= depth() ? fr::RXFF : 0U);
}

std::uint32_t Pl011::take() {
  if (received_.empty()) return 0;
  std::uint32_t value = received_.front();
  received_.pop_front();
  if (overrun_) value |= kOverrun;
  overrun_ = false;
  status_ = (status_ & 8U) | (value >> 8 & 0xfU);
  if (received_.size() < trigger()) raw_ &= ~interrupt::RX;
  if (received_.empty()) raw_ &= ~interrupt::RT;
  return value;
}

void Pl011::send(std::uint8_t byte) {
  if ((control_ & cr::LBE) != 0) {
    receive(byte);
  } else {
    sink_(byte);
  }
  // The FIFO has passed its trigger level on the way to empty.
  raw_ |= interrupt::TX;
}

void Pl011::receive(std::uint8_t byte) {
  if (received_.size() >= depth()) {
    overrun_ = true;
    status_ |= 8;
    raw_ |= interrupt::OE;
    return;
  }
  received_.push_back(byte);
  // There is no bit time here: whoever does not fill the FIFO is timed out at once.
  raw_ |= received_.size() >= trigger() ? interrupt::RX | interrupt::RT : interrupt::RT;
}

std::uint32_t Pl011::read(std::uint64_t offset) {
  if (offset > 0xffc || offset % 4 != 0) return 0;
  if (offset >= 0xfe0) return kIdentification[(offset - 0xfe0) / 4];
  switch (static_cast<Register>(offset)) {
    case Register::DR:
      return take();
    case Register::RSR:
      return status_;
    case Register::FR:
      return flags();
    case Register::ILPR:
      return low_power_;
    case Register::IBRD:
      return integer_;
    case Register::FBRD:
      return fraction_;
    case Register::LCR_H:
      return line_;
    case Register::CR:
      return control_;
    case Register::IFLS:
      return levels_;
    case Register::IMSC:
      return masked_;
    case Register::RIS:
      return raw_;
    case Register::MIS:
      return raw_ & masked_;
    case Register::DMACR:
      return dma_;
    default:
      return 0;
  }
}

void Pl011::write(std::uint64_t offset, std::uint32_t value) {
  if (offset % 4 != 0) return;
  switch (static_cast<Register>(offset)) {
    case Register::DR:
      send(static_cast<std::uint8_t>(value));
      return;
    case Register::RSR:
      status_ = 0;
      return;
    case Register::ILPR:
      low_power_ = value & 0xff;
      return;
    case Register::IBRD:
      integer_ = value & 0xffff;
      return;
    case Register::FBRD:
      fraction_ = value & 0x3f;
      return;
    case Register::LCR_H:
      // Both FIFOs are emptied where FEN changes.
      if (((line_ ^ value) & lcr_h::FEN) != 0) {
        received_.clear();
        raw_ &= ~(interrupt::RX | interrupt::RT);
      }
      line_ = value & 0xff;
      return;
    case Register::CR:
      control_ = value & 0xff87;
      return;
    case Register::IFLS:
      levels_ = value & 0x3f;
      return;
    case Register::IMSC:
      masked_ = value & 0x7ff;
      return;
    case Register::ICR:
      raw_ &= ~value;
      return;
    case Register::DMACR:
      dma_ = value & 7;
      return;
    default:
      return;
  }
}

}  // namespace staleline::uart
