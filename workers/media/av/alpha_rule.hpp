// What happens where a picture is see-through.
#pragma once

namespace bgm {

enum class AlphaRule {
    on_white,  // shown on white, as chats and browsers do
    dropped,   // the stored colour as it is, which is what CLIP's reference preprocessing does
};

}  // namespace bgm
