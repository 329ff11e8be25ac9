using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A vector for each token id, learned: rows of a table, looked up.</summary>
/// <remarks>Parameter: weight (count, size), as PyTorch and Keras store it. Takes Int32 ids of any shape and gives the shape of the ids, then size.</remarks>
public sealed class Embedding : Layer
{
    private readonly Parameter weight;
    private readonly double? maxNorm;
    private readonly bool sparse;

    /// <summary>A layer with vectors newly drawn.</summary>
    /// <param name="count">How many ids there are, 0..count − 1.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="paddingIndex">The id of padding, whose vector is zeros at first and gets no gradient; negative ones count from the end.</param>
    /// <param name="maxNorm">The greatest length of a vector: longer ones are scaled down as they are looked up. A training pass writes them back
    /// into the table, as PyTorch does; a pass at inference, or of a frozen table, leaves it alone. The padding's vector stays as it is.</param>
    /// <param name="init">Draws the vectors: normal of deviation 1 if left out, as in PyTorch; <c>Init.Uniform(-0.05, 0.05)</c> is Keras' way.</param>
    /// <param name="sparse">Keep the gradient as the rows looked up, so that a step costs as much as there are of these and not as the table is
    /// large. <see cref="Optimizer"/> says which optimizers do the same then as without.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, there is no such padding index, or the greatest length is not positive.</exception>
    public Embedding(int count, int size, Rng rng, int? paddingIndex = null, double? maxNorm = null, Init? init = null, bool sparse = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        (PaddingIndex, this.maxNorm, this.sparse) = (Padding(count, paddingIndex), Positive(maxNorm), sparse);
        weight = NewParameter("weight", [count, size], init ?? Init.Normal(), rng);
        if (PaddingIndex is { } padding)
            InPlace.SetRows(weight, Tensor.From([padding], [1], weight.Value.Device), Tensor.Zeros([1, size], weight.Value.Device));
    }

    private Embedding(Tensor vectors, bool frozen, int? paddingIndex, double? maxNorm, bool sparse)
    {
        if (vectors.Rank != 2 || vectors.Count == 0) throw new ShapeException($"Embedding: the vectors {vectors.Describe()} must be (count, size), a row for each id.");
        (PaddingIndex, this.maxNorm, this.sparse) = (Padding(vectors.Shape[0], paddingIndex), Positive(maxNorm), sparse);
        using (NoGrad.Begin()) weight = NewParameter("weight", vectors.Clone());
        weight.Trainable = !frozen;
    }

    /// <summary>A layer of vectors that are there already, read from a file for instance.</summary>
    /// <param name="vectors">Float32, (count, size); copied.</param>
    /// <param name="frozen">Whether training leaves them as they are; those over <paramref name="maxNorm"/> are scaled down as they are looked up.</param>
    /// <param name="paddingIndex">The id of padding, whose vector gets no gradient and stays as given; negative ones count from the end.</param>
    /// <param name="maxNorm">The greatest length of a vector.</param>
    /// <param name="sparse">Keep the gradient as the rows looked up.</param>
    /// <exception cref="ShapeException">The vectors are not (count, size), or there are none.</exception>
    /// <exception cref="DTypeException">They are not Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such padding index, or the greatest length is not positive.</exception>
    public static Embedding FromPretrained(Tensor vectors, bool frozen = true, int? paddingIndex = null, double? maxNorm = null, bool sparse = false)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        return new Embedding(vectors, frozen, paddingIndex, maxNorm, sparse);
    }

    /// <summary>How many ids there are.</summary>
    public int Count => weight.Shape[0];

    /// <summary>Numbers of a vector.</summary>
    public int Size => weight.Shape[1];

    /// <summary>The id of padding, from 0 on; null for none.</summary>
    public int? PaddingIndex { get; }

    /// <inheritdoc/>
    protected override string Settings
        => FormattableString.Invariant($"{Count} -> {Size}{(PaddingIndex is { } padding ? $", padding={padding}" : "")}{(maxNorm is { } most ? $", maxNorm={most}" : "")}{(sparse ? ", sparse" : "")}");

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.DType != DType.Int32) throw new DTypeException($"the token ids {x.Shape} are {x.DType}, and must be Int32. Give ids as integers, or Cast them.");
        try
        {
            bool inPlace = pass.Training && ShortensInTraining;
            if (inPlace) ShortenInPlace(x);
            var y = weight.Value.GatherRows(x, PaddingIndex, sparse);
            return maxNorm is null || inPlace ? y : Shortened(y, x);
        }
        catch (IndexException) when (PastTheVocabulary(x) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Whether a pass in training changes the table.</summary>
    internal bool ShortensInTraining => maxNorm is not null && weight.Trainable;

    private void ShortenInPlace(Tensor ids)
    {
        using var noGrad = NoGrad.Begin();
        using var scope = ids.Device.Scope(nameof(Embedding));
        int[] touched = [.. ids.ToArray<int>().Distinct()];
        var rows = Tensor.From(touched, [touched.Length], ids.Device);
        InPlace.SetRows(weight, rows, Shortened(weight.Value.GatherRows(rows), rows));
    }

    // x · most / (‖x‖ + 10⁻⁷) where ‖x‖ is over the most, as PyTorch has it
    private Tensor Shortened(Tensor x, Tensor ids)
    {
        Tensor norm = x.Norm(2, [-1], keepDims: true), one = Tensor.Ones([], x.Device);
        if (PaddingIndex is { } padding) norm *= ids.Cast(DType.Float32).NotEqual(Tensor.Scalar(padding, x.Device)).Cast(DType.Float32).Unsqueeze(-1);
        return x * Tensor.Where(norm.Greater(Tensor.Scalar(maxNorm!.Value, x.Device)), maxNorm.Value / (norm + 1e-7), one);
    }

    /// <summary>The error for the first id that is none of this layer's; null if all are.</summary>
    private IndexException? PastTheVocabulary(Tensor ids)
    {
        int[] all = ids.ToArray<int>();
        int at = Array.FindIndex(all, id => (uint)id >= (uint)Count);
        if (at < 0) return null;
        string where = ids.Rank == 2 ? $"example {at / ids.Shape[1]}, position {at % ids.Shape[1]}" : $"position {at} of {ids.Shape}";
        return new IndexException($"the token id {all[at]} of {where} is past the vocabulary: ids are 0..{Count - 1}. Give words that the vocabulary lacks its unknown index, or the layer a larger count.");
    }

    private static int? Padding(int count, int? given)
    {
        if (given < -count || given >= count) throw new ArgumentOutOfRangeException("paddingIndex", given, $"It is one of the ids 0..{count - 1}, or counts from the end.");
        return given < 0 ? given + count : given;
    }

    private static double? Positive(double? maxNorm)
        => maxNorm is { } most && !(most > 0) ? throw new ArgumentOutOfRangeException(nameof(maxNorm), most, "It is positive.") : maxNorm;
}
