using System.Runtime.CompilerServices;
using ILGPU;

namespace Engine.Kernels;

/// <summary>What an attention reads, for a kernel. Without flags, numbers or lengths the views of these are others, and not read.</summary>
internal readonly struct AttentionViews(ArrayView<float> q, ArrayView<float> k, ArrayView<float> v, ArrayView<byte> flags, ArrayView<float> numbers, ArrayView<int> lengths)
{
    public readonly ArrayView<float> Q = q, K = k, V = v, Numbers = numbers;
    public readonly ArrayView<byte> Flags = flags;
    public readonly ArrayView<int> Lengths = lengths;
}

/// <summary>The sizes of an attention, and where its matrices lie.</summary>
internal struct AttentionArguments
{
    public HeadStrides Q, K, V, Y, Mask;
    public int Heads, KeyHeads, T, S, D, E, Causal, Past, HasFlags, HasNumbers, HasLengths;
    public float Scale, Kept;
    public uint Least;
    public ulong Key, Block;

    public AttentionArguments(AttentionInputs x, Matrices y, AttentionSizes z)
    {
        (Q, K, V, Y, Mask) = (new(x.Queries), new(x.Keys), new(x.Values), new(y), new(x.Mask ?? default));
        (Heads, KeyHeads, T, S, D, E) = (z.Heads, z.KeyHeads, z.T, z.S, z.D, z.E);
        (Causal, Past) = (z.Causal ? 1 : 0, z.Past);
        HasFlags = x.Mask is { } flags && flags.Data.DType == DType.UInt8 ? 1 : 0;
        HasNumbers = x.Mask is not null && HasFlags == 0 ? 1 : 0;
        HasLengths = x.Lengths is not null ? 1 : 0;
        (Scale, Kept, Least, Key, Block) = ((float)z.Scale, (float)z.Kept, z.Least, z.Key, z.Position >> 2);
    }

    public readonly int Group => Heads / KeyHeads;

    public static int Keys(AttentionViews x, AttentionArguments z, int b) => z.HasLengths != 0 ? x.Lengths[b] : z.S;

    /// <summary>scale·s + mask where query i sees key j, else −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(AttentionViews x, AttentionArguments z, int b, int h, int i, int j, int keys, float s)
    {
        float y = float.NegativeInfinity;
        if (i >= z.T || j >= keys || (z.Causal != 0 && j > z.Past + i)) return y;
        if (z.HasFlags != 0 && x.Flags[z.Mask.At(b, h, i) + j] == 0) return y;
        s *= z.Scale;
        if (z.HasNumbers == 0) return s;
        float added = x.Numbers[z.Mask.At(b, h, i) + j];
        if (added != float.NegativeInfinity) y = s + added;         // −∞ hides, whatever the score
        return y;
    }

    /// <summary>r_ij: 0 or 1/(1 − rate).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Drawn(AttentionArguments z, int b, int h, int i, int j)
    {
        ulong block = z.Block + ((ulong)(b * z.Heads + h) * (ulong)z.T + (ulong)i) * (ulong)((z.S + 3) / 4) + (ulong)(j / 4);
        Philox.Block(z.Key, block, out uint x0, out uint x1, out uint x2, out uint x3);
        int lane = j % 4;
        uint word = lane == 0 ? x0 : lane == 1 ? x1 : lane == 2 ? x2 : x3;
        float kept = 0f;
        if (word >> 8 >= z.Least) kept = z.Kept;
        return kept;
    }
}

/// <summary>Where the rows of matrices lie.</summary>
internal readonly record struct HeadStrides(int Row, int Batch, int Head)
{
    public HeadStrides(Matrices m) : this(m.RowStride, m.BatchStride, m.HeadStride) { }

    public int At(int b, int h, int i) => b * Batch + h * Head + i * Row;
}
