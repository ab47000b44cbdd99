// Memory that grows to the largest size ever asked for, and is then used again and again.
//
// Its contents do not survive growing. Not thread safe.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace bgm {

class AlignedBuffer {
 public:
    /// At least `bytes`, aligned to a cache line.
    std::byte* at_least(std::size_t bytes) {
        if (bytes > size_) {
            memory_.reset();
            memory_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
            size_ = bytes;
        }
        return memory_.get();
    }
    template <typename Element>
    Element* elements(std::int64_t count) {
        return reinterpret_cast<Element*>(at_least(static_cast<std::size_t>(count) * sizeof(Element)));
    }

 private:
    static constexpr std::align_val_t kAlignment{64};
    struct Release {
        void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
    };
    std::unique_ptr<std::byte, Release> memory_;
    std::size_t size_ = 0;
};

}  // namespace bgm
