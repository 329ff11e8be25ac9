using System.Globalization;
using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Scaled dot-product attention: for each head, y_i = Σ_j p_ij v_j with p_i = softmax_j(scale·q_i·k_j + mask_ij) over the keys that query i sees.
    /// One kernel, and the T×S weights are never in memory: heads are cut by strides. For more than
    /// four queries the processor packs keys and values first.</summary>
    /// <param name="keys">(B, S, G·D), on this tensor's device. This tensor holds the queries, (B, T, H·D).</param>
    /// <param name="values">(B, S, G·E).</param>
    /// <param name="heads">H, heads of the queries.</param>
    /// <param name="options">G, causality, lengths of the keys, scale, dropout; every key is seen unless given.</param>
    /// <param name="mask">(B or 1, H or 1, T or 1, S), axes of 1 in front left out or not: UInt8, not 0 where the query sees the key; or Float32, added to the
    /// scores, where −∞ hides. A key must be seen by all that hides keys: mask, causality and lengths.</param>
    /// <returns>(B, T, H·E). Of a query that sees no key it is 0, and so are its gradients.</returns>
    /// <exception cref="ShapeException">The shapes disagree with one another or with the heads.</exception>
    /// <exception cref="DTypeException">Queries, keys or values are not Float32, or the mask is neither UInt8 nor Float32.</exception>
    /// <exception cref="SequenceException">A length is not in 0..S.</exception>
    /// <exception cref="ArgumentException">The options contradict one another.</exception>
    /// <exception cref="GraphException">A gradient of the mask is wanted.</exception>
    /// <remarks>Gradients of queries, keys and values: the weights are computed again from each row's largest score and sum, which forward keeps; dropout is drawn
    /// again. Memory grows with T + S, not with their product. A NaN in a value reaches every query that is computed beside one that sees it. Source: Vaswani et
    /// al. 2017, arXiv:1706.03762; Dao et al. 2022, "FlashAttention", arXiv:2205.14135.</remarks>
    public Tensor Attention(Tensor keys, Tensor values, int heads, AttentionOptions? options = null, Tensor? mask = null)
        => Op.Apply(new AttentionOp("Attention", heads, options ?? new()), this, keys, values, mask);

    /// <summary><see cref="Attention"/> of a tensor's rows to one another, where one product has made queries, keys and values: they lie side by side, and
    /// are not split into tensors of their own.</summary>
    /// <param name="heads">H. This tensor is (B, T, (H + 2G)·D): the queries of all heads, then the keys, then the values.</param>
    /// <param name="options">As of <see cref="Attention"/>.</param>
    /// <param name="mask">As of <see cref="Attention"/>, with S = T.</param>
    /// <returns>(B, T, H·D).</returns>
    /// <inheritdoc cref="Attention" path="/exception|/remarks"/>
    public Tensor SelfAttention(int heads, AttentionOptions? options = null, Tensor? mask = null)
        => Op.Apply(new AttentionOp("SelfAttention", heads, options ?? new()), this, mask);
}

/// <summary>Attention of queries to keys, which are three inputs, or for SelfAttention one.</summary>
internal sealed class AttentionOp(string name, int heads, AttentionOptions options) : Op
{
    private AttentionSizes sizes;
    private bool fused;
    private int[]? lengths;                                         // its own: backward reads them again

    public override string Name => name;

    public override string Attributes
        => $"heads={heads}{(options.KeyHeads is { } g ? $", keyHeads={g}" : "")}{(options.Causal ? ", causal" : "")}"
         + $"{(options.Dropout > 0 ? $", dropout={options.Dropout.ToString(CultureInfo.InvariantCulture)}" : "")}";

    public override long Flops => sizes.Flops;

    private int KeyHeads => options.KeyHeads ?? heads;

