// What frees a C library's object, for std::unique_ptr.
#pragma once

namespace bgm {

template <auto kFunction>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const {
        kFunction(object);
    }
};

}  // namespace bgm
