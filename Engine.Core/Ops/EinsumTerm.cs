namespace Engine.Core;

/// <summary>A tensor whose axes have labels.</summary>
internal sealed record EinsumTerm(Tensor X, int[] Labels)
{
    /// <summary>The diagonal of each label that comes again.</summary>
    public EinsumTerm WithoutRepeats()
    {
        var term = this;
        while (true)
        {
            int[] labels = term.Labels;
            int first = Array.FindIndex(labels, label => Array.IndexOf(labels, label) != Array.LastIndexOf(labels, label));
            if (first < 0) return term;
            int last = Array.LastIndexOf(labels, labels[first]);
            term = new EinsumTerm(term.X.Diagonal(0, first, last), [.. labels.Where((_, axis) => axis != first && axis != last), labels[first]]);
        }
    }

    /// <summary>Without the axes of size 1 that another tensor has longer: that one is repeated by itself.</summary>
    public EinsumTerm WithoutOnes(Dictionary<int, int> sizes)
    {
        int[] kept = [.. Enumerable.Range(0, Labels.Length).Where(axis => X.Shape.Sizes[axis] == sizes[Labels[axis]])];
        if (kept.Length == Labels.Length) return this;
        return new EinsumTerm(X.Reshape(Sizes(kept)), [.. kept.Select(axis => Labels[axis])]);
    }

    /// <summary>Summed over every label that is not to be kept.</summary>
    public EinsumTerm SumTo(HashSet<int> kept)
    {
        int[] gone = [.. Enumerable.Range(0, Labels.Length).Where(axis => !kept.Contains(Labels[axis]))];
        return gone.Length == 0 ? this : new EinsumTerm(X.Sum(gone), [.. Labels.Where(kept.Contains)]);
    }

    /// <summary>The product, summed over the labels of both that are not to be kept.</summary>
    public EinsumTerm Times(EinsumTerm other, HashSet<int> kept)
    {
        int[] both = [.. Labels.Intersect(other.Labels)], batch = [.. both.Where(kept.Contains)], inner = [.. both.Except(batch)];
        int[] left = [.. Labels.Except(both)], right = [.. other.Labels.Except(both)];
        int[] labels = [.. batch, .. left, .. right];
        int[] shape = [.. SizesOf(batch), .. SizesOf(left), .. other.SizesOf(right)];
        if (inner.Length == 0)
        {
            Tensor a = Ordered([.. batch, .. left]), b = other.Ordered([.. batch, .. right]);
            return new(a.Reshape([.. SizesOf(batch), .. SizesOf(left), .. Ones(right)]) * b.Reshape([.. SizesOf(batch), .. Ones(left), .. other.SizesOf(right)]), labels);
        }
        var (x, xTurned) = Matrices(batch, left, inner);
        var (y, yTurned) = other.Matrices(batch, inner, right);
        return new(x.MatMul(y, transposeThis: xTurned, transposeOther: yTurned).Reshape(shape), labels);
    }

    /// <summary>The axes in an order.</summary>
    public Tensor Ordered(int[] labels)
        => Labels.SequenceEqual(labels) ? X : X.Permute([.. labels.Select(label => Array.IndexOf(Labels, label))]);

    /// <summary>A batch of matrices, or one where there is no batch; turned where that saves a copy.</summary>
    private (Tensor Matrices, bool Turned) Matrices(int[] batch, int[] rows, int[] columns)
    {
        bool turned = Labels.SequenceEqual([.. batch, .. columns, .. rows]) && !Labels.SequenceEqual([.. batch, .. rows, .. columns]);
        var x = turned ? X : Ordered([.. batch, .. rows, .. columns]);
        int height = SizesOf(rows).Aggregate(1, (a, b) => a * b), width = SizesOf(columns).Aggregate(1, (a, b) => a * b);
        if (turned) (height, width) = (width, height);
        int[] leading = batch.Length == 0 ? [] : [SizesOf(batch).Aggregate(1, (a, b) => a * b)];
        return (x.Reshape([.. leading, height, width]), turned);
    }

    private int[] Sizes(int[] axes) => [.. axes.Select(axis => X.Shape.Sizes[axis])];

    private IEnumerable<int> SizesOf(int[] labels)
    {
        foreach (int label in labels) yield return X.Shape.Sizes[Array.IndexOf(Labels, label)];
    }

    private static IEnumerable<int> Ones(int[] labels) => labels.Select(_ => 1);
}