    public override Tensor Forward()
    {
        fused = Inputs.Count == 2;
        lengths = (int[]?)options.KeyLengths?.Clone();
        sizes = Sizes();
        Tensor q = Input(0), k = fused ? q : Input(1), v = fused ? q : Input(2);
        var mask = OptionalInput(fused ? 1 : 3);
        var y = NewTensor([sizes.Batch, sizes.T, heads * sizes.E]);
        var softmax = NewTensor([sizes.Batch, heads, sizes.T, 2]);
        y.Device.AttentionForward(Read(q, k, v, mask), Results(y), softmax.View, sizes);
        Save(y);
        Save(softmax, owned: true);
        Save(q);
        if (!fused)
        {
            Save(k);
            Save(v);
        }
        if (mask is not null) Save(mask);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor y = Saved(0), q = Saved(2), k = fused ? q : Saved(3), v = fused ? q : Saved(4);
        var mask = Inputs[^1].IsGiven ? Saved(fused ? 3 : 5) : null;
        Tensor dq = New(q), dk = fused ? dq : New(k), dv = fused ? dq : New(v);
        var gradients = Read(dq, dk, dv, null);
        y.Device.AttentionBackward(Read(q, k, v, mask), Results(y), Saved(1).View, Results(dy), gradients.Queries, gradients.Keys, gradients.Values, sizes);
        return fused ? [dq, null] : [dq, dk, dv, null];

        Tensor New(Tensor like) => Tensor.Empty(like.Shape, like.Device, op: Name);
    }

    /// <summary>Queries, keys and values, or their gradients, cut into heads.</summary>
    private AttentionInputs Read(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        int d = sizes.D, e = sizes.E, g = KeyHeads;
        return fused
            ? new(Heads(q, sizes.T, 0, d), Heads(k, sizes.T, heads * d, d), Heads(v, sizes.T, (heads + g) * d, d), Mask(mask), lengths)
            : new(Heads(q, sizes.T, 0, d), Heads(k, sizes.S, 0, d), Heads(v, sizes.S, 0, e), Mask(mask), lengths);
    }

    private Matrices Results(Tensor y) => Heads(y, sizes.T, 0, sizes.E);

    private static Matrices Heads(Tensor x, int rows, int first, int size)
        => new(x.Count == 0 ? x.View : x.View.Slice(first, x.Count - first), x.Shape[-1], 1, rows * x.Shape[-1], size);

    private Matrices? Mask(Tensor? mask)
    {
        if (mask is null) return null;
        var shape = Broadcast(mask);
        int t = shape[2] == 1 ? 0 : sizes.S, h = shape[1] == 1 ? 0 : shape[2] * sizes.S, b = shape[0] == 1 ? 0 : shape[1] * shape[2] * sizes.S;
        return new Matrices(mask.View, t, 1, b, h);
    }

    /// <summary>The mask's shape with four axes.</summary>
    private static Shape Broadcast(Tensor mask) => new([.. Enumerable.Repeat(1, 4 - mask.Rank), .. mask.Shape.Sizes]);

