namespace Engine.Kernels;

/// <summary>What a reduction carries from number to number: two sums and a count or an index, whatever the reducer makes of them.</summary>
public readonly record struct ReduceState(float A, float B, int I);

/// <summary>A way to make one number of many, written once for every device.</summary>
/// <remarks>The double form is the formula, and what the reference device runs. The state forms run on the CPU and on GPUs, in a tree whose
/// shape depends on the sizes alone.</remarks>
public interface IReducer
{
    /// <summary>The reduction's name.</summary>
    static abstract string Name { get; }

    /// <summary>The result of all numbers, the defining formula.</summary>
    static abstract double Reference(ReadOnlySpan<double> x);

    /// <summary>The state of no numbers.</summary>
    static abstract ReduceState Start();

    /// <summary>One number more, the <paramref name="index"/>-th of its row.</summary>
    static abstract ReduceState Add(ReduceState s, float x, int index);

    /// <summary>Two states into one; <paramref name="t"/> saw the later numbers.</summary>
    static abstract ReduceState Merge(ReduceState s, ReduceState t);

    /// <summary>The result of <paramref name="n"/> numbers.</summary>
    static abstract float Finish(ReduceState s, int n);
}

/// <summary>x is (Outer, N, Inner), row-major, and the result (Outer, Inner).</summary>
public readonly record struct ReduceSizes(int Outer, int N, int Inner)
{
    /// <summary>How many results.</summary>
    public int Count => Outer * Inner;
}

public abstract partial class Device
{
    /// <summary>y[o, i] = R over n of x[o, n, i].</summary>
    /// <param name="x">Float32, (Outer, N, Inner).</param>
    /// <param name="y">Float32, (Outer, Inner).</param>
    /// <param name="sizes">The three sizes.</param>
    public void Reduce<R>(View x, View y, ReduceSizes sizes) where R : struct, IReducer
    {
        Check(x, DType.Float32, sizes.Count * sizes.N);
        Check(y, DType.Float32, sizes.Count);
        if (y.Length > 0) ReduceCore<R>(x, y, sizes);
        Done(R.Name, x, y);
    }

    private protected abstract void ReduceCore<R>(View x, View y, ReduceSizes sizes) where R : struct, IReducer;
}
