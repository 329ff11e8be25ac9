namespace Engine.Kernels;

/// <summary>The sizes of a connectionist temporal classification.</summary>
/// <param name="N">Examples.</param>
/// <param name="T">Steps of the longest input.</param>
/// <param name="C">Classes, the blank among them.</param>
/// <param name="S">Labels of the longest target.</param>
/// <param name="Blank">The class that means no label.</param>
public readonly record struct CtcSizes(int N, int T, int C, int S, int Blank)
{
    /// <summary>States of the longest target: its labels, and a blank before, between and after them.</summary>
    public int States => 2 * S + 1;

    /// <summary>Integers that say an example's target: the steps of its input, the number of its labels, then these.</summary>
    public int TargetLength => S + 2;

    internal int Logits => checked(N * T * C);

    internal int Alphas => checked(N * T * (2 * S + 1));
}