    private AttentionSizes Sizes()
    {
        var q = Input(0);
        RequireFloats(q, fused ? "the input" : "the queries");
        if (heads < 1) throw new ArgumentOutOfRangeException(nameof(heads), heads, $"{Name}: there is at least one head.");
        int g = KeyHeads;
        if (g < 1 || heads % g != 0) throw new ArgumentException($"{Name}: {heads} query heads are no multiple of {g} key heads. Choose KeyHeads among the divisors of {heads}.");
        if (q.Rank != 3) throw new ShapeException($"{Name}: {q.Describe()} must have 3 axes, (batch, queries, heads·size). Reshape a single sequence to (1, T, …).");
        int b = q.Shape[0], t = q.Shape[1], s = t, d = Cut(q, fused ? heads + 2 * g : heads), e = d;
        if (!fused)
        {
            Tensor k = Input(1), v = Input(2);
            RequireFloats(k, "the keys");
            RequireFloats(v, "the values");
            if (k.Rank != 3 || k.Shape[0] != b || k.Shape[2] != g * d)
                throw new ShapeException($"Attention: the keys {k.Describe()} must be ({b}, S, {g * d}) for the queries {q.Describe()} of {heads} heads of {d}, and {g} key heads.{(k.Rank == 3 && k.Shape[2] != g * d ? " Set KeyHeads where keys have fewer heads." : "")}");
            s = k.Shape[1];
            if (v.Rank != 3 || v.Shape[0] != b || v.Shape[1] != s)
                throw new ShapeException($"Attention: the values {v.Describe()} must be ({b}, {s}, {g}·E), a row for each of the keys {k.Describe()}.");
            e = Cut(v, g);
        }
        RequireMask(OptionalInput(fused ? 1 : 3), [b, heads, t, s]);
        if (options.Past is { } past)
        {
            if (!options.Causal) throw new ArgumentException($"{Name}: Past is where causal queries begin. Set Causal, or leave Past out.");
            if (past < 0 || past > s - t) throw new ArgumentException($"{Name}: {t} queries from position {past} on do not lie within {s} keys. Past is in 0..{s - t}: keys of the queries themselves are among the keys.");
        }
        if (lengths is not null)
        {
            if (lengths.Length != b) throw new ShapeException($"{Name}: {lengths.Length} key lengths for a batch of {b}. Give one a sequence.");
            for (int i = 0; i < b; i++)
                if ((uint)lengths[i] > (uint)s) throw new SequenceException($"{Name}: sequence {i} is said to have {lengths[i]} keys. Lengths go from 0 to {s}.", i);
        }
        var found = new AttentionSizes(b, heads, g, t, s, d, e) { Scale = options.Scale ?? 1 / Math.Sqrt(d), Causal = options.Causal, Past = options.Past ?? s - t };
        if (!double.IsFinite(found.Scale)) throw new ArgumentException($"{Name}: the scale is {found.Scale}, and must be finite.");
        if (options.Dropout == 0) return found;
        if (!(options.Dropout > 0 && options.Dropout < 1)) throw new ArgumentException($"{Name}: the share dropped, {options.Dropout}, must lie in [0, 1).");
        if (options.Rng is not { } rng) throw new ArgumentException($"{Name}: dropout draws from Rng, which is not set.");
        return found with { Dropout = options.Dropout, Key = rng.Seed, Position = rng.Take(found.Words) };
    }

    private int Cut(Tensor x, int parts)
    {
        int width = x.Shape[2];
        return width > 0 && width % parts == 0
            ? width / parts
            : throw new ShapeException($"{Name}: the last axis of {x.Describe()}, {width}, is no multiple of {parts}{(fused ? $", {heads} heads of queries and twice {KeyHeads} of keys and values" : " heads")}.");
    }

    private void RequireMask(Tensor? mask, Shape whole)
    {
        if (mask is null) return;
        if (mask.DType is not (DType.UInt8 or DType.Float32))
            throw new DTypeException($"{Name}: the mask {mask.Describe()} is {mask.DType}, and must be UInt8, 1 where a key is seen, or Float32, added to the scores. Cast it.");
        if (mask.RequiresGrad) throw new GraphException($"{Name}: the mask {mask.Describe()} asks for a gradient, and attention has none for it. Detach() it.");
        bool fits = mask.Rank is >= 1 and <= 4;
        if (fits)
        {
            var shape = Broadcast(mask);
            fits = shape[3] == whole[3] && Enumerable.Range(0, 3).All(i => shape[i] == 1 || shape[i] == whole[i]);
        }
        if (!fits)
            throw new ShapeException($"{Name}: the mask {mask.Describe()} must be {whole}, (batch, heads, queries, keys), where each axis but the last may be 1. Reshape lengths' flags (B, S) to (B, 1, 1, S), or set KeyLengths.");
    }

    private void RequireFloats(Tensor given, string what)
    {
        if (given.DType != DType.Float32) throw new DTypeException($"{Name}: {what}, {given.Describe()}, is {given.DType}, and must be Float32. Cast it.");
    }
}
