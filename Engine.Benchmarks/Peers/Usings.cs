// Both libraries have tensors and devices: here the engine's are Tensor and Device, and libtorch's tensor is Torch.
global using Device = Engine.Kernels.Device;
global using Tensor = Engine.Core.Tensor;
global using Torch = TorchSharp.torch.Tensor;
