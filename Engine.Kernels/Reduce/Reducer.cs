using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>What a reduction carries from number to number: two floats and an index or a count, whatever the reducer makes of them.</summary>
public readonly record struct ReduceState(float A, float B, int I);

/// <summary>Sixteen <see cref="ReduceState"/>s side by side.</summary>
public readonly record struct ReduceVectors(Vector512<float> A, Vector512<float> B, Vector512<int> I);

/// <summary>A way to make one number of many, written once for every device.</summary>
/// <typeparam name="T">The result: float for Float32, int for Int32.</typeparam>
/// <remarks>The double form is the formula, and what the reference device runs. GPUs run the form of one state, the CPU that of sixteen, both
/// in a tree whose shape depends on the sizes alone.</remarks>
public interface IReducer<T> where T : unmanaged
{
    /// <summary>The reduction's name.</summary>
    static abstract string Name { get; }

    /// <summary>The result of all numbers, the defining formula.</summary>
    static abstract double Reference(ReadOnlySpan<double> x, double scale);

    /// <summary>The state of no numbers.</summary>
    static abstract ReduceState Start();

    /// <summary>One number more, the <paramref name="index"/>-th of its row.</summary>
    static abstract ReduceState Add(ReduceState s, float x, int index);

    /// <summary>Two states, of any numbers of the same row, into one.</summary>
    static abstract ReduceState Merge(ReduceState s, ReduceState t);

    /// <summary>The result.</summary>
    static abstract T Finish(ReduceState s, float scale);

    /// <summary>Sixteen states of no numbers.</summary>
    static abstract ReduceVectors StartVectors();

    /// <summary>One number more for each state.</summary>
    static abstract ReduceVectors Add(ReduceVectors s, Vector512<float> x, Vector512<int> index);

    /// <summary>Two states into one, sixteen times.</summary>
    static abstract ReduceVectors Merge(ReduceVectors s, ReduceVectors t);

    /// <summary>Sixteen results.</summary>
    static abstract Vector512<T> Finish(ReduceVectors s, float scale);
}
