using Engine.Kernels;

namespace Engine.Peers;

/// <summary>Something that both libraries do, with the same shapes and numbers.</summary>
/// <param name="Name">What --filter looks at.</param>
/// <param name="Group">What it is one of.</param>
/// <param name="Flops">Multiplications and additions that the formula takes; 0 for functions bound by memory.</param>
/// <param name="Bytes">What must be read and written at least once: inputs, weights and results; for a step of training the weights' gradients and Adam's state
/// too. What lies between two layers does not count, since it could stay in a cache.</param>
/// <param name="Engine">Makes the engine's form.</param>
/// <param name="Libtorch">Makes libtorch's form, as a competent user of TorchSharp would write it.</param>
internal sealed record Workload(string Name, Group Group, double Flops, double Bytes, Func<CpuDevice, Prepared> Engine, Func<Prepared> Libtorch)
{
    /// <summary>How far results may be apart, relative to the largest number in libtorch's.</summary>
    public double Tolerance { get; init; } = 1e-4;
}

/// <summary>A library's form of a workload, its tensors made.</summary>
/// <param name="Run">What is timed.</param>
/// <param name="Results">What is compared; called on a fresh form alone.</param>
internal sealed record Prepared(Action Run, Func<float[][]> Results);
