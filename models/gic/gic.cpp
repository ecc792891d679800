// SPDX-License-Identifier: Apache-2.0
// The GIC in time: accesses and wires in the order of their cycles.
#include "staleline/gic/gic.h"

#include <cstring>
#include <utility>

namespace staleline::gic {

class Gic::Range final : public interconnect::Target {
 public:
  Range(Gic& gic, interconnect::Interconnect& x, arm::PhysAddr base, std::uint64_t bytes, bool distributor)
      : port(x.map_target(base, bytes, *this)), gic_(gic), base_(base), distributor_(distributor) {}

  cache::Answer access(interconnect::TargetRequest& r, Cycle at) override {
    const std::uint64_t offset = r.address - base_;
    std::uint32_t value = 0;
    if (!r.write) {
      r.data = {};
      value = distributor_ ? gic_.state_.read_distributor(r.source, offset, r.size)
                           : gic_.state_.read_interface(r.source, offset, r.size);
      std::memcpy(r.data.data(), &value, sizeof value);
    } else {
      std::memcpy(&value, r.data.data(), std::min<std::size_t>(r.size, sizeof value));
      if (distributor_) {
        gic_.state_.write_distributor(r.source, offset, r.size, value);
      } else {
        gic_.state_.write_interface(r.source, offset, r.size, value);
      }
    }
    gic_.tell(at);
    return cache::Answer::Now;
  }

  std::unique_ptr<interconnect::TargetPort> port;

 private:
  Gic& gic_;
  arm::PhysAddr base_;
  bool distributor_;
};

Gic::Gic(const Parameters& parameters, interconnect::Interconnect& interconnect, Output output)
    : state_(parameters.pes, parameters.interrupts),
      output_(std::move(output)),
      told_(parameters.pes),
      distributor_(std::make_unique<Range>(*this, interconnect, parameters.distributor, kDistributorBytes, true)),
      cpu_interface_(std::make_unique<Range>(*this, interconnect, parameters.cpu_interface, kInterfaceBytes, false)) {}
Gic::~Gic() = default;

Cycle Gic::next() const {
  return std::min({changes_.next(), distributor_->port->next(), cpu_interface_->port->next()});
}

void Gic::run(Cycle until) {
  for (Cycle now = next(); now < until; now = next()) {
    while (changes_.next() <= now) {
      const Change c = changes_.take();
      state_.set_line(c.pe, c.id, c.level);
      tell(now);
    }
    distributor_->port->deliver(now);
    cpu_interface_->port->deliver(now);
  }
}

void Gic::set_line(Cycle due, std::uint16_t source, std::uint32_t sequence, unsigned pe, IntId id, bool level) {
  changes_.put(due, source, sequence) = {pe, id, level};
}

void Gic::tell(Cycle at) {
  for (unsigned pe = 0; pe < told_.size(); ++pe) {
    const Pending now = state_.pending(pe);
    if (now == told_[pe]) continue;
    told_[pe] = now;
    output_(pe, now, at);
  }
}

}  // namespace staleline::gic
