// The frames of an animated GIF or WebP, one after the other. Borrows the file; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "workers/media/animation/animation_canvas.hpp"
#include "workers/media/animation/frame_place.hpp"

namespace bgm {

class AnimationSource {
 public:
    virtual ~AnimationSource() = default;

    /// Of the canvas, as declared; 0 where there is none.
    virtual std::int64_t width() const = 0;
    virtual std::int64_t height() const = 0;
    /// Of all frames, as declared.
    virtual double duration_s() const = 0;

    struct Frame {
        FramePlace place;
        double shown_s = 0;
    };
    /// Reads the next frame's header, which takes no memory; none where there is no further frame.
    virtual std::optional<Frame> next() = 0;
    /// Decodes that frame onto the canvas, on which it has begun. False where it is damaged: the canvas is as
    /// it was. Takes one byte a pixel of the frame for GIF; about eight for WebP.
    virtual bool paint(AnimationCanvas& canvas) = 0;
    /// True where there is no further frame because nothing is missing.
    virtual bool ended() const = 0;
};

/// Null where the file is neither, by its first bytes.
std::unique_ptr<AnimationSource> open_animation(std::span<const std::byte> file);

}  // namespace bgm
