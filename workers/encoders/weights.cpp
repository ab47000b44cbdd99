#include "workers/encoders/weights.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"
#include "workers/config_object.hpp"

namespace bgm {
namespace {

struct Shard {
    std::string path;
    MappedFile file;
    SafeTensors tensors;
};

struct Found {
    std::shared_ptr<const Shard> shard;
    TensorView view;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (const std::int64_t extent : shape)
        text += (text.size() == 1 ? "" : ", ") + std::to_string(extent);
    return text + "]";
}

template <typename Stored>
Stored load(const std::byte* at) {
    Stored value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

bool readable(const TensorView& view) {
    return view.dtype == "F32" || view.dtype == "F16" || view.dtype == "BF16";
}

// Of the type that it is stored in. The bytes need not be aligned: they are only used in place where they
// are.
torch::Tensor as_stored(const Found& found) {
    const TensorView& view = found.view;
    const auto* bytes = view.data.data();
    const auto type = view.dtype == "F32"   ? torch::kFloat32
                      : view.dtype == "F16" ? torch::kFloat16
                                            : torch::kBFloat16;
    const auto options = torch::TensorOptions().dtype(type);
    if (reinterpret_cast<std::uintptr_t>(bytes) % (type == torch::kFloat32 ? 4 : 2) == 0) {
        // The tensor keeps the mapping alive. Nothing writes to weights; the mapping would fault if one did.
        return at::from_blob(
            const_cast<std::byte*>(bytes), view.shape, [shard = found.shard](void*) { (void)shard; },
            options);
    }
    torch::Tensor tensor = at::empty(view.shape, options);
    std::memcpy(tensor.data_ptr(), bytes, view.data.size());
    return tensor;
}

torch::Tensor as_floats(const Found& found) {
    const TensorView& view = found.view;
    if (view.dtype == "F32") return as_stored(found);
    const auto* bytes = view.data.data();
    const torch::Tensor tensor = at::empty(view.shape, torch::TensorOptions().dtype(torch::kFloat32));
    auto* out = tensor.data_ptr<float>();
    const auto count = static_cast<std::size_t>(tensor.numel());
    if (view.dtype == "F16") {
        for (std::size_t i = 0; i < count; ++i)
            out[i] = half_to_float(load<std::uint16_t>(bytes + 2 * i));
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t bits = std::uint32_t{load<std::uint16_t>(bytes + 2 * i)} << 16U;
            std::memcpy(out + i, &bits, sizeof bits);
        }
    }
    return tensor;
}

// Which files hold the weights.
Result<std::vector<std::filesystem::path>> weight_files(const std::filesystem::path& directory) {
    const auto single = directory / "model.safetensors";
    if (std::filesystem::exists(single)) return std::vector{single};
    const auto index_file = directory / "model.safetensors.index.json";
    if (!std::filesystem::exists(index_file))
        return Error{.code = ErrorCode::not_found, .message = single.string() + ": no such file"};
    auto index = ConfigObject::read(index_file);
    if (!index) return index.error();
    std::set<std::filesystem::path> files;
    for (const std::string& name : index->object("weight_map").texts()) {
        const std::filesystem::path file(name);
        if (file.has_parent_path() || file.extension() != ".safetensors")
            return Error{.code = ErrorCode::corrupt,
                         .message = index_file.string() + ": names '" + name + "'"};
        files.insert(directory / file);
    }
    return std::vector(files.begin(), files.end());
}

}  // namespace

struct Weights::Index {
    Index() = default;
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;
    // The model has been made: what it packed or widened is not read again.
    ~Index() {
        for (const auto& shard : shards)
            shard->file.release_pages();
    }

    torch::Device device = torch::kCPU;
    std::string files;  // for messages
    std::vector<std::shared_ptr<const Shard>> shards;
    std::map<std::string, Found, std::less<>> tensors;
    Status status = ok_status();

    void refuse(const std::string& where, const std::string& tensor, const std::string& why) {
        if (!status.ok()) return;
        status = Error{.code = ErrorCode::corrupt, .message = where + ": tensor " + tensor + ": " + why};
    }

    // Null after a mistake.
    const Found* find(const std::string& name, const std::vector<std::int64_t>& shape) {
        const auto entry = tensors.find(name);
        if (entry == tensors.end()) {
            refuse(files, name, "missing");
            return nullptr;
        }
        const auto& [shard, view] = entry->second;
        if (view.shape != shape) {
            refuse(shard->path, name,
                   "has the shape " + shape_text(view.shape) + ", config.json asks for " + shape_text(shape));
            return nullptr;
        }
        if (!readable(view)) {
            refuse(shard->path, name, "is " + view.dtype + "; F32, F16 and BF16 are read");
            return nullptr;
        }
        return &entry->second;
    }
};

Result<Weights> Weights::open(const std::filesystem::path& directory, const torch::Device& device) {
    auto files = weight_files(directory);
    if (!files) return files.error();
    auto index = std::make_shared<Index>();
    index->device = device;
    for (const auto& path : *files) {
        auto file = MappedFile::open(path);
        if (!file) return file.error();
        auto tensors = SafeTensors::parse(file->bytes());
        if (!tensors) {
            return Error{.code = tensors.error().code,
                         .message = path.string() + ": " + tensors.error().message};
        }
        const auto shard =
            std::make_shared<const Shard>(Shard{path.string(), std::move(*file), std::move(*tensors)});
        index->shards.push_back(shard);
        index->files += (index->files.empty() ? "" : ", ") + path.string();
        for (const auto& [name, view] : shard->tensors.tensors()) {
            if (!index->tensors.emplace(name, Found{shard, view}).second)
                return Error{.code = ErrorCode::corrupt,
                             .message = path.string() + ": tensor " + name + " is in another file, too"};
        }
    }
    return Weights(std::move(index));
}

bool Weights::has(const std::string& name) const {
    return index_->tensors.contains(name);
}

torch::Tensor Weights::take(const std::string& name, std::vector<std::int64_t> shape) const {
    const Found* found = index_->find(name, shape);
    return found != nullptr ? as_floats(*found).to(index_->device) : torch::Tensor();
}

torch::Tensor Weights::table(const std::string& name, std::vector<std::int64_t> shape) const {
    const Found* found = index_->find(name, shape);
    return found != nullptr ? as_stored(*found).to(index_->device) : torch::Tensor();
}

torch::Tensor Weights::take_any(const std::vector<std::string>& names,
                                std::vector<std::int64_t> shape) const {
    const auto known =
        std::find_if(names.begin(), names.end(), [this](const auto& name) { return has(name); });
    return take(known != names.end() ? *known : names.front(), std::move(shape));
}

Status Weights::status() const {
    return index_->status;
}

}  // namespace bgm
